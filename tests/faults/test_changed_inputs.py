"""An input that is written to while a run goes on is refused: the record would name bytes that were not read."""

import contextlib
import os
import shutil

import pytest
from conftest import MADE, MODEL

from clrna.cli import encode, normalize, runtime
from clrna.io.output import beside

NAMES = ["normalize", "train", "encode", "baseline", "score", "plot", "match", "explain"]


@pytest.mark.parametrize("name", NAMES)
def test_an_input_that_changes_meanwhile_is_refused(name, run, tmp_path, monkeypatch):
    given = shutil.copy(MADE / "encoded.h5ad", tmp_path / "given.h5ad")
    os.utime(given, (0, 0))

    @contextlib.contextmanager
    def changed_as_it_begins():
        os.utime(given)
        yield

    more = ["--key-added", "X_other"] if name == "encode" else []
    monkeypatch.setattr(runtime, "stages_told", changed_as_it_begins)
    run(name, given, *more).refused("given.h5ad: was changed while it was read; start anew")
    monkeypatch.undo()
    assert run(name, given, *more).status == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_input_that_changes_as_outputs_are_written_is_refused(name, run, tmp_path, monkeypatch):
    given, create = shutil.copy(MADE / "encoded.h5ad", tmp_path / "given.h5ad"), beside.create
    more = ["--key-added", "X_other"] if name == "encode" else []

    def changed(path):
        with given.open("ab") as file:
            file.write(b"more")
        create(path)

    monkeypatch.setattr(beside, "create", changed)
    run(name, given, *more).refused("given.h5ad: was changed while it was read; start anew")


@pytest.mark.parametrize("main", [normalize.main, encode.main])
def test_a_file_of_a_folder_that_changes_meanwhile_is_refused(main, encoded, tmp_path, monkeypatch, capsys):
    folder, create = tmp_path / "counts", beside.create
    folder.mkdir()
    lines = "".join(f"{gene}\t{number}\n" for number, gene in enumerate(encoded.var_names))
    for sample in "abc":
        (folder / f"{sample}.htseq.counts").write_text(lines)

    def changed(path):
        with (folder / "b.htseq.counts").open("a") as file:
            file.write("TP53\t5\n")
        create(path)

    words = [str(folder), "-o", str(tmp_path / "o.h5ad"), "-q"]
    words += ["-m", str(MODEL)] if main is encode.main else []
    monkeypatch.setattr(beside, "create", changed)
    assert main(words) == 3
    assert "b.htseq.counts: was changed while it was read" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["counts"]
