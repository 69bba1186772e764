"""limma's removeBatchEffect, beside least squares on contrasts that sum to 0, as limma codes the studies."""

import numpy as np
import pytest
from anndata import read_h5ad

import clrna
from clrna.baselines.covariates import numeric_columns
from clrna.baselines.limma import fit_batch_effect, remove_batch_effect
from clrna.baselines.principal_components import pca
from clrna.cli import baseline


def by_contrasts(values, studies, covariates=None):
    """Return ``values - X.batch beta`` of the fit of design and contrasts, as removeBatchEffect is written."""
    names = sorted(set(studies))
    contrasts = np.vstack([np.eye(len(names) - 1), -np.ones(len(names) - 1)])
    batch = contrasts[[names.index(name) for name in studies]]
    design = np.ones((len(values), 1))
    if covariates is not None:
        design = np.hstack([design, np.asarray(covariates, dtype=float)])
    beta = np.linalg.lstsq(np.hstack([design, batch]), np.asarray(values, dtype=np.float64), rcond=None)[0]
    return values - batch @ beta[design.shape[1] :]


@pytest.fixture
def uneven(adata):
    """Studies of 24, 15 and 7 samples, in no order."""
    rows = np.r_[0:24, 24:39, 48:55]
    return adata[np.random.default_rng(2).permutation(rows)].copy()


@pytest.mark.parametrize("columns", [[], ["tissue"], ["tissue", "age"]])
def test_it_agrees_with_least_squares_on_contrasts(uneven, columns):
    values, studies = np.array(uneven.X), uneven.obs["study"].to_numpy().astype(str)
    kept = numeric_columns(uneven.obs[columns].reset_index(drop=True)) if columns else None
    ours = remove_batch_effect(values, studies, kept)
    np.testing.assert_allclose(ours, by_contrasts(values, studies, kept), atol=1e-4)
    assert np.abs(ours - values).mean() > 1


def test_studies_meet_at_the_plain_mean_of_their_means_and_keep_their_scale(uneven):
    values, studies = np.array(uneven.X, dtype=np.float64), uneven.obs["study"].to_numpy().astype(str)
    means = np.array([values[studies == name].mean(axis=0) for name in "ABC"])
    ours = remove_batch_effect(values, studies)
    for name in "ABC":
        np.testing.assert_allclose(ours[studies == name].mean(axis=0), means.mean(axis=0), atol=1e-4)
        own = studies == name
        np.testing.assert_allclose(ours[own].std(axis=0), values[own].std(axis=0), atol=1e-4)


def test_the_size_of_the_blocks_does_not_change_it(uneven, monkeypatch):
    values, studies = np.array(uneven.X), uneven.obs["study"].to_numpy().astype(str)
    whole = remove_batch_effect(values, studies)
    monkeypatch.setattr("clrna.baselines.gene_blocks._VALUES_IN_MEMORY", 7 * len(values))
    np.testing.assert_allclose(remove_batch_effect(values, studies), whole, atol=1e-6)


def test_the_executable_and_the_function_write_it_where_it_is_asked_for(adata, write, tmp_path):
    path, out = write(adata), tmp_path / "out.h5ad"
    words = [str(path), "-o", str(out), "--n-comps", "5", "--methods", "limma", "--covariates", "tissue"]
    assert baseline.main([*words, "--quiet"]) == 0
    made, studies = read_h5ad(out), adata.obs["study"].to_numpy().astype(str)
    expected = pca(fit_batch_effect(np.array(adata.X), studies, numeric_columns(adata.obs[["tissue"]])), 5, 0)
    np.testing.assert_allclose(made.obsm["X_limma"], expected, atol=1e-4)
    assert set(made.obsm) == {"X_mine", "X_limma"}
    clrna.tl.baselines(adata, n_comps=5, methods="limma", covariates="tissue")
    np.testing.assert_array_equal(adata.obsm["X_limma"], made.obsm["X_limma"])


def test_covariates_need_a_method_that_takes_them(adata, write, tmp_path, capsys):
    words = [str(write(adata)), "-o", str(tmp_path / "out.h5ad"), "--methods", "pca", "--covariates", "tissue"]
    assert baseline.main(words) == 2
    assert "--covariates is for ComBat and limma; add one of them to --methods" in capsys.readouterr().err
    with pytest.raises(clrna.errors.UsageError, match=r"^covariates: is for ComBat and limma"):
        clrna.tl.baselines(adata, methods="pca", covariates="tissue")


def test_a_covariate_that_is_the_study_is_refused_for_it_too(adata, write, tmp_path, capsys):
    adata.obs["lab"] = "lab of " + adata.obs["study"].astype(str)
    words = [str(write(adata)), "-o", str(tmp_path / "out.h5ad"), "--methods", "limma", "--covariates", "lab"]
    assert baseline.main(words) == 3
    assert "covariate 'lab' is confounded with study" in capsys.readouterr().err
