"""A pipe that takes an input's place during a run is refused at whatever moment it comes, and never waited for."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from conftest import MADE, MODEL, REPOSITORY

from clrna.cli import encode, explain, fetch, match, normalize, plot, score, train

# Inputs of every kind; GIVEN is a copy of the file that is named first.
INPUTS = {
    "h5ad for normalize": (MADE / "merged.h5ad", normalize, "GIVEN"),
    "text for normalize": (MADE / "SIM1.tsv.gz", normalize, "GIVEN"),
    "metadata": (MADE / "metadata.tsv", normalize, str(MADE / "SIM1.tsv.gz"), "--metadata", "GIVEN"),
    "label map": (MADE / "labels.tsv", normalize, str(MADE / "SIM1.tsv.gz"), "--label-map", "GIVEN"),
    "h5ad for train": (MADE / "merged.h5ad", train, "GIVEN"),
    "start": (MODEL, train, str(MADE / "merged.h5ad"), "--start", "GIVEN"),
    "h5ad for encode": (MADE / "merged.h5ad", encode, "GIVEN", "-m", str(MODEL)),
    "text for encode": (MADE / "SIM1.tsv.gz", encode, "GIVEN", "-m", str(MODEL)),
    "model": (MODEL, encode, str(MADE / "merged.h5ad"), "-m", "GIVEN"),
    "h5ad for score": (MADE / "encoded.h5ad", score, "GIVEN", "--metrics", "silhouette"),
    "h5ad for match": (MADE / "encoded.h5ad", match, "GIVEN", str(MADE / "encoded.h5ad")),
    "model for match": (MODEL, match, str(MADE / "encoded.h5ad"), "GIVEN"),
    "h5ad for plot": (MADE / "encoded.h5ad", plot, "GIVEN", "--projections", "pca"),
    "scores": (MADE / "scores.tsv", plot, str(MADE / "encoded.h5ad"), "--projections", "pca", "--scores", "GIVEN"),
    "matches": (MADE / "matches.tsv", plot, str(MADE / "encoded.h5ad"), "--projections", "pca", "--matches", "GIVEN"),
    "h5ad for explain": (MADE / "merged.h5ad", explain, str(MODEL), "GIVEN", "-n", "3"),
    "label map for fetch": (MADE / "labels.tsv", fetch, "gdc", "--projects", "TCGA-KIRC", "--from",
                  str(REPOSITORY / "tests/fetch/data/gdc"), "--label-map", "GIVEN"),
}  # fmt: skip
ENDINGS = {normalize: "o.h5ad", train: "m.safetensors", encode: "o.h5ad", fetch: "o.h5ad", plot: "o.html"}
MOMENTS = 24


class Swapped:
    """Puts a pipe in a file's place before the given one of the looks that are taken at it."""

    def __init__(self, path: Path, moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.left, self.done = path, moment, False
        for name in ("stat", "open"):
            monkeypatch.setattr(os, name, self.counted(getattr(os, name)))

    def counted(self, call):
        def look(path, *args, **kwargs):
            if not self.done and isinstance(path, str | Path) and str(path) == str(self.path):
                self.left -= 1
                if self.left < 0:
                    self.done = True
                    self.path.unlink()
                    os.mkfifo(self.path)
            return call(path, *args, **kwargs)

        return look


def too_long(*_):
    raise AssertionError("a pipe was waited for")


@pytest.mark.parametrize("moment", range(MOMENTS))
@pytest.mark.parametrize("kind", INPUTS)
def test_a_pipe_is_never_waited_for(kind, moment, tmp_path, monkeypatch, capsys):
    source, module, *words = INPUTS[kind]
    given, out = Path(shutil.copy(source, tmp_path)), tmp_path / "out"
    out.mkdir()
    words = [word.replace("GIVEN", str(given)) for word in words]
    before = signal.signal(signal.SIGALRM, too_long)
    swapped = Swapped(given, moment, monkeypatch)
    signal.alarm(60)
    try:
        status = module.main([*words, "-o", str(out / ENDINGS.get(module, "o.tsv")), "--threads", "1", "-q"])
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        monkeypatch.undo()
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "unexpected" not in said
    # The model of the test data is a network's, which --start reads and refuses.
    if status and (swapped.done or kind != "start"):
        assert swapped.done, said
        assert status == 3, said
        assert said.count("error: ") == 1, said
        assert given.name in said
        assert not list(out.iterdir())
