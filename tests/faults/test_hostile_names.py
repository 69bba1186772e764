"""Names of studies, samples, labels, genes, columns and layers stand visible and cut in every message."""

import contextlib
import importlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData

from clrna.constants import TISSUE, TUMOR_TYPE
from clrna.io.hdf5.h5ad import write_h5ad
from tests.faults.conftest import WORDS

TAIL = "\x1b[2J\nb\x07\u202e" + "x" * 900
EXECUTABLES = ["normalize", "train", "encode", "baseline", "score", "match", "explain", "plot"]


def renamed(adata: AnnData, column: str) -> None:
    adata.obs[column] = [f"{value}{TAIL}" for value in adata.obs[column].astype(str)]


def with_samples(adata: AnnData) -> None:
    adata.obs_names = [f"{sample}{TAIL}" for sample in adata.obs_names]
    adata.X[:3] = np.nan


def with_labels(adata: AnnData) -> None:
    for column in (TISSUE, TUMOR_TYPE, "tissue_all", "tissue_raw", "clrna_label"):
        if column in adata.obs:
            renamed(adata, column)


def with_genes(adata: AnnData) -> None:
    adata.var_names = [*adata.var_names[:30], *(f"{gene}{TAIL}" for gene in adata.var_names[30:])]
    adata.X[:3, 31] = np.nan


def with_columns(adata: AnnData) -> None:
    for at in range(30):
        adata.obs[f"column {at}{TAIL}"] = f"{at}{TAIL}"


def with_layers(adata: AnnData) -> None:
    for at in range(12):
        adata.layers[f"layer {at}{TAIL.replace('/', '')}"] = adata.X


PLACES: dict[str, tuple[Callable[[AnnData], None], list[str]]] = {
    "studies": (lambda adata: renamed(adata, "study"), []),
    "donors": (lambda adata: renamed(adata, "donor"), []),
    "samples": (with_samples, []),
    "labels": (with_labels, []),
    "genes": (with_genes, []),
    "columns": (with_columns, ["--study-key", "no such column"]),
    "layers": (with_layers, ["--layer", "no such layer"]),
    "scales": (lambda adata: renamed(adata, "scale"), []),
    "splits": (lambda adata: renamed(adata, "split"), []),
}


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run an executable on a file, with its log, and return what it says on stderr and stdout."""

    def run(name: str, given: Path, *more: str) -> str:
        folder = tmp_path / "out"
        folder.mkdir(exist_ok=True)
        main = importlib.import_module(f"clrna.cli.{name}").main
        words = [word.replace("OUT", str(folder)) if word != "INPUT" else str(given) for word in WORDS[name]]
        with contextlib.suppress(SystemExit):
            main([*words, "--threads", "1", *more])
        captured = capsys.readouterr()
        return captured.err + captured.out

    return run


@pytest.mark.parametrize("name", EXECUTABLES)
@pytest.mark.parametrize("place", list(PLACES))
def test_names_stand_visible_and_cut_in_every_message(said, encoded, tmp_path, name, place):
    spoil, more = PLACES[place]
    spoil(encoded)
    write_h5ad(encoded, tmp_path / "given.h5ad")
    text = said(name, tmp_path / "given.h5ad", *(more if name in ("normalize", "encode") else []))
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    lines = [line for line in text.splitlines() if not line.startswith(f"clrna-{name}: ")]
    assert not lines, lines[0][:300]
    longest = max(map(len, re.findall("x+", text)), default=0)
    assert longest <= 100, next(line for line in text.splitlines() if "x" * 101 in line)[:600]
