"""Identifiers as real files write them, mapped to current symbols."""

import anndata
import numpy as np
import pytest

from clrna.errors import InputError
from clrna.genes import load_gene_table, map_genes, require_known_genes

LOST = ("", "lost")
AMBIGUOUS = ("", "ambiguous")

ONE_BY_ONE = {
    # what HGNC says, by trust
    "TP53": ("TP53", "current"),
    "FRAG1": AMBIGUOUS,
    "WISP1": ("CCN4", "previous"),
    "p53": ("TP53", "alias"),
    "MLL4": AMBIGUOUS,
    # a previous symbol of one gene, an alias of another: previous wins
    "SEPT2": ("SEPTIN2", "previous"),
    "MARCH1": ("MARCHF1", "previous"),
    # Ensembl, with version, with a symbol beside it, on Y
    "ENSG00000141510": ("TP53", "ensembl"),
    "ENSG00000141510.18": ("TP53", "ensembl"),
    "ensg00000141510": ("TP53", "ensembl"),
    "TSPAN6 (ENSG00000000003)": ("TSPAN6", "ensembl"),
    "ENSG00000000003.15|TSPAN6": ("TSPAN6", "ensembl"),
    "ENSG99999999999|TP53": ("TP53", "current"),
    "ENSG00000002586.20": ("CD99", "ensembl"),
    "ENSG00000002586.20_PAR_Y": LOST,
    "ENSG99999999999": LOST,
    # Entrez, alone, from pandas, TCGA RSEM, DepMap, NCBI's names
    "7157": ("TP53", "entrez"),
    "7157.0": ("TP53", "entrez"),
    "TP53|7157": ("TP53", "entrez"),
    "SLC35E2|728661": ("SLC35E2B", "entrez"),
    "SLC35E2|9906": ("SLC35E2A", "entrez"),
    "?|7157": ("TP53", "entrez"),
    "?|100130426": LOST,
    "A1BG (1)": ("A1BG", "entrez"),
    "LOC152573": ("SHISA3", "entrez"),
    "CysLT(1)": ("CYSLTR1", "alias"),
    "U2A'": ("SNRPA1", "alias"),
    # case
    "C1orf112": ("FIRRM", "previous"),
    "C1ORF112": ("FIRRM", "previous"),
    "Gapdh": LOST,
    # what programs make of symbols
    "HLA.A": ("HLA-A", "current"),
    "NKX2.1": ("NKX2-1", "current"),
    "MATR3.1": ("MATR3", "current"),
    "AC010325.1": LOST,
    " EGFR ": ("EGFR", "current"),
    '"EGFR"': ("EGFR", "current"),
    "DDR1 /// MIR4640": AMBIGUOUS,
    "TP53 /// P53": ("TP53", "current"),
    # spreadsheets' dates
    "2-Sep": ("SEPTIN2", "previous"),
    "SEP7": ("SEPTIN7", "previous"),
    "Sep-09": ("SEPTIN9", "previous"),
    "3-Mar": ("MARCHF3", "previous"),
    "2023-03-03 00:00:00": ("MARCHF3", "previous"),
    "1-Mar": AMBIGUOUS,
    "MARCH01": ("MARCHF1", "previous"),
    "1-Dec": ("DELEC1", "previous"),
    "4-Oct": ("POU5F1", "alias"),
    "MARS9": LOST,
    "OCTN9": LOST,
    # nothing
    "": LOST,
    "nan": LOST,
    "NaN": LOST,  # an alias of SCN11A, but in files a gap
    "None": LOST,
    "---": LOST,
    "foo": LOST,
}


@pytest.mark.parametrize(("identifier", "expected"), ONE_BY_ONE.items())
def test_one_identifier(identifier, expected):
    mapping = map_genes([identifier])
    assert (mapping.symbol[0], mapping.status[0]) == expected


def test_arrays_keep_the_order_given_and_carry_all_identifiers():
    mapping = map_genes(["TP53", "nothing", "ENSG00000146648.20", "1-Mar", "TP53|7157"])
    assert list(mapping.symbol) == ["TP53", "", "EGFR", "", "TP53"]
    assert list(mapping.ensembl_id) == ["ENSG00000141510", "", "ENSG00000146648", "", "ENSG00000141510"]
    assert list(mapping.entrez_id) == ["7157", "", "1956", "", "7157"]
    assert list(mapping.candidates) == ["", "", "", "MARCHF1|MTARC1", ""]
    assert mapping.note[3] == "a spreadsheet made a date of it"
    assert mapping.summary() == {
        "identifiers": 5, "current": 1, "previous": 0, "alias": 0, "ensembl": 1, "entrez": 1, "ambiguous": 1,
        "lost": 1, "genes": 2, "merged": 1,
    }  # fmt: skip


def test_symbols_map_to_themselves():
    symbols = load_gene_table().symbol
    mapping = map_genes(symbols)
    assert (mapping.symbol == symbols).all()
    assert set(mapping.status) == {"current"}


def test_every_ensembl_and_entrez_identifier_of_the_table_finds_its_gene():
    table = load_gene_table()
    for kind, ids in (("ensembl", table.ensembl_id), ("entrez", table.entrez_id)):
        known = ids != ""
        mapping = map_genes(ids[known], kind)
        assert (mapping.symbol == table.symbol[known]).all()


def test_a_current_symbol_wins_over_other_genes_that_had_it():
    table = load_gene_table()
    contested = [name for name in table.by_symbol if name in table.by_previous or name in table.by_alias]
    assert len(contested) > 600
    assert (map_genes(contested).symbol == np.array(contested, dtype=object)).all()


def test_ambiguous_names_are_refused_with_their_candidates():
    table = load_gene_table()
    names = [name for name, rows in table.by_previous.items() if len(rows) > 1 and name not in table.by_symbol]
    mapping = map_genes(names)
    assert set(mapping.status) == {"ambiguous"}
    assert all(len(candidates.split("|")) > 1 for candidates in mapping.candidates)


def test_a_stated_kind_is_kept_to():
    assert list(map_genes(["7157", "TP53", "TP53|7157"], "entrez").status) == ["entrez", "lost", "entrez"]
    assert list(map_genes(["7157", "TP53", "TP53|7157"], "symbol").status) == ["lost", "current", "current"]
    assert list(map_genes(["ENSG00000141510.1", "TP53"], "ensembl").status) == ["ensembl", "lost"]
    with pytest.raises(ValueError, match="refseq"):
        map_genes(["TP53"], "refseq")


def test_a_file_in_lower_case_is_read_but_mouse_genes_are_not():
    assert list(map_genes(["tp53", "egfr", "c1orf112"]).symbol) == ["TP53", "EGFR", "FIRRM"]
    mixed = map_genes(["GAPDH", "Gapdh", "Actb", "Nothing"])
    assert list(mixed.symbol) == ["GAPDH", "", "", ""]
    assert list(mixed.note) == ["", *["written as genes of mouse and rat are"] * 2, ""]


def test_a_previous_symbol_wins_over_aliases_of_other_genes():
    table = load_gene_table()
    contested = [
        (name, table.symbol[rows[0]])
        for name, rows in table.by_previous.items()
        if name not in table.by_symbol and len(rows) == 1 and set(table.by_alias.get(name, rows)) != set(rows)
    ]
    assert len(contested) > 50
    mapping = map_genes([name for name, _ in contested], "symbol")
    assert list(mapping.symbol) == [symbol for _, symbol in contested]
    assert set(mapping.status) == {"previous"}


def test_row_numbers_are_no_entrez_numbers():
    assert set(map_genes([str(row) for row in range(50)]).status) == {"lost"}
    assert map_genes([str(row) for row in range(1, 51)]).note[0] == "a row number, not a gene"


def test_no_identifiers():
    assert map_genes([]).summary()["identifiers"] == 0


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (["Gapdh", "Actb", "Trp53"], "mouse or rat"),
        (["ENSMUSG00000059552", "ENSMUSG00000059552.1"], "Ensembl genes of the mouse"),
        (["ENST00000269305.9"], "transcripts"),
        (["1007_s_at", "1053_at", "117_at"], "Affymetrix"),
        ([str(row) for row in range(30)], "row numbers"),
        (["TCGA-A3-3306-01A", "TCGA-A3-3307-01A"], "wrong way round"),
    ],
)
def test_files_without_a_known_gene_are_told_what_they_look_like(tmp_path, ids, words):
    with pytest.raises(InputError, match=words) as caught:
        require_known_genes(map_genes(ids), ids, tmp_path / "x.tsv")
    assert "x.tsv" in str(caught.value)
    assert repr(ids[0]) in str(caught.value)


def test_one_known_gene_is_enough(tmp_path):
    require_known_genes(map_genes(["foo", "TP53"]), ["foo", "TP53"], tmp_path / "x.tsv")


@pytest.mark.real
def test_real_tcga_symbols(real_data):
    var = anndata.read_h5ad(real_data / "native" / "tcga_agilent6.h5ad", backed="r").var
    summary = map_genes(list(var["original_id"])).summary()
    assert summary["identifiers"] == 17774
    assert summary["current"] == 14350
    assert summary["previous"] == 2538
    assert summary["ambiguous"] == 26
    assert summary["lost"] < 200
    assert summary["genes"] > 17500


@pytest.mark.real
def test_real_ccle_symbols_agree_with_their_ensembl_identifiers(real_data):
    var = anndata.read_h5ad(real_data / "native" / "ccle_rnaseq_391.h5ad", backed="r").var
    by_symbol, by_ensembl = map_genes(list(var["original_id"])), map_genes(list(var["ensembl"]))
    assert by_ensembl.kind == "ensembl"
    both = (by_symbol.symbol != "") & (by_ensembl.symbol != "")
    assert both.mean() > 0.97
    assert (by_symbol.symbol[both] == by_ensembl.symbol[both]).mean() > 0.99


def test_entrez_numbers_that_r_made_names_of():
    """In a header R writes X7157; a single such name among symbols is no number."""
    table = load_gene_table()
    numbers = [number for number in table.entrez_id[:200] if number]
    found = map_genes([f"X{number}" for number in numbers])
    assert found.symbol.tolist() == map_genes(numbers).symbol.tolist() and found.kind == "entrez"
    assert set(found.note) == {"R put an X before the number"}
    among_symbols = map_genes([*table.symbol[:200], "X7157"])
    assert among_symbols.symbol[-1] == "" and among_symbols.status[-1] == "lost"


def test_a_word_in_lower_case_is_no_alias_among_other_genes():
    """``por`` is an alias of PORCN, and Portuguese; a file in lower case is another matter."""
    for others in (["TP53", "EGFR", "MYC"], ["ENSG00000141510", "7157", "1956"]):
        mapping = map_genes([*others, "por", "hang", "tau"])
        assert list(mapping.status[3:]) == ["lost"] * 3 and "a word in lower case" in mapping.note[3]
    assert list(map_genes(["EGFR", "MYC", "p53"]).symbol) == ["EGFR", "MYC", "TP53"]
    assert list(map_genes(["tp53", "egfr", "tau"]).symbol) == ["TP53", "EGFR", "MAPT"]


@pytest.mark.parametrize("genome", ["GRCh38_", "hg19_", "hg38-", "GRCh38-2020-A_", "human_", "GRCh38______"])
def test_genomes_of_two_species_in_one(genome):
    mapping = map_genes([f"{genome}TP53", f"{genome}ENSG00000146648.18", "mm10_Trp53", "GRCm38_Egfr"])
    assert list(mapping.symbol) == ["TP53", "EGFR", "", ""]


@pytest.mark.parametrize("text", ["'TP53", "GeneID:7157", "TP53_7157", "P53;7157", "ENTREZ:7157"])
def test_forms_of_an_identifier_in_spreadsheets_and_portals(text):
    assert map_genes([text]).symbol.tolist() == ["TP53"]


@pytest.mark.parametrize("text", ["TP53_7287", "ENSG00000141510:E001", "ENSG00000141510.9:001", "'"])
def test_what_looks_like_one_and_is_none(text):
    """A number of a probe, and parts of exons."""
    assert map_genes([text]).status.tolist() == ["lost"]


def test_former_names_in_title_case_are_the_mouse_s_beside_many_of_its_genes():
    symbols = load_gene_table().symbol[5_000:5_060].tolist()
    mouse = [symbol.capitalize() for symbol in symbols]
    assert set(map_genes([*symbols, *mouse, "Gas3", "Rgr"]).symbol[len(symbols) :]) == {""}
    assert list(map_genes([*symbols, "GAS3"]).symbol[-1:]) == ["PMP22"]


@pytest.mark.parametrize("between", ["_", "@", ".", ";"])
def test_numbers_of_probes_behind_symbols_are_left_out(between):
    symbols = load_gene_table().symbol[100:140].tolist()
    names = [f"{symbol}{between}{10_000 + 7 * at}" for at, symbol in enumerate([*symbols, *symbols[:5]])]
    assert map_genes([*names, "no-gene_12"]).symbol.tolist() == [*symbols, *symbols[:5], ""]
    # Numbers that are the genes' own still say more than a symbol.
    numbers = load_gene_table().entrez_id[100:140]
    own = [f"{symbol}{between}{number}" for symbol, number in zip(symbols, numbers, strict=True)]
    assert map_genes([*own, f"SLC35E2{between}728661"]).symbol.tolist()[:-1] == symbols


def test_numbers_of_other_things_are_not_left_out():
    symbols = load_gene_table().symbol[100:140].tolist()
    for names in (
        [f"{symbol}_{at}" for symbol in symbols[:10] for at in range(4)],  # knock-outs in replicates, guides
        [f"ENSG{at:011d}:001" for at in range(3, 60)],  # parts of exons
        [*symbols, *(f"{symbol}_12" for symbol in symbols)],
        [f"{symbol}_{at}_{symbol}" for at, symbol in enumerate(symbols)],
        [f"{'AB'[at % 2]}{at}_{at}" for at in range(40)],
    ):
        with_number = [name for name in names if name[-1].isdigit() and name not in symbols]
        assert not any(map_genes(names).symbol[names.index(name)] for name in with_number)


def test_entrez_numbers_of_brainarray_are_read_and_probe_sets_not():
    table = load_gene_table()
    numbers = [number for number in table.entrez_id[100:200] if number]
    own = map_genes([*(f"{number}_at" for number in numbers), "AFFX-BioB-3_at"])
    assert own.symbol.tolist() == [*map_genes(numbers).symbol, ""]
    for others in ([f"{1000 + 37 * at}_at" for at in range(100)], [f"{number}_s_at" for number in numbers]):
        assert not map_genes(others).symbol.any()
