"""The executable: what it writes, and one line for each fault."""

import re

import pandas as pd
import pytest

from clrna.cli import explain
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.model_file import save_model
from clrna.results.gene_table import COLUMNS


@pytest.fixture
def files(tmp_path, linear, original, query):
    """Folder with two models and samples."""
    save_model(linear, tmp_path / "model.safetensors")
    save_model(original, tmp_path / "original.safetensors")
    write_h5ad(query.copy(), tmp_path / "query.h5ad")
    return tmp_path


def run(*words):
    return explain.main([str(word) for word in words])


def read(path):
    return pd.read_csv(path, sep="\t", keep_default_na=False)


def test_a_model_gives_its_labels(files, linear):
    assert run(files / "model.safetensors", "-o", files / "genes.tsv", "-n", "3") == 0
    table = read(files / "genes.tsv")
    assert list(table.columns) == list(COLUMNS)
    assert list(dict.fromkeys(table["label"])) == linear.classes
    assert len(table) == 2 * 3 * 3


def test_samples_come_after_the_labels(files, query):
    assert run(files / "model.safetensors", files / "query.h5ad", "-o", files / "genes.tsv", "-n", "2") == 0
    table = read(files / "genes.tsv")
    assert list(dict.fromkeys(table["sample"])) == ["", *query.obs_names]
    assert (table["sample"] == "").sum() == 2 * 2 * 3
    assert (files / "genes.tsv").read_text().count("contribution") == 1


def test_it_goes_to_standard_output(files, capsys):
    assert run(files / "model.safetensors", "-o", "-", "-n", "1", "-q") == 0
    assert capsys.readouterr().out.startswith("label\tagainst\tsample\t")


def test_the_same_run_gives_the_same_bytes_and_a_figure_in_each_format(files):
    for turn in ("one", "two"):
        for kind in ("svg", "pdf", "png"):
            words = ["-o", files / f"{turn}.tsv", "--figure", files / f"{turn}.{kind}", "-n", "4", "--dpi", "60"]
            assert run(files / "model.safetensors", *words) == 0
    for kind in ("tsv", "svg", "pdf", "png"):
        assert (files / f"one.{kind}").read_bytes() == (files / f"two.{kind}").read_bytes()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["model.safetensors", "--against", "second"], 2, "--against second: a label by itself has no second one"),
        (
            ["model.safetensors", "--label", "Bowl"],
            2,
            "--label 'Bowl': the model has no such label; did you mean 'Bowel'?",
        ),
        (
            ["model.safetensors", "--against", "Lungs"],
            2,
            "--against 'Lungs': the model has no such label; did you mean 'Lung'?",
        ),
        (["model.safetensors", "--figure", "a.gif"], 2, r"--figure .*a.gif: end it in .png, .svg, .pdf"),
        (["original.safetensors"], 3, "original.safetensors: keeps no mean expression of its labels; give samples"),
        (["query.h5ad"], 3, "query.h5ad: .*safetensors"),
        (["model.safetensors", "model.safetensors"], 3, "model.safetensors: "),
        (["model.safetensors", "absent.h5ad"], 3, "absent.h5ad: no such file"),
        (["model.safetensors", "query.h5ad", "--layer", "none"], 3, "--layer none: no such layer"),
    ],
)
def test_a_fault_is_one_line_and_leaves_no_file(words, status, message, files, capsys):
    found = [files / word if "." in word else word for word in words]
    assert run(*found, "-o", files / "genes.tsv", "-q") == status
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search(message, told), told
    assert not (files / "genes.tsv").exists()


def test_neither_output_appears_where_the_samples_fail(files, query):
    spoilt = query.copy()
    spoilt.X[-1] = float("nan")
    write_h5ad(spoilt, files / "spoilt.h5ad")
    words = ["-o", files / "genes.tsv", "--figure", files / "genes.png", "-q"]
    assert run(files / "model.safetensors", files / "spoilt.h5ad", *words) == 3
    assert not (files / "genes.tsv").exists() and not (files / "genes.png").exists()


def test_python_gives_the_same_table(files, query):
    import clrna

    words = ["-n", "2", "--against", "second", "--adapt", "none"]
    assert run(files / "model.safetensors", files / "query.h5ad", "-o", files / "genes.tsv", *words) == 0
    table = clrna.tl.explain(files / "model.safetensors", query, n_genes=2, against="second", adapt="none")
    from clrna.explain.table import genes_tsv

    assert genes_tsv(table) == (files / "genes.tsv").read_text()
    assert len(clrna.pl.genes(table).axes) == 3
    with pytest.raises(clrna.errors.UsageError, match="against='second'"):
        clrna.tl.explain(files / "model.safetensors", against="second")
    told = clrna.tl.explain(files / "model.safetensors", against="Lung", n_genes=1)
    assert set(told["against"]) == {"Lung"} and "Lung" not in set(told["label"])
    with pytest.raises(clrna.errors.UsageError, match="against 'Lungs': the model has no such label"):
        clrna.tl.explain(files / "model.safetensors", against="Lungs")
    with pytest.raises(clrna.errors.UsageError, match="against=None: name a label of the model"):
        clrna.tl.explain(files / "model.safetensors", against=None)
    with pytest.raises(clrna.errors.UsageError, match="n_genes=-1"):
        clrna.tl.explain(files / "model.safetensors", n_genes=-1)
    with pytest.raises(clrna.errors.UsageError, match="label 'Bowl': the model has no such label"):
        clrna.tl.explain(files / "model.safetensors", label="Bowl")
