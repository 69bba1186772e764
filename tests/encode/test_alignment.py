"""The model's genes are found in any order and identifier, or the file is refused with what it looks like."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clrna.encode.alignment import align_genes, check_coverage
from clrna.errors import InputError

PATH = Path("query.h5ad")


@pytest.fixture
def genes():
    """Six genes of a model."""
    return pd.DataFrame(
        {
            "ensembl_id": ["ENSG00000141510", "ENSG00000133703", "ENSG00000136997", "ENSG00000146648", "", ""],
            "entrez_id": ["7157", "3845", "4609", "1956", "", ""],
        },
        index=["TP53", "KRAS", "MYC", "EGFR", "OLDNAME", "HER2"],
    )


def columns_of(alignment):
    """Model symbol of each column that was found."""
    return {
        int(column): str(alignment.model_symbols[gene])
        for column, gene in zip(alignment.columns, alignment.genes, strict=True)
    }


@pytest.mark.parametrize(
    ("ids", "gene_id"),
    [
        (["MYC", "ACTB", "TP53", "KRAS"], "auto"),
        (["ENSG00000136997", "ENSG00000075624", "ENSG00000141510", "ENSG00000133703"], "auto"),
        (["ENSG00000136997.14", "ENSG00000075624.3", "ENSG00000141510.18", "ENSG00000133703.2"], "ensembl"),
        (["4609", "60", "7157", "3845"], "auto"),
        (["4609", "60", "7157", "3845"], "entrez"),
        (["MYC|4609", "ACTB|60", "TP53|7157", "KRAS|3845"], "auto"),
        (["MYC (4609)", "ACTB (60)", "TP53 (7157)", "KRAS (3845)"], "auto"),
    ],
)
def test_any_order_and_identifier(genes, ids, gene_id):
    assert columns_of(align_genes(ids, genes, gene_id)) == {0: "MYC", 2: "TP53", 3: "KRAS"}


def test_previous_symbols_and_aliases_find_the_current_one(genes):
    assert columns_of(align_genes(["KRAS2", "p53", "ERBB"], genes)) == {0: "KRAS", 1: "TP53", 2: "EGFR"}


def test_a_name_of_the_model_wins_letter_for_letter(genes):
    """HER2 is an alias of ERBB2 and OLDNAME is in no table, but the model was trained with these names."""
    assert columns_of(align_genes(["HER2", "OLDNAME"], genes)) == {0: "HER2", 1: "OLDNAME"}


def test_a_model_with_an_outdated_symbol_is_found_by_its_ensembl_gene(genes):
    outdated = genes.rename(index={"KRAS": "KRAS2"})
    assert columns_of(align_genes(["KRAS"], outdated)) == {0: "KRAS2"}
    assert columns_of(align_genes(["ENSG00000133703.1"], outdated)) == {0: "KRAS2"}


def test_wrongly_stated_identifiers_find_nothing(genes):
    assert columns_of(align_genes(["ENSG00000136997", "ENSG00000141510"], genes, "symbol")) == {}
    assert columns_of(align_genes(["4609", "7157"], genes, "ensembl")) == {}


def test_gather_orders_and_marks_what_is_missing(genes):
    alignment = align_genes(["MYC", "ACTB", "TP53"], genes)
    values = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
    out = alignment.gather(values[:, alignment.columns], add=False)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out[:, [0, 2]], [[3, 1], [6, 4]])
    assert np.isnan(out[:, [1, 3, 4, 5]]).all()
    assert alignment.missing == ["KRAS", "EGFR", "OLDNAME", "HER2"]
    assert alignment.coverage == pytest.approx(2 / 6)


def test_columns_of_one_gene_are_averaged_or_summed(genes):
    alignment = align_genes(["TP53", "MYC", "ENSG00000141510", "p53"], genes)
    values = np.array([[1, 9, 2, 6], [1, 9, np.nan, 6], [np.nan, 9, np.nan, np.nan]], dtype=np.float32)
    assert alignment.n_merged == 2
    np.testing.assert_array_equal(alignment.gather(values[:, alignment.columns], add=False)[:, 0], [3, 3.5, np.nan])
    np.testing.assert_array_equal(alignment.gather(values[:, alignment.columns], add=True)[:, 0], [9, np.nan, np.nan])
    np.testing.assert_array_equal(alignment.gather(values[:, alignment.columns], add=False)[:, 2], [9, 9, 9])


def test_scatter_goes_back_to_the_columns(genes):
    alignment = align_genes(["MYC", "ACTB", "TP53", "p53"], genes)
    back = alignment.scatter(np.arange(6, dtype=np.float32)[np.newaxis])
    np.testing.assert_array_equal(back, [[2, np.nan, 0, 0]])


def test_too_few_genes_are_refused_with_the_first_missing(genes):
    ids = ["MYC", "ACTB", "TP53"]
    with pytest.raises(InputError) as caught:
        check_coverage(align_genes(ids, genes), ids, 0.8, PATH)
    text = str(caught.value)
    assert "\n" not in text
    for word in ("query.h5ad", "2 of the model's 6 genes", "33.3%", "--min-coverage", "80.0%", "KRAS, EGFR", "'MYC'"):
        assert word in text


def test_ten_missing_names_are_enough(genes):
    many = pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=["TP53", *[f"GENE{i}" for i in range(30)]])
    with pytest.raises(InputError, match=r"GENE0.*GENE9 and 20 more") as caught:
        check_coverage(align_genes(["TP53"], many), ["TP53"], 0.5, PATH)
    assert "GENE10" not in str(caught.value)


@pytest.mark.parametrize(
    ("ids", "looks"),
    [
        (["Trp53", "Kras", "Myc", "Egfr", "Actb"], "mouse"),
        (["ENSMUSG00000059552", "ENSMUSG00000030265", "ENSMUSG00000022346"], "mouse"),
        (["ENST00000269305", "ENST00000256078"], "transcripts"),
        (["1007_s_at", "1053_at", "117_at"], "probe sets"),
        ([str(i) for i in range(50)], "row numbers"),
        (["TCGA-02-0001-01", "TCGA-02-0003-01"], "samples"),
    ],
)
def test_no_gene_at_all_says_what_each_side_looks_like(genes, ids, looks):
    with pytest.raises(InputError) as caught:
        check_coverage(align_genes(ids, genes), ids, 0.0, PATH)
    text = str(caught.value)
    for word in ("query.h5ad", "none of the model's genes", looks, repr(ids[0]), "'TP53'", "clrna-normalize"):
        assert word in text


def test_what_is_missing_and_merged_is_logged(genes, caplog):
    ids = ["MYC", "TP53", "p53", "KRAS", "EGFR", "HER2"]
    with caplog.at_level(logging.INFO, logger="clrna"):
        check_coverage(align_genes(ids, genes), ids, 0.8, PATH)
    assert "5 of the model's 6 genes (83.3%)" in caplog.text
    assert "1 columns share a gene" in caplog.text
    assert "OLDNAME" in caplog.text


def test_a_mouse_that_shares_a_few_names_is_refused():
    many = pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=["TP53", *(f"GENE{at}" for at in range(30))])
    mouse = ["TP53", *(f"Gene{at}" for at in range(30))]
    with pytest.raises(InputError, match=r"hardly one of the model's genes.*mouse or rat"):
        check_coverage(align_genes(mouse, many), mouse, 0.0, PATH)
    both = [*many.index, *(f"ENSMUSG000000{at:05d}" for at in range(90))]
    check_coverage(align_genes(both, many), both, 0.9, PATH)
