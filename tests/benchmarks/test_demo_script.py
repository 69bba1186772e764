"""The demo on people's own files: what is handed to clrna-normalize, and all steps with a table of the samples."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "benchmarks" / "demo.sh"
SIMULATED = REPOSITORY / "test-data" / "simulated"


def run(*words: object, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1", **environment}
    return subprocess.run(["sh", str(SCRIPT), *map(str, words)], capture_output=True, text=True, env=settings)


@pytest.fixture
def words_for(tmp_path):
    """Return a function that says with which words the script calls clrna-normalize, up to ``-o``."""
    fake = tmp_path / "bin" / "clrna-normalize"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\nexit 3\n')
    fake.chmod(0o755)

    def call(*words: object, **environment: str) -> list[str]:
        done = run(tmp_path / "out", "", *words, path=fake.parent, **environment)
        assert done.returncode == 3, done.stderr
        given = done.stdout.splitlines()
        return [word.removeprefix(f"{tmp_path}/") for word in given[: given.index("-o")]]

    return call


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "my data"
    folder.mkdir()
    for name in ("a.tsv.gz", "b.h5ad", "notes.docx", "samples.csv"):
        (folder / name).write_text("x")
    return folder


def test_the_files_of_a_folder_are_inputs_whatever_its_name(words_for, folder):
    files = [f"my data/{name}" for name in ("a.tsv.gz", "b.h5ad", "samples.csv")]
    assert words_for(folder) == files
    assert words_for(*str(folder).split()) == files  # as make hands it on


def test_folders_of_quantifiers_in_it_are_a_study_each(words_for, folder):
    for sample in ("S1", "S2"):
        (folder / "rna" / sample).mkdir(parents=True)
        (folder / "rna" / sample / "quant.sf").write_text("x")
    (folder / "figures").mkdir()
    assert words_for(folder) == ["my data/a.tsv.gz", "my data/b.h5ad", "my data/rna", "my data/samples.csv"]


@pytest.mark.parametrize("names", [("S1.genes.results", "S2.genes.results"), ("S1/abundance.tsv", "S2/abundance.tsv")])
def test_a_folder_of_a_quantifier_is_one_study(words_for, tmp_path, names):
    for name in names:
        (tmp_path / "cohort" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cohort" / name).write_text("x")
    (tmp_path / "cohort" / "samples.tsv").write_text("x")
    assert words_for(tmp_path / "cohort") == ["cohort/samples.tsv", "cohort"]


def test_tables_of_samples(words_for, tmp_path, folder):
    table = folder / "samples.csv"
    assert words_for("a.tsv", METADATA=str(table)) == ["a.tsv", "--metadata", "my data/samples.csv"]
    assert words_for("a.tsv", METADATA="A=x.tsv B=y.tsv") == [
        "a.tsv", "--metadata", "A=x.tsv", "--metadata", "B=y.tsv",
    ]  # fmt: skip


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "none").mkdir()
    done = run(tmp_path / "out", "", tmp_path / "none", path=tmp_path)
    assert done.returncode == 2 and "holds no expression file" in done.stderr


# What the steps that take long are told besides, to take less.
BRIEFLY = {
    "baseline": "--methods pca,combat", "score": "--bootstrap 10 --metrics transfer_f1", "plot": "--projections pca",
}  # fmt: skip


@pytest.fixture
def brief(tmp_path) -> Path:
    """A folder of executables, some of which do less."""
    folder = tmp_path / "brief"
    folder.mkdir()
    for step in ("normalize", "train", "encode", "baseline", "score", "plot"):
        program = folder / f"clrna-{step}"
        more = BRIEFLY.get(step, "")
        program.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).parent}/clrna-{step}" "$@" {more}\n')
        program.chmod(0o755)
    return folder


@pytest.mark.slow
def test_the_whole_demo_with_a_table_of_the_samples(tmp_path, brief):
    """Counts by Ensembl and logarithms by symbol, labelled by one table; the second study is left out of training."""
    data = tmp_path / "data"
    data.mkdir()
    for name in ("SIM1.tsv.gz", "SIM2.csv.gz"):
        (data / name).symlink_to(SIMULATED / name)
    out = tmp_path / "out"
    settings = {"METADATA": str(SIMULATED / "metadata.tsv"), "DEMO_ARGS": "--device cpu --threads 1"}
    done = run(out, "SIM2", data, path=brief, **settings)
    assert done.returncode == 0, done.stderr
    assert "Warning:" not in done.stderr and f"Open {out}/report.html" in done.stderr
    studies = pd.read_csv(out / "studies.tsv", sep="\t", index_col="study")
    assert studies["samples"].tolist() == [48, 48]
    tissues = [f"tissue: {name}" for name in ("Bowel", "Breast", "Lung", "Skin")]
    assert studies[tissues].to_numpy().tolist() == [[12] * 4] * 2
    scores = pd.read_csv(out / "scores.tsv", sep="\t")
    headline = scores[(scores["headline"]) & (scores["metric"] == "transfer_f1") & (scores["embedding"] == "X_clrna")]
    assert set(headline["study"].dropna()) == {"SIM2"} and headline["value"].min() > 0.8


@pytest.fixture
def left_out(tmp_path):
    """Return a function that says which studies the script has clrna-train leave out, '' for none."""
    programs = tmp_path / "programs"
    programs.mkdir()
    table = "study\\tsource\\tgenes\\tsamples\\nLARGE\\tx\\t9\\t90\\nSMALL\\tx\\t9\\t9\\n"
    for step in ("normalize", "train", "encode", "baseline", "score", "plot"):
        makes = f"printf '{table}' > out/studies.tsv" if step == "normalize" else f'echo "$@" > out/{step}.words'
        (programs / f"clrna-{step}").write_text(f"#!/bin/sh\ncd '{tmp_path}'\n{makes}\n")
        (programs / f"clrna-{step}").chmod(0o755)

    def call(hold_out: str, *words: object) -> str:
        done = run(tmp_path / "out", hold_out, *words, path=programs)
        assert done.returncode == 0, done.stderr
        told = (tmp_path / "out" / "train.words").read_text().split()
        return told[told.index("--exclude-study") + 1] if "--exclude-study" in told else ""

    return call


def test_a_list_beside_the_data_says_what_is_left_out(left_out, folder):
    assert left_out("", folder) == "SMALL"
    (folder / "hold-out.list").write_text("B2\nA1\n")
    assert left_out("", folder) == "B2,A1"
    assert left_out("LARGE,C3", folder) == "LARGE,C3"
    assert left_out("", folder / "a.tsv.gz", folder / "b.h5ad") == "SMALL"
