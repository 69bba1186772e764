from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clrna.baselines.combat import _Design, combat
from clrna.baselines.covariates import numeric_columns
from clrna.errors import InputError

REFERENCE = Path(__file__).resolve().parent.parent / "reference"


@pytest.fixture(scope="module")
def bladder() -> tuple[pd.DataFrame, pd.DataFrame]:
    values = pd.read_csv(REFERENCE / "bladderbatch.tsv.xz", sep="\t", index_col=0)
    samples = pd.read_csv(REFERENCE / "bladderbatch_samples.tsv", sep="\t", index_col=0)
    assert values.shape == (22283, 57)
    assert values.columns.equals(samples.index)
    return values, samples


@pytest.mark.parametrize("design", ["plain", "cancer"])
def test_all_probe_sets_of_bladderbatch_agree_with_r(bladder, design):
    values, samples = bladder
    covariates = numeric_columns(samples[["cancer"]]) if design == "cancer" else None
    ours = combat(values.to_numpy().T, samples["batch"].to_numpy().astype(str), covariates)
    by_r = pd.read_csv(REFERENCE / f"combat_r_{design}.tsv.xz", sep="\t", index_col=0)
    rows = values.index.get_indexer(by_r.index)
    assert len(rows) == 1115
    assert np.abs(ours[:, rows].T - by_r.to_numpy()).max() < 1e-4
    moments = pd.read_csv(REFERENCE / f"combat_r_{design}_samples.tsv", sep="\t", index_col=0)
    double = ours.astype(np.float64)
    np.testing.assert_allclose(double.mean(axis=1), moments["mean"], atol=1e-6)
    np.testing.assert_allclose(double.std(axis=1, ddof=1), moments["sd"], atol=1e-5)
    # The correction is larger than the tolerance by far, or the comparison would say nothing.
    assert np.abs(values.to_numpy()[rows] - by_r.to_numpy()).mean() > 0.05


def test_a_gene_constant_within_a_study_stays_and_nothing_becomes_nan(adata):
    values, studies = np.array(adata.X), adata.obs["study"].to_numpy()
    values[:, 0] = 3.0
    values[studies == "B", 1] = 5.0
    corrected = combat(values, studies)
    assert np.isfinite(corrected).all()
    np.testing.assert_array_equal(corrected[:, :2], values[:, :2])
    assert not np.allclose(corrected[:, 2:], values[:, 2:], atol=0.5)
    assert _Design.of(studies, None).varies(values).tolist() == [False, False] + [True] * 38


def test_no_gene_left_to_correct(adata):
    with pytest.raises(InputError, match=r"at least 2 genes .* 0 of 40"):
        combat(np.ones(adata.shape, dtype=np.float32), adata.obs["study"].to_numpy())


def test_studies_come_together_and_a_covariate_is_kept(adata):
    studies, tissues = adata.obs["study"].to_numpy(), adata.obs["tissue"]
    corrected = combat(adata.X, studies, numeric_columns(adata.obs[["tissue", "age"]]))
    means = np.array([corrected[studies == study].mean(axis=0) for study in "ABC"])
    before = np.array([np.array(adata.X)[studies == study].mean(axis=0) for study in "ABC"])
    assert means.std(axis=0).mean() < 0.05 * before.std(axis=0).mean()
    by_tissue = np.array([corrected[tissues == name].mean(axis=0) for name in ("lung", "skin", "brain")])
    assert by_tissue.std(axis=0).mean() > 1.0
