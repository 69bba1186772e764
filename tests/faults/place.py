"""Where the executables run again and again, with what each of them makes when nobody stops it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forking import NAMES, Ended, Forking, Run

REPOSITORY = Path(__file__).resolve().parents[2]
MADE = REPOSITORY / "tools" / "clrna" / "test-data"
ENCODED, MERGED, MODEL = (str(MADE / name) for name in ("encoded.h5ad", "merged.h5ad", "model.safetensors"))
OLD = b"what stood there before"
# Every executable with every output that it has; OUT is the folder of outputs.
WORDS = {
    "fetch": ["gdc", "--projects", "TCGA-KIRC", "--from", str(REPOSITORY / "tests/fetch/data/gdc"), "-o", "OUT/o.h5ad",
              "--write-checksums", "OUT/sums.txt"],
    "normalize": [str(MADE / "SIM1.tsv.gz"), "-o", "OUT/o.h5ad", "--gene-report", "OUT/g.tsv",
                  "--study-report", "OUT/s.tsv"],
    "train": [MERGED, "-o", "OUT/m.safetensors", "--epochs", "0", "--output-h5ad", "OUT/o.h5ad",
              "--history", "OUT/h.tsv", "--card", "OUT/c.md"],
    "encode": [MERGED, "-m", MODEL, "-o", "OUT/o.h5ad"],
    "baseline": [ENCODED, "-o", "OUT/o.h5ad", "--methods", "pca,combat", "--design-report", "OUT/d.tsv"],
    "score": [ENCODED, "-o", "OUT/s.tsv", "--metrics", "silhouette", "--bootstrap", "5", "--output-h5ad", "OUT/o.h5ad",
              "--mqc", "OUT/s_mqc.json"],
    "match": [ENCODED, ENCODED, "-o", "OUT/m.tsv"],
    "plot": [ENCODED, "-o", "OUT/o.html", "--projections", "pca"],
    "explain": [MODEL, ENCODED, "-o", "OUT/g.tsv", "-n", "3", "--figure", "OUT/g.svg"],
}  # fmt: skip


@dataclass
class Place:
    """A folder for outputs, one for temporary files, and what a run makes that nobody stops."""

    forking: Forking
    folder: Path
    whole: dict[str, dict[str, bytes]]
    seconds: dict[str, float]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    def words(self, name: str) -> list[str]:
        return [name, *(word.replace("OUT", str(self.out)) for word in WORDS[name])]

    def run(self, name: str, **more: float | int) -> Ended:
        return self.forking.run(Run(self.words(name), str(self.scratch), **more))[0]

    def empty(self) -> None:
        for path in self.out.iterdir():
            path.unlink()

    def held(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.out.iterdir()}


@contextmanager
def place_in(folder: Path) -> Iterator[Place]:
    """Have every executable run once, and keep what it makes."""
    for name in ("out", "scratch"):
        (folder / name).mkdir()
    made = Place(None, folder, {}, {})
    with Forking(*(Run(made.words(name), str(made.scratch)) for name in NAMES)) as made.forking:
        for name in NAMES:
            made.empty()
            ended = made.run(name)
            assert ended.status == 0, ended.said
            made.whole[name], made.seconds[name] = made.held(), ended.seconds
        yield made
