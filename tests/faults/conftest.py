"""Every executable that reads an h5ad, as one call: what is refused must be refused by all of them.

Where a test has several parameters, ``make test`` takes each value of the longest list once, with the others in turn;
``make fuzz`` (CLRNA_FAULTS=all) takes all combinations.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import anndata
import pytest
from anndata import AnnData

from clrna.io.hdf5.h5ad import write_h5ad

sys.path.insert(0, str(Path(__file__).parent))

from place import Place, place_in

REPOSITORY = Path(__file__).resolve().parents[2]
MADE = REPOSITORY / "tools" / "clrna" / "test-data"
MODEL = MADE / "model.safetensors"
# The executables that take an h5ad, with the words that let them work on `encoded`; OUT is a folder for outputs.
WORDS = {
    "normalize": ["INPUT", "-o", "OUT/o.h5ad"],
    "train": ["INPUT", "-o", "OUT/m.safetensors", "--epochs", "0", "--history", "OUT/h.tsv", "--card", "OUT/c.md"],
    "encode": ["INPUT", "-m", str(MODEL), "-o", "OUT/o.h5ad"],
    "baseline": ["INPUT", "-o", "OUT/o.h5ad", "--methods", "pca", "--design-report", "OUT/d.tsv"],
    "score": ["INPUT", "-o", "OUT/s.tsv", "--metrics", "silhouette", "--bootstrap", "5", "--output-h5ad", "OUT/o.h5ad"],
    "match": ["INPUT", str(MADE / "encoded.h5ad"), "-o", "OUT/m.tsv"],
    "plot": ["INPUT", "-o", "OUT/o.svg", "--projections", "pca"],
    "explain": [str(MODEL), "INPUT", "-o", "OUT/g.tsv", "-n", "3", "--figure", "OUT/g.svg"],
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the combinations out that ``make test`` does not take."""
    if os.environ.get("CLRNA_FAULTS") == "all":
        return
    functions: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.path.parent == Path(__file__).parent and hasattr(item, "callspec"):
            functions.setdefault(item.nodeid.split("[")[0], []).append(item)
    left_out = [item for several in functions.values() for item in several if item not in _taken(several)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _taken(several: list[pytest.Item]) -> list[pytest.Item]:
    """Return those of a test's combinations in which each value of its longest list stands once."""
    columns = [[id(item.callspec.params[name]) for item in several] for name in several[0].callspec.params]
    # Parameters that stand beside each other in one list count the same.
    lists = sorted({tuple(list(dict.fromkeys(column)).index(at) for at in column) for column in columns}, key=max)
    *others, longest = lists
    wanted, number = [0] * len(several), 1
    for one in others:
        length = max(one) + 1
        wanted, number = [length * before + at for before, at in zip(wanted, one, strict=True)], length * number
    return [item for item, at, want in zip(several, longest, wanted, strict=True) if at % number == want]


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    status: int
    said: str
    left: list[str]

    def refused(self, *parts: str, status: int = 3) -> None:
        """Hold that it ended as a refusal has to: that status, one line with all ``parts``, nothing written."""
        lines = [line for line in self.said.splitlines() if ": error: " in line]
        assert self.status == status, self.said
        assert len(lines) == 1, self.said
        assert "unexpected" not in lines[0]
        assert "Traceback" not in self.said
        assert len(lines[0]) < 1000
        for part in parts:
            assert part in lines[0], lines[0]
        assert self.left == []


def call(name: str, given: Path, folder: Path, *more: str) -> tuple[int, list[str]]:
    """Run an executable in this process on ``given``; return its status and the names of what it left."""
    folder.mkdir(exist_ok=True)
    main = importlib.import_module(f"clrna.cli.{name}").main
    words = [word.replace("OUT", str(folder)) if word != "INPUT" else str(given) for word in WORDS[name]]
    try:
        status = main([*words, "--threads", "1", "-q", *more])
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, sorted(path.name for path in folder.iterdir())


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run an executable on a file: ``run('encode', path, *more words)``."""

    def one(name: str, given: Path, *more: str) -> Ended:
        status, left = call(name, given, tmp_path / "out", *more)
        captured = capsys.readouterr()
        assert captured.out == ""
        return Ended(status, captured.err, left)

    return one


@pytest.fixture
def encoded() -> AnnData:
    """A small file that every executable works on."""
    return anndata.read_h5ad(MADE / "encoded.h5ad")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[AnnData], Path]:
    """Write a file to be spoilt."""

    def to_disk(adata: AnnData, name: str = "given.h5ad") -> Path:
        write_h5ad(adata, tmp_path / name)
        return tmp_path / name

    return to_disk


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """All executables in a process that has loaded what they need."""
    with place_in(tmp_path_factory.mktemp("place")) as made:
        yield made


@pytest.fixture
def python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python words in a process of its own, in the repository."""

    def one(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], capture_output=True, text=True, timeout=300, check=False, cwd=REPOSITORY
        )

    return one
