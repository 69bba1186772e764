"""``clrna``: each step under one name, with the same options, outputs and exit status; alone, the list of them."""

import importlib
import signal
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pytest

from clrna import __version__
from clrna.cli import suite, train
from clrna.errors import DeviceError, InputError, RemoteError
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.simulate import simulate


@pytest.fixture
def clrna(python):
    return lambda *words, **settings: python("-m", "clrna.cli.suite", *words, **settings)


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "samples.h5ad"
    write_h5ad(simulate(n_tissues=3, n_studies=2, n_genes=120, samples_per=8, seed=1), path)
    return path


def test_the_steps_are_the_other_executables(scripts):
    steps = {f"clrna-{step}": f"clrna.cli.{step}" for step in suite.STEPS}
    assert scripts == {"clrna": "clrna.cli.suite"} | steps


def test_alone_it_lists_the_steps(clrna):
    done = clrna()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == clrna("--help").stdout
    text = " ".join(done.stdout.split())
    for step in suite.STEPS:
        assert f" {step} {importlib.import_module(f'clrna.cli.{step}').SUMMARY} " in text
    assert clrna("--version").stdout == f"clrna {__version__}\n"


@pytest.mark.parametrize("step", suite.STEPS)
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["--no-such-option"], ["none.h5ad", "-o", "none/o.h5ad"]])
def test_a_step_says_what_its_executable_says(step, words, capsys):
    def said(main, words):
        try:
            status = main(words)
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    mine = said(suite.main, [step, *words])
    first = (mine[1] + mine[2]).partition("\n\n")[0]
    assert f"clrna {step}" in first and f"clrna-{step}" not in first
    renamed = [text.replace(f"clrna {step}", f"clrna-{step}") for text in mine[1:]]
    assert (mine[0], *renamed) == said(importlib.import_module(f"clrna.cli.{step}").main, words)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("tran", "'tran' is no step; did you mean train?"),
        ("clrna-plot", "'clrna-plot' is no step; did you mean plot?"),
        ("zzz", f"'zzz' is no step; the steps are {', '.join(suite.STEPS)}"),
        ("--", "'--' is no step; the steps are"),
        ("a\nb", "'a b' is no step; the steps are"),
        ("--sed", "unrecognized arguments: --sed"),
    ],
)
def test_an_unknown_step_is_refused_in_one_line(clrna, word, hint):
    done = clrna(word, "merged.h5ad", "-o", "model.safetensors") if word != "--sed" else clrna(word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"clrna: error: {hint}")
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("(clrna --help lists all)\n")


def test_a_step_does_what_its_executable_does(clrna, python, samples, tmp_path):
    options = ["--device", "cpu", "--threads", "1"]
    mine = clrna("train", str(samples), "-o", str(tmp_path / "mine.safetensors"), *options)
    other = python("-m", "clrna.cli.train", str(samples), "-o", str(tmp_path / "other.safetensors"), *options)
    assert mine.returncode == other.returncode == 0
    assert (tmp_path / "mine.safetensors").read_bytes() == (tmp_path / "other.safetensors").read_bytes()
    said, expected = ([line for line in done.stderr.splitlines() if " took " not in line] for done in (mine, other))
    assert [line.replace("clrna train: ", "clrna-train: ") for line in said] == expected  # but for how long it took
    assert "clrna train: info: " in mine.stderr
    words = [str(samples), "-m", str(tmp_path / "mine.safetensors"), "-o", str(tmp_path / "out.h5ad"), "--quiet"]
    assert clrna("encode", *words).returncode == 0
    assert np.isfinite(anndata.read_h5ad(tmp_path / "out.h5ad").obsm["X_clrna"]).all()


def test_a_step_is_called_from_python_too(samples, tmp_path, capsys):
    before = list(sys.argv)
    words = [str(samples), "-o", str(tmp_path / "model.safetensors"), "--exclude-study", "NONE"]
    assert suite.main(["train", *words]) == 2
    assert "clrna train: error: --exclude-study NONE: no such study" in capsys.readouterr().err
    assert sys.argv == before
    assert importlib.import_module("clrna.cli.train").get_parser().prog == "clrna-train"


def test_train_prints_its_settings(clrna, python):
    words = ("--print-config", "--preset", "original-40")
    done = clrna("train", *words)
    assert (done.returncode, done.stdout) == (0, python("-m", "clrna.cli.train", *words).stdout)
    assert "preset: original-40" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_a_full_standard_output_is_named(clrna):
    with Path("/dev/full").open("w") as full:
        words = [sys.executable, "-m", "clrna.cli.suite"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("clrna: error: standard output: No space left on device; free some")


@pytest.mark.parametrize(
    ("fault", "status"), [(InputError("x: is bad"), 3), (DeviceError("x: is bad"), 4), (RemoteError("x: is bad"), 5)]
)
def test_the_status_is_that_of_the_step(samples, tmp_path, monkeypatch, capsys, fault, status):
    def body(args):
        raise fault

    monkeypatch.setattr(train, "body", body)
    assert suite.main(["train", str(samples), "-o", str(tmp_path / "model.safetensors")]) == status
    assert capsys.readouterr().err == "clrna train: error: x: is bad\n"


def test_a_stopped_step_ends_as_its_executable_does(samples, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train, "body", lambda args: signal.raise_signal(signal.SIGTERM))
    assert suite.main(["train", str(samples), "-o", str(tmp_path / "model.safetensors")]) == 128 + signal.SIGTERM
    assert "clrna train: error: stopped by SIGTERM; no output was replaced" in capsys.readouterr().err
