"""What scoring takes: searches for neighbours, components and copies, counted."""

import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

from clrna.cli import score
from clrna.io import h5ad
from clrna.score import mixing, view
from clrna.score.expression import expression_reader
from clrna.simulate import simulate


@pytest.fixture
def scored(tmp_path) -> Path:
    adata = simulate(n_tissues=3, n_studies=3, n_genes=400, samples_per=8)
    adata.obs["split"] = "train"
    rng = np.random.default_rng(0)
    for key in ("X_one", "X_two"):
        adata.obsm[key] = (np.asarray(adata.X) @ rng.normal(size=(400, 6))).astype(np.float32)
    h5ad.write_h5ad(adata, tmp_path / "in.h5ad")
    return tmp_path


def _counting(monkeypatch, module, name):
    calls = []
    real = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *words, **more: calls.append(1) or real(*words, **more))
    return calls


def test_metrics_share_their_neighbours_and_parts_their_samples(scored, monkeypatch):
    searches = _counting(monkeypatch, view, "nearest_neighbors")
    components = _counting(monkeypatch, mixing, "pca")
    words = ["--metrics", "knn_accuracy,knn_f1,study_predictability,ilisi,clisi,pcr", "--bootstrap", "0"]
    assert score.main([str(scored / "in.h5ad"), "-o", str(scored / "s.tsv"), *words]) == 0
    # One search with and one without samples of the own donor, of each embedding: the parts hold the same samples.
    assert len(searches) == 2 * 2
    assert len(components) == 1


def test_expression_is_the_same_from_disk_and_from_memory(scored):
    whole = h5ad.read_h5ad(scored / "in.h5ad")
    light = whole.copy()
    del light.X
    rows = np.array([70, 3, 4, 41])
    read = expression_reader(light, [scored / "in.h5ad"], "study", scored)
    np.testing.assert_array_equal(read(rows), np.asarray(whole.X)[rows])
    np.testing.assert_array_equal(expression_reader(whole, [], "study", scored)(rows), np.asarray(whole.X)[rows])


def test_only_sampled_rows_of_the_expression_are_held(scored):
    big = scored / "big.h5ad"
    adata = simulate(n_tissues=2, n_studies=2, n_genes=1500, samples_per=700)
    del adata.uns
    h5ad.write_h5ad(adata, big)
    with h5py.File(big) as file:
        size = file["X"].size * 4
    del adata.X
    rows = np.arange(0, adata.n_obs, 20)
    tracemalloc.start()
    try:
        read = expression_reader(adata, [big], "study", scored)
        assert read(rows).shape == (len(rows), 1500)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.4 * size
