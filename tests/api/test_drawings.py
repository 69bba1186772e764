"""Figures and report of the functions are those of clrna-plot on the same input."""

import re
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import image
from matplotlib.figure import Figure

import clrna
from clrna.cli import encode, plot, score, train
from clrna.plot.figure_style import save

DPI = 60


@pytest.fixture(scope="module")
def scored(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with ``scored.h5ad`` of clrna-encode and clrna-score, and the ``history.tsv`` of a small network."""
    place = tmp_path_factory.mktemp("drawings")
    merged, encoded = str(folder / "merged.h5ad"), str(place / "encoded.h5ad")
    assert encode.main([merged, "-m", str(folder / "model.safetensors"), "-o", encoded, "--quiet"]) == 0
    words = [encoded, "-o", str(place / "scores.tsv"), "--output-h5ad", str(place / "scored.h5ad")]
    assert score.main([*words, "--bootstrap", "5", "--quiet"]) == 0
    words = [merged, "-o", str(place / "network.safetensors"), "--epochs", "2", "--hidden", "8", "--latent-dim", "4"]
    words += ["--standardize", "study", "--device", "cpu", "--quiet"]
    assert train.main([*words, "--history", str(place / "history.tsv")]) == 0
    return place


@pytest.fixture
def adata(scored: Path) -> AnnData:
    return anndata.read_h5ad(scored / "scored.h5ad")


def drawn(place: Path, out: Path, *words: str) -> Path:
    assert plot.main([str(place / "scored.h5ad"), "-o", str(out), *words, "--quiet"]) == 0
    return out


def embedding(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    words = ["--figure", "embedding", "--projections", "tsne", "--color-by", "tissue,clrna_confidence", "--seed", "3"]
    words += ["--max-points", "50", "--title", "A title"]
    options = {"color": ["tissue", "clrna_confidence"], "max_points": 50, "title": "A title", "random_state": 3}
    return clrna.pl.embedding(adata, projection="tsne", **options), words


def embedding_by_default(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    return clrna.pl.embedding(adata), []


def claim(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    words = ["--figure", "claim", "--projections", "pca"]
    return clrna.pl.claim(adata, projection="pca"), words


def confusion(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    return clrna.pl.confusion(adata), ["--figure", "confusion"]


def history(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    settings = {"epochs": 2, "hidden": [8], "latent_dim": 4, "standardize": "study"}
    model = clrna.tl.train(adata, device="cpu", **settings)
    return clrna.pl.history(model), ["--figure", "history", "--history", str(place / "history.tsv")]


def scores(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    return clrna.pl.scores(adata, basis="X_clrna"), ["--figure", "scores", "--embeddings", "X_clrna"]


def scores_of_score(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    fresh = anndata.read_h5ad(place / "encoded.h5ad")
    return clrna.pl.scores(fresh, scores=clrna.tl.score(fresh, bootstrap=5)), ["--figure", "scores"]


def scores_of_table(adata: AnnData, place: Path) -> tuple[Figure, list[str]]:
    table = pd.read_csv(place / "scores.tsv", sep="\t")
    return clrna.pl.scores(adata, scores=table), ["--figure", "scores", "--scores", str(place / "scores.tsv")]


FIGURES = [claim, embedding, embedding_by_default, confusion, history, scores, scores_of_score, scores_of_table]


@pytest.mark.parametrize("figure", FIGURES)
def test_figure(figure, scored: Path, adata: AnnData, tmp_path: Path):
    made, words = figure(adata, scored)
    for ending in (".png", ".svg"):
        theirs = drawn(scored, tmp_path / f"theirs{ending}", *words, "--dpi", str(DPI))
        save(made, tmp_path / f"mine{ending}", DPI)
        assert (tmp_path / f"mine{ending}").read_bytes() == theirs.read_bytes()
    # As a user writes it, without the style of the suite: the same picture.
    made.savefig(tmp_path / "user.png", dpi=DPI)
    np.testing.assert_array_equal(image.imread(tmp_path / "user.png"), image.imread(tmp_path / "theirs.png"))
    assert len(np.unique(image.imread(tmp_path / "user.png"))) > 20


def test_a_table_that_holds_no_scores_is_named(adata: AnnData):
    with pytest.raises(clrna.errors.InputError, match=r"^adata: scores has no column .*metric"):
        clrna.pl.scores(adata, scores=adata.obs)


def test_a_figure_of_other_samples_differs(scored: Path, adata: AnnData, tmp_path: Path):
    theirs = drawn(scored, tmp_path / "theirs.svg", "--figure", "confusion")
    save(clrna.pl.confusion(adata[:80].copy()), tmp_path / "mine.svg", DPI)
    assert (tmp_path / "mine.svg").read_bytes() != theirs.read_bytes()


def test_report_before_a_reference(scored: Path, folder: Path, adata: AnnData, tmp_path: Path):
    model = str(folder / "model.safetensors")
    cohort = adata[adata.obs["study"] == "SIM3"].copy()
    del cohort.uns["clrna"]["scores"]
    cohort.write_h5ad(tmp_path / "cohort.h5ad")
    matches, genes = clrna.tl.match(cohort, model), clrna.tl.explain(model, n_genes=5)
    matches.to_csv(tmp_path / "matches.tsv", sep="\t", index=False)
    genes.to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    words = ["--reference", model, "--matches", str(tmp_path / "matches.tsv"), "--genes", str(tmp_path / "genes.tsv")]
    words += ["--projections", "pca", "--quiet"]
    assert plot.main([str(tmp_path / "cohort.h5ad"), "-o", str(tmp_path / "theirs.html"), *words]) == 0
    for reference in (model, clrna.Model.load(model)):
        clrna.pl.report(
            cohort, tmp_path / "mine.html", reference=reference, matches=matches, genes=genes, projections=["pca"]
        )
        texts = [(tmp_path / name).read_text(encoding="utf-8") for name in ("mine.html", "theirs.html")]
        mine, theirs = (re.split(r"(?=<section)", text) for text in texts)
        assert [one for one, two in zip(mine, theirs, strict=True) if one != two] == [
            one for one in mine if one.startswith(('<section id="glance"', '<section id="steps"'))
        ]
        assert "72 reference samples" in mine[0]
    with pytest.raises(clrna.errors.InputError, match=r"^matches: is not of the samples of adata"):
        clrna.pl.report(cohort[:3].copy(), tmp_path / "none.html", matches=matches)
    assert not (tmp_path / "none.html").exists()


def test_report(scored: Path, adata: AnnData, tmp_path: Path):
    words = ["--projections", "pca,umap", "--title", "Mine", "--history", str(scored / "history.tsv")]
    theirs = drawn(scored, tmp_path / "theirs.html", *words).read_text(encoding="utf-8")
    curves = pd.read_csv(scored / "history.tsv", sep="\t")
    clrna.pl.report(adata, tmp_path / "mine.html", projections=["pca", "umap"], history=curves, title="Mine")
    mine = (tmp_path / "mine.html").read_text(encoding="utf-8")
    # What was read to draw it is told by the last of the steps; a function reads no file.
    parts = [re.split(r"(?=<section|<li id=\"step-)", text) for text in (mine, theirs)]
    other = [(one, two) for one, two in zip(*parts, strict=True) if one != two]
    assert len(other) == 1 and len(parts[0]) > 8
    (last,) = [text.partition("</li>") for text in other[0][:1]]
    assert "clrna-plot" in last[0] and last[2] == other[0][1].partition("</li>")[2]
    assert mine.count('id="embedding-data"') == mine.count('id="history-data"') == 1
