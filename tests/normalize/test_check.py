"""``--check`` says what was found and writes nothing."""

import io

import anndata
import pandas as pd
import pytest

from clrna.cli.normalize import main
from clrna.io.provenance import read_records


def test_the_table_says_what_was_found(write_counts, tmp_path, capsys):
    file = write_counts("A.tsv", ["a1", "b2"])
    with file.open("a") as stream:
        stream.write("NOTAGENE\t5\t6\n")
    table = tmp_path / "meta.csv"
    table.write_text("sample,tissue\na1,lung\n")
    before = sorted(tmp_path.iterdir())
    assert main([str(file), "--metadata", str(table), "--check"]) == 0
    assert sorted(tmp_path.iterdir()) == before
    (row,) = pd.read_csv(io.StringIO(capsys.readouterr().out), sep="\t").to_dict("records")
    assert (row["file"], row["study"], row["samples"], row["genes"]) == ("A.tsv", "A", 2, "40 of 41")
    assert (row["orientation"], row["identifiers"]) == ("samples in columns", "symbol")
    assert row["scale"] == "counts to log2_tpm1" and "whole numbers" in row["why"]
    assert row["lost"] == "1 gene lost (NOTAGENE); 1 sample without tissue"


def test_the_log_and_the_provenance_have_it_too(normalize, write_counts):
    result = normalize(write_counts("A.tsv", ["a1", "b2"]))
    assert "A.tsv | A | 2 | 40 of 40 | samples in columns | symbol | counts to log2_tpm1" in result.log
    (record,) = read_records(anndata.read_h5ad(result.path))
    assert record["facts"]["found"][0]["orientation"] == "samples in columns"
    assert "orientation of the table" not in result.adata.uns


def test_an_error_is_one_still(write_counts, tmp_path, capsys):
    (tmp_path / "bad.tsv").write_text("gene\ts1\nTP53\tlow\nEGFR\t1\nMYC\t2\n")
    assert main([str(tmp_path / "bad.tsv"), "--check"]) == 3
    assert capsys.readouterr().out == ""


def test_without_it_an_output_is_needed(write_counts, capsys):
    with pytest.raises(SystemExit):
        main([str(write_counts("A.tsv", ["a1", "b2"]))])
    assert "-o" in capsys.readouterr().err
