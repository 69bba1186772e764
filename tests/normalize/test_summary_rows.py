"""Rows that sum up a table of counts are no genes, and count in no library."""

import numpy as np
import pandas as pd
import pytest

from clrna.io.tables import read_expression
from tests.normalize.conftest import GENES, counts_of

SAMPLES = [f"case-{letter}" for letter in "abcdef"]


def cpm(counts: pd.DataFrame) -> np.ndarray:
    """log2(CPM + 1), samples x genes."""
    return np.log2(counts / counts.sum() * 1e6 + 1).T.to_numpy()


NAMES = (
    "Total", "TOTAL", "Sum", "sum", "Total counts", "total_reads", "Grand Total", "library_size", "colSums",
    "Column total", "All genes together",
)  # fmt: skip


@pytest.mark.parametrize("in_rows", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_sum_is_left_out(tmp_path, name, in_rows):
    counts = counts_of(SAMPLES)
    wide = counts.copy()
    wide.loc[name] = counts.sum()
    path = tmp_path / "m.tsv"
    (wide if in_rows else wide.T).to_csv(path, sep="\t")
    adata = read_expression(path)
    assert adata.var_names.tolist() == list(GENES)
    np.testing.assert_array_equal(adata.obs[name], counts.sum())


@pytest.mark.parametrize("place", ["top", "bottom"])
def test_several_sums_and_reads_of_no_gene(normalize, tmp_path, place):
    counts = counts_of(SAMPLES)
    rest = pd.DataFrame(
        {"N_unmapped": 70_000, "__no_feature": 9_000, "no_feature": 500, "Unassigned_Ambiguity": 17, "not_aligned": 4},
        index=SAMPLES,
    ).T
    rest.loc["Subtotal"] = counts.sum()
    rest.loc["Everything"] = counts.sum()
    rest.loc["Total"] = counts.sum() + rest.sum()
    path = tmp_path / "m.tsv"
    pd.concat([rest, counts] if place == "top" else [counts, rest]).to_csv(path, sep="\t", index_label="gene")
    run = normalize(path, "--counts-to", "cpm", "--min-class-size", 1)
    order = list(run.adata.var_names)
    assert sorted(order) == sorted(GENES)
    np.testing.assert_allclose(run.adata.X, cpm(counts)[:, [GENES.index(gene) for gene in order]], atol=1e-4)
    assert "Total" in run.log and "are no genes; they are kept in obs" in run.log


def test_what_sums_nothing_up_stays(tmp_path):
    counts = counts_of(SAMPLES)
    wide = counts.copy()
    wide.loc["NOVEL"], wide.loc["ERCC-00002"], wide.loc["MAX"] = counts.sum() * 2 + 7, 5000, counts.sum()
    path = tmp_path / "m.tsv"
    wide.to_csv(path, sep="\t")
    assert read_expression(path).var_names.tolist() == [*GENES, "NOVEL", "ERCC-00002", "MAX"]


@pytest.mark.parametrize("name", ["Total", "Sum", "row total"])
def test_a_column_of_sums_is_no_sample(tmp_path, name):
    counts = counts_of(SAMPLES)
    path = tmp_path / "m.tsv"
    counts.assign(**{name: counts.sum(axis=1)}).to_csv(path, sep="\t")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == SAMPLES and adata.var[name].tolist() == counts.sum(axis=1).tolist()
    counts.assign(**{name: counts[SAMPLES[0]] + 3}).to_csv(path, sep="\t")
    assert read_expression(path).obs_names.tolist() == [*SAMPLES, name]
