"""What kind of identifiers a file has."""

import pytest

from clrna.genes import describe_identifiers, detect_identifier
from clrna.genes.dates import symbols_of_date
from clrna.genes.identifiers import parse_identifier


@pytest.mark.parametrize(
    ("ids", "kind", "share"),
    [
        (["TP53", "EGFR"], "symbol", 1.0),
        (["ENSG00000141510.18", "ENSG00000146648"], "ensembl", 1.0),
        (["7157", "1956"], "entrez", 1.0),
        (["TP53|7157", "EGFR (1956)"], "entrez", 1.0),
        (["LOC152573", "LOC7157"], "symbol", 1.0),
        (["ENSG00000141510", "ENSG00000146648", "7157", "TP53"], "ensembl", 0.5),
        ([], "symbol", 0.0),
    ],
)
def test_kind_and_share(ids, kind, share):
    detection = detect_identifier(ids)
    assert (detection.kind, detection.share) == (kind, share)


def test_mixed_kinds_are_named_with_counts_and_examples():
    why = detect_identifier(["TP53", "EGFR", "7157"]).why
    assert why == "2 of 3 look like gene symbols ('TP53'), 1 of 3 look like Entrez gene numbers ('7157')"


def test_parts_of_an_identifier():
    assert parse_identifier("ENSG00000182378.15_PAR_Y").on_y
    assert parse_identifier("HLA-A|3105")[:3] == ("HLA-A", "", "3105")
    assert parse_identifier("NKX2-1 (7080)")[:3] == ("NKX2-1", "", "7080")


@pytest.mark.parametrize("locus", ["MSTRG.12", "STRG.3.1", "XLOC_000123", "CUFF.7"])
def test_the_gene_behind_an_assembled_locus(locus):
    assert parse_identifier(f"{locus}|NKX2-1").symbol == "NKX2-1"
    assert parse_identifier(f"{locus}|ENSG00000141510.18").ensembl == "ENSG00000141510"
    assert parse_identifier(locus).symbol == locus


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("2-Sep", ["SEPT2", "SEP2"]), ("Sep-02", ["SEPT2", "SEP2"]), ("02-SEPTEMBER", ["SEPT2", "SEP2"]),
        ("1-Mar-2020", ["MARCH1", "MARC1"]), ("MARCH01", ["MARCH1"]), ("2023-12-01", ["DEC1"]), ("2023-13-01", []),
        ("MARS9", []), ("TP53", []), ("", []), ("2-Foo", []),
    ],
)  # fmt: skip
def test_symbols_of_date(text, symbols):
    assert symbols_of_date(text) == symbols


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (["ENSG00000141510"], "1 Ensembl genes such as 'ENSG00000141510'"),
        (["7157", "1956"], "2 Entrez gene numbers such as '7157', '1956'"),
        (["TP53"], "1 symbols or other names such as 'TP53'"),
        (["tp53", "egfr"], "names in lower case"),
        ([], "no identifiers"),
    ],
)
def test_describe(ids, words):
    assert words in describe_identifiers(ids)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("gene-TP53", ("TP53", "", "")),
        ("gene:TP53", ("TP53", "", "")),
        ("gene:ENSG00000141510.3", ("", "ENSG00000141510", "")),
        ("hsa:7157", ("", "", "7157")),
        ("entrez_7157", ("", "", "7157")),
        ("GeneID_7157", ("", "", "7157")),
        ("7157|TP53", ("TP53", "", "")),
        ("TP53|7157_calculated", ("TP53", "", "7157")),
        ("GENE-33", ("GENE-33", "", "")),
    ],
)
def test_names_of_gff_files_and_catalogues(text, right):
    assert parse_identifier(text)[:3] == right
