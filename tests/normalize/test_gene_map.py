"""Tables of the genes of probes and transcripts that name several genes for one identifier."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.genes import map_genes
from clrna.io.gene_map import read_gene_map
from tests.normalize.conftest import GENES, counts_of

SAMPLES = ["case-a", "case-b", "case-c"]
ENSEMBL = dict(zip(GENES, map_genes(list(GENES)).ensembl_id, strict=True))
PROBES = {f"p_{number}": gene for number, gene in enumerate(GENES)}


def write_probes(path):
    counts_of(SAMPLES, genes=list(PROBES)).to_csv(path, sep="\t")


def lines(extra=(), name=str):
    return "ID\tgene\n" + "".join(f"{probe}\t{name(gene)}\n" for probe, gene in [*PROBES.items(), *extra])


@pytest.mark.parametrize("name", [str, ENSEMBL.__getitem__], ids=["symbols", "ensembl"])
@pytest.mark.parametrize("first", [True, False])
def test_an_identifier_of_two_genes_is_ambiguous(normalize, tmp_path, name, first):
    write_probes(tmp_path / "m.tsv")
    text = lines([("p_3", "TP53"), ("p_5", "EGFR"), ("p_5", "MYC")], name)
    head, *rows = text.splitlines(keepends=True)
    (tmp_path / "map.tsv").write_text(head + "".join(rows if first else rows[::-1]))
    words = (tmp_path / "m.tsv", "--gene-map", tmp_path / "map.tsv", "--min-class-size", 1, "--counts-to", "cpm")
    run = normalize(*words, "--gene-report", tmp_path / "genes.tsv")
    assert f"map.tsv: 2 of {len(GENES)} identifiers have several different genes and are ambiguous, e.g. p_" in run.log
    assert set(run.adata.var_names) == set(GENES) - {GENES[3], GENES[5]}
    report = pd.read_csv(tmp_path / "genes.tsv", sep="\t", keep_default_na=False)
    lost = report[report["outcome"] == "ambiguous"]
    assert [set(text.removeprefix("may be ").split("|")) for text in lost["note"]] == [
        {GENES[3], "TP53"},
        {GENES[5], "EGFR", "MYC"},
    ]
    counts = counts_of(SAMPLES, genes=list(PROBES))
    cpm = np.log2(counts / counts.sum() * 1e6 + 1)
    np.testing.assert_allclose(run.adata[SAMPLES, "TP53"].X.ravel(), cpm.loc["p_0"], atol=1e-4)


def test_a_table_of_samples_is_no_map_whatever_its_words(tmp_path):
    lines = "".join(f"S{number}\t{'MET' if number % 2 else 'PRIM1'}\n" for number in range(30))
    (tmp_path / "samples.tsv").write_text("sample\tkind\n" + lines)
    with pytest.raises(InputError, match="no column holds human genes"):
        read_gene_map(tmp_path / "samples.tsv")


@pytest.mark.parametrize(
    ("header", "numbers"), [("sample\tmatch\trank", range(1, 6)), ("sample\tage\tgrade", [58, 61, 43, 70, 55])]
)
def test_ranks_and_counts_are_no_genes(tmp_path, header, numbers):
    path = tmp_path / "matches.tsv"
    path.write_text(f"{header}\n" + "".join(f"S{at}\tline {number}\t{number}\n" for at, number in enumerate(numbers)))
    with pytest.raises(InputError, match="no column holds human genes"):
        read_gene_map(path)


@pytest.mark.parametrize("header", ["PROBEID\tENTREZID\tchromosome", "id\tNCBI gene\tlocation", "probe\tlocus"])
def test_entrez_numbers_are_genes_where_a_column_says_so_or_is_the_only_one(tmp_path, header):
    path = tmp_path / "map.tsv"
    cells = "\tchr17"[: 6 * (header.count("\t") - 1)]
    path.write_text(f"{header}\n1_at\t7157{cells}\n2_at\t1956{cells}\n")
    assert read_gene_map(path).gene("1_at") == "7157"


def test_names_of_one_gene_are_no_contradiction(tmp_path, caplog):
    path = tmp_path / "map.tsv"
    path.write_text(lines([("p_0", ENSEMBL["TP53"]), ("p_0", "TP53"), ("p_18", "HER2"), ("p_1", "nobody's")]))
    genes = read_gene_map(path)
    assert [genes.gene(probe) for probe in ("p_0", "p_18", "p_1", "p_2")] == ["TP53", "ERBB2", "EGFR", "MYC"]
    assert not caplog.records


def test_versions_of_a_transcript_with_different_genes(tmp_path):
    """Each version has its own gene; without one it is open which."""
    path = tmp_path / "map.tsv"
    path.write_text(lines([("ENST00000000001.1", "TP53"), ("ENST00000000001.2", "EGFR"), ("ENST00000000002.4", "MYC")]))
    genes = read_gene_map(path)
    names = ("ENST00000000001.1", "ENST00000000001.2", "ENST00000000001", "ENST00000000002", "ENST00000000002.9")
    assert [genes.gene(name) for name in names] == ["TP53", "EGFR", "TP53 /// EGFR", "MYC", "MYC"]


@pytest.mark.parametrize("names", ["column", "map"])
@pytest.mark.parametrize("form", ["linear", "logarithm"])
def test_transcripts_are_summed_to_genes_without_the_logarithm(normalize, tmp_path, names, form):
    """The mean of logarithms of transcripts is no gene's."""
    tpm = counts_of(SAMPLES).astype(float)
    tpm = tpm / tpm.sum() * 1e6
    parts = pd.concat([0.2 * tpm, 0.7 * tpm, 0.1 * tpm])
    genes, transcripts = parts.index.tolist(), [f"ENST{at:011d}.1" for at in range(len(parts))]
    shown = (parts if form == "linear" else np.log2(parts + 1)).set_axis(pd.Index(transcripts, name="transcript_id"))
    if names == "column":
        shown.insert(0, "gene_name", genes)
    pd.Series(genes, index=transcripts).to_csv(tmp_path / "map.tsv", sep="\t")
    shown.to_csv(tmp_path / "m.tsv", sep="\t")
    words = ("--gene-map", tmp_path / "map.tsv") if names == "map" else ()
    adata = normalize(tmp_path / "m.tsv", *words, "--min-class-size", 1).adata
    np.testing.assert_allclose(adata.X, np.log2(tpm.T + 1)[adata.var_names], atol=1e-3)


def test_transcripts_of_an_open_unit_are_told(normalize, tmp_path):
    values = 1.5 + 0.7 * np.log2(pd.concat([counts_of(SAMPLES)] * 2) / 7 + 1)
    values.insert(0, "gene_name", values.index.tolist())
    values.set_axis([f"ENST{at:011d}.1" for at in range(len(values))]).to_csv(tmp_path / "m.tsv", sep="\t")
    log = normalize(tmp_path / "m.tsv", "--min-class-size", 1).log
    assert "genes become the mean of their transcripts; state --input-scale" in log
