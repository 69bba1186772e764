"""A small pipeline's outputs, hostile names included, and the report drawn from them."""

import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.cli import plot
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.provenance import add_record, make_record
from clrna.results import gene_table, match_table

# Each would do harm in one place or another if it were taken for more than text.
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    '"><b>bold</b>',
    "<a href='https://example.org/'>here</a>",
    "%{x} ${y} {{ 7 * 7 }}",
    "\u2028line & 'quote'",
]
SCORE_COLUMNS = (
    "embedding metric label_key split study value ci_low ci_high minus_combat minus_combat_low minus_combat_high n "
    "in_sample headline direction reason note"
).split()


def write_inputs(folder: Path, tissues: list[str], *, per_study: int = 24) -> Path:
    """Write encoded.h5ad, baseline.h5ad, scores.tsv and history.tsv of three studies, one of them never seen."""
    generator = np.random.default_rng(0)
    studies = np.repeat(["CCLE", "NCI60", "TCGA <b>"], per_study)
    number = len(studies)
    tissue = np.resize(tissues, number).astype(object)
    obs = pd.DataFrame({"study": studies, "tissue": tissue, "donor": [f"D{i}" for i in range(number)]})
    obs["split"] = np.where(np.arange(number) % 5, "train", "test")
    obs["sample_category"] = np.where(studies == "TCGA <b>", "tumor", "cell_line")
    obs["scale"] = "log2_tpm1"
    obs.index = pd.Index([f"{study}.S{i}" for i, study in enumerate(studies)])
    base = AnnData(np.ones((number, 3), dtype=np.float32), obs=obs)
    found = [
        read_row(file="ccle.csv", study="CCLE"),
        read_row(file=f"{tissues[0]}.tsv", study="TCGA <b>", why=tissues[3]),
    ]
    add_record(base, make_record("normalize", {"seed": 0, "min_class_size": 10}, [], note=tissues[0], found=found))
    position = generator.normal(size=(len(tissues), 6))[[tissues.index(name) for name in tissue]]
    encoded = base.copy()
    encoded.obsm["X_clrna"] = (4 * position + generator.normal(size=(number, 6))).astype(np.float32)
    wrong = generator.random(number) < 0.2
    encoded.obs["clrna_label"] = np.where(wrong, np.roll(tissue, 1), tissue)
    encoded.obs["clrna_confidence"] = np.where(wrong, 0.6, 0.9)
    encoded.obs["clrna_unlike_training"] = np.arange(number) % 24 == 0
    encoded.obs["clrna_seen"] = np.where(studies == "TCGA <b>", "unseen", "study")
    add_record(encoded, make_record("train", {"seed": 1, "preset": "default"}, []))
    add_record(encoded, make_record("encode", {"seed": 0, "adapt": "study"}, [], adapt={"TCGA <b>": "own"}))
    encoded.uns["clrna"]["models"] = {
        "X_clrna": {
            "sha256": "ab" * 32, "preset": "default", "latent_dim": 6, "label_key": "tissue",
            "training_studies": np.array(["CCLE", "NCI60"], dtype=object),
        }
    }  # fmt: skip
    write_h5ad(encoded, folder / "encoded.h5ad")
    base.obsm["X_combat"] = (position + generator.normal(size=(number, 6))).astype(np.float32)
    base.obsm["X_pca"] = generator.normal(size=(number, 6)).astype(np.float32)
    add_record(base, make_record("baseline", {"seed": 0}, []))
    write_h5ad(base, folder / "baseline.h5ad")
    write_h5ad(reference_of(encoded), folder / "reference.h5ad")
    matches(encoded).to_csv(folder / "matches.tsv", sep="\t", index=False)
    genes(encoded, tissues).to_csv(folder / "genes.tsv", sep="\t", index=False)
    scores().to_csv(folder / "scores.tsv", sep="\t", index=False)
    (folder / "history.tsv").write_text(
        "epoch\ttrain_cost\tvalid_cost\tvalid_macro_f1\tbest\n"
        "1\t3.0\t3.5\t0.2\tTrue\n2\t2.0\t\t\tFalse\n3\t1.5\t2.9\t0.6\tTrue\n"
    )
    return folder


def reference_of(encoded: AnnData, study: str = "REF <i>") -> AnnData:
    """The first study's samples once more, as another study that the same model encoded."""
    reference = encoded[encoded.obs["study"] == "CCLE"].copy()
    reference.obs["study"] = study
    reference.obs_names = [f"{study}.{number}" for number in range(reference.n_obs)]
    return reference


def matches(encoded: AnnData) -> pd.DataFrame:
    """A table as clrna-match writes it, of the study that was never seen: two matches of each sample."""
    asked = encoded.obs[encoded.obs["study"] == "TCGA <b>"]
    rows = []
    for number, (name, sample) in enumerate(asked.iterrows()):
        level, kind = ("same_label", "chance")[number % 4 == 0], ("tumor", "normal")[number % 3 == 0]
        for rank in (1, 2):
            found = (rank, f"REF <i>.{rank}", "REF <i>", "D1", sample["tissue"], "cell_line", 0.9 - rank / 10, rank, 1)
            rows.append((name, "TCGA <b>", sample["donor"], sample["tissue"], "file", *found, level, 0.85, 0.1, kind))
    return pd.DataFrame(rows, columns=list(match_table.COLUMNS))


def genes(encoded: AnnData, tissues: list[str]) -> pd.DataFrame:
    """A table as clrna-explain writes it: three genes for and against each label and each sample."""
    owners = [(label, "", "") for label in tissues]
    owners += [(row["clrna_label"], name, row["study"]) for name, row in encoded.obs.iterrows()]
    rows = [
        (label, "all others", name, study, side, rank, f"{side}{rank}<b>", "", sign / rank, sign * 2.0, 9.0, 0.5, 0.0)
        for label, name, study in owners
        for side, sign in (("for", 1), ("against", -1))
        for rank in (1, 2, 3)
    ]
    return pd.DataFrame(rows, columns=list(gene_table.COLUMNS))


def read_row(**changes: str) -> dict[str, str | int]:
    """A row of what clrna-normalize found in its inputs, as its record holds it."""
    row = {
        "file": "a.tsv", "study": "A", "samples": 1240, "genes": "18 of 20", "orientation": "samples in rows",
        "identifiers": "ensembl", "scale": "counts to log2_tpm1", "why": "whole numbers", "lost": "2 genes lost (X, Y)",
    }  # fmt: skip
    return row | changes


def scores() -> pd.DataFrame:
    """A table of scores as clrna-score writes it: CLRNA ahead of ComBat, in-sample rows marked."""
    rows = []

    def add(embedding, metric, value, *, split="unseen", study="", half=0.05, **more):
        label_key = {"replicate_recall": "", "study_predictability": "study", "study_chance": "study"}.get(
            metric, "tissue"
        )
        direction = "lower" if metric.startswith("study") else "higher"
        row = dict(
            zip(
                SCORE_COLUMNS,
                [embedding, metric, label_key, split, study, value, value - half, value + half],
                strict=False,
            )
        )
        row |= {
            "n": 24,
            "in_sample": False,
            "headline": split == "unseen",
            "direction": direction,
            "reason": "",
            "note": "",
        }
        if embedding == "X_clrna" and np.isfinite(value) and half > 0:
            row |= {"minus_combat": 0.19, "minus_combat_low": 0.11, "minus_combat_high": 0.26}
        rows.append(row | more)

    for embedding, f1 in (("X_clrna", 0.81), ("X_combat", 0.62), ("X_pca", 0.4)):
        trained = embedding == "X_clrna"
        add(embedding, "transfer_f1", f1)
        add(embedding, "transfer_f1", f1, study="TCGA <b>")
        add(embedding, "replicate_recall", np.nan, ci_low=np.nan, ci_high=np.nan, n=0, reason="no donor is shared")
        add(embedding, "transfer_f1", f1 + 0.1, split="all", study="CCLE", in_sample=trained)
        add(embedding, "study_predictability", 1 - f1, split="all", in_sample=trained)
        add(embedding, "study_chance", 1 / 3, split="all", half=np.nan, in_sample=trained)
        add(embedding, "silhouette", f1 - 0.9, split="all", in_sample=trained)
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory) -> Path:
    """Folder of the inputs; every tissue has a hostile name."""
    return write_inputs(tmp_path_factory.mktemp("pipeline"), HOSTILE)


@pytest.fixture
def folder(pipeline, tmp_path) -> Path:
    """The same in a folder of the test's own."""
    for path in pipeline.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def report(pipeline) -> Path:
    """The report with everything in it."""
    path = pipeline / "report.html"
    assert run(pipeline, "-o", path, *everything_in(pipeline)) == 0
    return path


def everything_in(folder: Path) -> list[object]:
    """Options that give the report all that it can show."""
    names = ("scores", "history", "matches", "genes")
    tables = [word for name in names for word in (f"--{name}", folder / f"{name}.tsv")]
    return [*tables, "--reference", folder / "reference.h5ad"]


@pytest.fixture(scope="session")
def all_of():
    """The function that returns options for all that the report can show."""
    return everything_in


def run(folder: Path, *words: object, inputs=("encoded.h5ad", "baseline.h5ad")) -> int:
    """Run clrna-plot; by PCA alone unless told otherwise, which takes least time."""
    more = [] if "--projections" in words else ["--projections", "pca"]
    return plot.main([*(str(folder / name) for name in inputs), *map(str, words), *more])


@pytest.fixture(scope="session")
def run_plot():
    """The function that runs clrna-plot on a folder of inputs."""
    return run


class Page(HTMLParser):
    """What a browser would find in the page: elements with attributes, and text by section."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sections: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = {key: value or "" for key, value in attrs}
        self.elements.append((tag, found))
        if tag not in ("meta", "br", "img", "input", "link", "base"):
            self._open.append((tag, found))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tags = [tag for tag, _ in self._open]
        if "script" in tags:
            identifier = self._open[-1][1].get("id")
            if identifier:
                self.data[identifier] = self.data.get(identifier, "") + data
            return
        for tag, attributes in self._open:
            if tag == "section":
                self.sections[attributes["id"]] = self.sections.get(attributes["id"], "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="session")
def page():
    """A parser of pages."""
    return lambda path: Page(Path(path).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def parsed(report, page) -> Page:
    """The report, parsed."""
    return page(report)


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    """The names of the tissues."""
    return HOSTILE
