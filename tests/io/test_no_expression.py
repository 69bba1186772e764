"""What looks like a matrix of genes and is none, or holds numbers that mean something else than they seem to."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.genes import load_gene_table
from clrna.io.tables import read_expression
from clrna.scale import detect_scale
from tests.normalize.conftest import GENES, counts_of

SAMPLES = ["P1x", "P2x", "P3x", "P4x"]


def signals(number: int) -> pd.DataFrame:
    values = np.random.default_rng(0).normal(8, 2, (number, 4)).clip(3, 15)
    return pd.DataFrame(values, columns=SAMPLES)


@pytest.mark.parametrize("number", [1_500, 12_000])
@pytest.mark.parametrize("ending", ["", ".0"])
def test_numbers_of_features_are_no_entrez_numbers(tmp_path, number, ending):
    features = np.sort(np.random.default_rng(1).choice(np.arange(1, 45_016), number, replace=False))
    frame = signals(number).set_axis(pd.Index([f"{one}{ending}" for one in features], name="ID_REF"))
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    with pytest.raises(InputError, match="no human gene identifiers found"):
        read_expression(tmp_path / "m.tsv")
    series = (
        '!Series_title\t"x"\n!Series_platform_id\t"GPL4133"\n!Sample_geo_accession\t"a"\n!series_matrix_table_begin\n'
    )
    (tmp_path / "s.txt").write_text(f"{series}{frame.to_csv(sep=chr(9))}!series_matrix_table_end\n")
    with pytest.raises(InputError, match=r"platform GPL4133 .* --gene-map"):
        read_expression(tmp_path / "s.txt")


@pytest.mark.parametrize("others", [0, 400])
def test_entrez_numbers_of_which_some_are_not_known_are_genes(tmp_path, others):
    """NCBI has numbers for loci that HGNC has not named."""
    known = [number for number in load_gene_table().entrez_id[:1_000] if number]
    names = [*known, *(str(105_369_000 + at) for at in range(others))]
    signals(len(names)).set_axis(names).to_csv(tmp_path / "m.tsv", sep="\t")
    assert read_expression(tmp_path / "m.tsv").obs_names.tolist() == SAMPLES


@pytest.mark.parametrize("largest", [999_999, 9_999_999])
def test_points_that_separate_thousands_are_refused(tmp_path, largest):
    frame = (counts_of(SAMPLES) * 7).clip(upper=largest)
    frame.iloc[::4] //= 20
    frame.map(lambda value: f"{value:,}".replace(",", ".")).to_csv(tmp_path / "m.csv", sep=";")
    with pytest.raises(InputError, match="points as separators of thousands"):
        read_expression(tmp_path / "m.csv")


def test_three_decimals_are_no_thousands(tmp_path):
    frame = counts_of(SAMPLES) / 997.0
    for text in (frame.round(3).to_csv(sep="\t"), frame.to_csv(sep="\t", float_format="%.3f")):
        (tmp_path / "m.tsv").write_text(text)
        np.testing.assert_allclose(read_expression(tmp_path / "m.tsv").X, frame.T, atol=1e-3)


@pytest.mark.parametrize(
    "columns",
    [
        ["Majority protein IDs", "Gene names", "LFQ intensity {}"],
        ["Protein.Group", "Genes", "/x/{}.raw"],
        ["Protein", "Gene", "{} Spectral Count"],
        ["Accession", "Gene Symbol", "Abundance: F1: {}"],
        ["PG.ProteinGroups", "PG.Genes", "[1] {}.raw.PG.Quantity"],
        ["Description", "Gene", "{} Unshared Log Ratio"],
    ],
)
def test_amounts_of_proteins_are_no_expression_of_genes(tmp_path, columns):
    frame = counts_of(SAMPLES).rename(columns=columns[2].format)
    frame.insert(0, columns[1], list(GENES))
    frame.insert(0, columns[0], [f"P{10_000 + at}" for at in range(len(GENES))])
    frame.to_csv(tmp_path / "m.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match="amounts of proteins"):
        read_expression(tmp_path / "m.tsv")


@pytest.mark.parametrize(
    "weights", [[0.1, 0.1, 0.6, 0.1, 0.1], [0.9, 0.08, 0.02, 0.0, 0.0]], ids=["copies", "mutations"]
)
def test_small_whole_numbers_are_no_counts(weights):
    values = np.random.default_rng(0).choice(5, (6, 400), p=weights).astype(float)
    with pytest.raises(InputError, match="as copy numbers and numbers of mutations are"):
        detect_scale(values)
    values[0, 0] = 40.0
    assert detect_scale(values).scale.name in ("counts", "intensity")


@pytest.mark.parametrize("name", ["sgRNA", "sgRNA_ID", "Guide", "guide sequence"])
def test_guides_of_a_screen_are_no_expression(tmp_path, name):
    frame = counts_of(SAMPLES)
    frame.insert(0, "Gene", list(GENES))
    frame.set_axis(pd.Index([f"s{at}" for at in range(len(frame))], name=name)).to_csv(tmp_path / "m.tsv", sep="\t")
    with pytest.raises(InputError, match="a line for each guide of a CRISPR screen"):
        read_expression(tmp_path / "m.tsv")
