"""An input that is written to while a run goes on is refused: the record would name bytes that were not read."""

import contextlib
import os
import shutil

import pytest
from conftest import MADE

from clrna.cli import runtime


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "score", "plot"])
def test_an_input_that_changes_meanwhile_is_refused(name, run, tmp_path, monkeypatch):
    given = shutil.copy(MADE / "encoded.h5ad", tmp_path / "given.h5ad")
    os.utime(given, (0, 0))

    @contextlib.contextmanager
    def changed_as_it_begins():
        os.utime(given)
        yield

    more = ["--key-added", "X_other"] if name == "encode" else []
    if name == "plot":
        more = ["--output-h5ad", str(tmp_path / "out" / "drawn.h5ad")]
    monkeypatch.setattr(runtime, "stages_told", changed_as_it_begins)
    run(name, given, *more).refused("given.h5ad: was changed while it was read; start anew")
    monkeypatch.undo()
    assert run(name, given, *more).status == 0
