"""Tables with a gene a line (GTEx, recount3): turned through a file on disk, and what they may be instead."""

import gzip

import numpy as np
import pytest

from clrna.cli.fetch import main
from clrna.errors import InputError
from clrna.fetch import turned
from clrna.fetch.sources.recount3_tables import read_annotation
from clrna.fetch.turned import read_gene_lines
from clrna.io.matrix.modac_text import Layout

LIVER = "gene_tpm_2017-06-05_v8_liver.gct.gz"
FIBROBLASTS = "gene_tpm_2017-06-05_v8_cells_cultured_fibroblasts.gct.gz"
ATTRIBUTES = "GTEx_Analysis_v8_Annotations_SampleAttributesDS.txt"
MODEL, SUMS, MAPPING = "human.gene_sums.G026.gtf.gz", "gtex.gene_sums.LIVER.G026.gz", "gtex.recount_qc.LIVER.MD.gz"


def test_samples_come_in_blocks_and_in_the_order_asked_for(tmp_path, monkeypatch):
    values = np.random.default_rng(0).integers(0, 1000, (7, 5))
    path = tmp_path / "table.tsv"
    lines = ["gene\t" + "\t".join("abcde")] + [f"g{at}\t" + "\t".join(map(str, row)) for at, row in enumerate(values)]
    path.write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(turned, "_SAMPLES_AT_A_TIME", 2)
    table = read_gene_lines(path, Layout(), 1, tmp_path / "turned")
    # A second table in the same place leaves the first as it is.
    (tmp_path / "other.tsv").write_text(f"{lines[0]}\n" + "g\t9\t9\t9\t9\t9\n" * 9)
    read_gene_lines(tmp_path / "other.tsv", Layout(), 1, tmp_path / "turned")
    blocks = list(table.samples([4, 0, 2]))
    assert table.names == [f"g{at}" for at in range(7)] and [len(block) for block in blocks] == [2, 1]
    np.testing.assert_array_equal(np.concatenate(blocks), values.T[[4, 0, 2]])


@pytest.mark.parametrize(
    ("name", "file", "change", "told"),
    [
        ("gtex", LIVER, lambda text: text.rsplit("4\tENSG", 1)[0], "4 genes of the 5"),
        ("gtex", LIVER, lambda text: text.replace("#1.2", "Id\tTPM"), "is not a GCT file"),
        ("gtex", LIVER, lambda text: text.replace("\tTP53\t3.75", "\tTP53\tx"), "'x' is not a number"),
        ("gtex", FIBROBLASTS, lambda text: text.replace("141510.16", "141510.17"), "other genes than the file of"),
        ("gtex", ATTRIBUTES, lambda text: text.replace("SMTSD", "SITE"), "no column 'SMTSD'"),
        ("gtex", ATTRIBUTES, lambda text: text.replace("GTEX-", "K-"), "names none of the samples"),
        ("recount3", SUMS, lambda text: text.replace("ENSG00000141510.16", "ENSG00000141510.1"), "other genes than"),
        ("recount3", MODEL, lambda text: text.replace("gene_id", "id"), "no gene model of recount3"),
        ("recount3", MODEL, lambda text: text.replace("\t3924\t", "\t.\t"), "no gene model of recount3"),
        ("recount3", MAPPING, lambda text: text.replace("star.average", "average"), "no column 'star.average_mapped"),
        ("recount3", MAPPING, lambda text: text.replace("GTEX", "x"), "choose other --projects"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(published, tmp_path, capsys, name, file, change, told):
    path = published(name) / file
    packed = path.suffix == ".gz"
    text = (gzip.decompress(path.read_bytes()) if packed else path.read_bytes()).decode()
    assert change(text) != text
    path.write_bytes(gzip.compress(change(text).encode()) if packed else change(text).encode())
    projects = {"gtex": "liver,cells_cultured_fibroblasts", "recount3": "LIVER"}[name]
    words = ["--from", str(path.parent), "--projects", projects]
    assert main([name, "-o", str(tmp_path / "x.h5ad"), *words]) == 3
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert told in error and error.startswith("clrna-fetch: error: ")
    assert not (tmp_path / "x.h5ad").exists() and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("file", [LIVER, ATTRIBUTES])
def test_a_file_that_was_cut_is_told(published, tmp_path, file):
    path = published("gtex") / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    words = ["--from", str(path.parent), "--projects", "liver"]
    assert main(["gtex", "-o", str(tmp_path / "x.h5ad"), *words]) == 3


def test_a_gene_model_that_was_cut_is_told(published):
    path = published("recount3") / MODEL
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="damaged"):
        read_annotation(path)


@pytest.mark.parametrize(
    ("name", "projects", "told"),
    [
        ("gtex", "lever", "did you mean liver?"),
        ("gtex", "LIVER", "did you mean liver?"),
        ("gtex", "x", "it has adipose_subcutaneous"),
        ("recount3", "TCGA-LIHC", "did you mean LIHC?"),
        ("recount3", "GSE123", "recount3 has no such project"),
    ],
)
def test_an_unknown_project_is_told_with_one_like_it(tmp_path, capsys, name, projects, told):
    words = ["--from", str(tmp_path), "--projects", projects]
    assert main([name, "-o", str(tmp_path / "x.h5ad"), *words]) == 2
    assert told in capsys.readouterr().err
