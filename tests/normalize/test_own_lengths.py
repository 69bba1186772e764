"""Counts become TPM by the lengths of genes that their file gives, where these are of exons."""

import numpy as np
import pandas as pd
import pytest

from clrna.genes import exonic_lengths
from tests.normalize.conftest import GENES, counts_of

SAMPLES = ["a.bam", "b.bam", "c.bam"]
LENGTHS = np.random.default_rng(4).integers(400, 90_000, len(GENES)).astype(float)


def tpm(counts: pd.DataFrame, lengths: np.ndarray) -> pd.DataFrame:
    """TPM by hand of genes x samples, as samples x genes."""
    rates = counts.div(lengths, axis=0)
    return (rates / rates.sum() * 1e6).T


def feature_counts(counts: pd.DataFrame, lengths: np.ndarray) -> pd.DataFrame:
    about = {"Chr": "chr1;chr1", "Start": "1;5", "End": "4;9", "Strand": "+;+", "Length": lengths.astype(int)}
    table = counts.assign(**about)[[*about, *counts.columns]]
    return table.rename_axis("Geneid")


@pytest.fixture
def counts() -> pd.DataFrame:
    """Genes x samples."""
    found = counts_of(SAMPLES)
    return found.T if found.shape[0] == len(SAMPLES) else found


def test_feature_counts_has_its_lengths(normalize, counts, tmp_path):
    path = tmp_path / "fc.txt"
    path.write_text("# Program:featureCounts v2.0.3\n" + feature_counts(counts, LENGTHS).to_csv(sep="\t"))
    found = normalize(path).adata.to_df()
    assert np.allclose(2.0**found - 1, tpm(counts, LENGTHS)[found.columns], rtol=1e-4)


def test_two_lines_of_one_gene_have_a_length_each(normalize, counts, tmp_path):
    """A symbol that stands twice, once at a tenth of the length: rates are summed, not reads."""
    table = feature_counts(counts, LENGTHS)
    other = table.loc[["TP53"]].assign(Length=50)
    pd.concat([table, other]).to_csv(tmp_path / "fc.txt", sep="\t")
    found = normalize(tmp_path / "fc.txt").adata.to_df()
    rates = counts.div(LENGTHS, axis=0)
    rates.loc["TP53"] += counts.loc["TP53"] / 50
    assert np.allclose(2.0**found - 1, (rates / rates.sum() * 1e6).T[found.columns], rtol=1e-4)


def test_another_unit_needs_no_lengths(normalize, counts, tmp_path):
    feature_counts(counts, LENGTHS).to_csv(tmp_path / "fc.txt", sep="\t")
    found = normalize(tmp_path / "fc.txt", "--counts-to", "cpm").adata.to_df()
    assert np.allclose(2.0**found - 1, (counts / counts.sum() * 1e6).T[found.columns], rtol=1e-4)


@pytest.mark.parametrize(("factor", "own"), [(1.3, True), (12.0, False)], ids=["exons", "with introns"])
def test_a_column_of_lengths_is_taken_where_it_is_of_exons(normalize, counts, tmp_path, factor, own):
    known = exonic_lengths(GENES)
    lengths = np.rint(factor * known * np.random.default_rng(1).uniform(0.5, 2, len(known)))
    table = counts.copy()
    table.insert(0, "gene_length", lengths)
    table.rename_axis("gene").to_csv(tmp_path / "m.tsv", sep="\t")
    ended = normalize(tmp_path / "m.tsv")
    found = ended.adata.to_df()
    assert np.allclose(2.0**found - 1, tpm(counts, lengths if own else known)[found.columns], rtol=1e-4)
    assert ("taken from column 'gene_length'" if own else "'gene_length' is not the length of the exons") in ended.log


def test_lengths_that_are_not_all_there_are_not_taken(normalize, counts, tmp_path):
    table = counts.copy()
    table.insert(0, "Length", [np.nan, *exonic_lengths(GENES)[1:] * 1.5])
    table.rename_axis("gene").to_csv(tmp_path / "m.tsv", sep="\t")
    found = normalize(tmp_path / "m.tsv").adata.to_df()
    assert np.allclose(2.0**found - 1, tpm(counts, exonic_lengths(GENES))[found.columns], rtol=1e-4)
