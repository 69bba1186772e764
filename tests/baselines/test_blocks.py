"""What is computed in blocks is what is computed whole, and no second matrix of the data's size is made."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scanpy
from anndata import AnnData
from numpy.typing import NDArray

from clrna.baselines import gene_blocks as blocks_module
from clrna.baselines.adjusted import Adjusted
from clrna.baselines.combat import combat, fit_combat
from clrna.baselines.compute import compute_baselines
from clrna.baselines.principal_components import pca
from clrna.baselines.standardized import fit_standardized, standardize_by_study


def _studies_of(n_samples: int, n_genes: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray]:
    rng = np.random.default_rng(seed)
    studies = rng.permutation(np.repeat(["A", "B", "C"], [n_samples // 2, n_samples // 3, n_samples])[:n_samples])
    shift = {name: rng.normal(0, 1, n_genes) for name in "ABC"}
    stretch = {name: rng.uniform(0.5, 2.0, n_genes) for name in "ABC"}
    noise = rng.normal(0, 1, (n_samples, n_genes))
    values = np.array([5 + shift[name] + stretch[name] * row for name, row in zip(studies, noise, strict=True)])
    return values.astype(np.float32), studies


@pytest.mark.parametrize("genes_at_a_time", [7, 1000])
@pytest.mark.parametrize("with_covariates", [False, True])
def test_combat_in_blocks_is_scanpys(monkeypatch, genes_at_a_time, with_covariates):
    values, studies = _studies_of(90, 61)
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"age": rng.normal(60, 10, 90), "sex": rng.integers(0, 2, 90).astype(float)})
    values += np.outer(table["sex"], rng.normal(0, 1, 61)).astype(np.float32)
    monkeypatch.setattr(blocks_module, "_VALUES_IN_MEMORY", 90 * genes_at_a_time)
    ours = fit_combat(values, studies, table if with_covariates else None)[slice(None)]
    obs = table.assign(batch=pd.Categorical(studies)).set_index(pd.Index([str(i) for i in range(90)]))
    adata = AnnData(values.astype(np.float64), obs=obs)
    theirs = scanpy.pp.combat(adata, key="batch", covariates=list(table) if with_covariates else None, inplace=False)
    assert np.abs(ours - theirs).max() < 1e-6
    assert np.abs(values - theirs).mean() > 0.3


def test_adjusted_rows_are_those_of_the_whole():
    values, studies = _studies_of(50, 20)
    adjusted = fit_standardized(values, studies)
    np.testing.assert_array_equal(adjusted[slice(7, 19)].astype(np.float32), adjusted.whole()[7:19])
    for study in "ABC":
        own = values[studies == study].astype(np.float64)
        expected = (own - own.mean(axis=0)) / own.std(axis=0)
        np.testing.assert_allclose(adjusted.whole()[studies == study], expected, atol=1e-5)


def test_components_of_adjusted_values_are_those_of_the_matrix():
    values, studies = _studies_of(60, 30)
    np.testing.assert_allclose(pca(fit_combat(values, studies), 10), pca(combat(values, studies), 10), atol=1e-4)
    np.testing.assert_allclose(
        pca(fit_standardized(values, studies), 10), pca(standardize_by_study(values, studies), 10), atol=1e-4
    )


def test_components_that_do_not_vary_are_0():
    values = np.random.default_rng(0).normal(size=(12, 3)) @ np.random.default_rng(1).normal(size=(3, 40))
    scores = pca(values, 8)
    assert scores.shape == (12, 8)
    assert (np.abs(scores[:, :3]).max(axis=0) > 0.1).all()
    assert (scores[:, 3:] == 0).all()


def _peak_of(function: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_copy_of_the_expression_is_made(monkeypatch):
    values, studies = _studies_of(6000, 2500)
    monkeypatch.setattr(blocks_module, "_VALUES_IN_MEMORY", 600_000)
    methods, none = ["pca", "combat", "standardized"], pd.DataFrame(index=range(len(values)))
    peak = _peak_of(lambda: compute_baselines(values, studies, none, methods, 20, 0))
    assert peak < 1.5 * values.nbytes
    # The correction on its own is a few numbers a gene and study, and the design.
    assert _peak_of(lambda: fit_combat(values, studies)) < 0.5 * values.nbytes


def test_the_expression_is_gone_through_once_to_fit():
    values, studies = _studies_of(80, 40)
    seen: list[int] = []

    class Counting(np.ndarray):
        def __getitem__(self, key: Any) -> Any:
            if isinstance(key, tuple):
                seen.append(key[1].stop - key[1].start)
            return super().__getitem__(key)

    assert isinstance(fit_combat(values.view(Counting), studies), Adjusted)
    assert sum(seen) == 40
