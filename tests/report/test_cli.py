"""clrna-plot from the command line: figures, the report with parts missing, and every error."""

import subprocess
import sys

import anndata
import numpy as np
import pytest

from clrna.cli import plot
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.plot import projections


def error_of(capsys):
    """Return the one line that was printed on stderr about the error."""
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error:" in line]
    return line


@pytest.mark.parametrize(
    "words",
    [
        ["--figure", "embedding", "--embeddings", "X_clrna", "--color-by", "tissue,clrna_confidence"],
        ["--figure", "claim", "--scores", "scores.tsv"],
        ["--figure", "confusion"],
        ["--figure", "history", "--history", "history.tsv"],
        ["--figure", "scores", "--scores", "scores.tsv", "--embeddings", "X_clrna,X_combat"],
    ],
)
def test_each_figure_is_written_as_what_its_ending_says(folder, run_plot, words):
    words = [str(folder / word) if word.endswith(".tsv") else word for word in words]
    for ending, start in ((".png", b"\x89PNG"), (".SVG", b"<?xml"), (".pdf", b"%PDF")):
        target = folder / f"figure{ending}"
        assert run_plot(folder, "-o", target, "--dpi", 40, "--title", "A <b>title</b> & $1$", *words) == 0
        assert target.read_bytes().startswith(start)


def test_inputs_and_folder_are_left_as_they_were(folder, run_plot):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run_plot(folder, "-o", folder / "r.html") == 0
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(after) - set(before) == {"r.html"}
    assert all(after[name] == content for name, content in before.items())


def test_without_scores_and_history_the_report_says_how_to_add_them(folder, run_plot, page):
    assert run_plot(folder, "-o", folder / "r.html") == 0
    sections = page(folder / "r.html").sections
    assert "--scores" in sections["glance"] and "--history" in sections["training"]
    absent = sections["absent"]
    for words in ("Study by study", "All scores", "--scores", "clrna-match", "--matches", "clrna-explain", "--genes"):
        assert words in absent
    assert not {"transfer", "scores", "matches", "genes", "glossary"} & set(sections)


def test_of_a_model_in_closed_form_the_report_says_that_there_are_no_curves(folder, run_plot, page, capsys):
    header = (folder / "history.tsv").read_text().splitlines()[0]
    (folder / "none.tsv").write_text(f"{header}\n")
    assert run_plot(folder, "-o", folder / "r.html", "--history", folder / "none.tsv") == 0
    section = page(folder / "r.html").sections["training"]
    assert "computed in closed form" in section and "clrna-train --history" not in section
    capsys.readouterr()
    assert run_plot(folder, "-o", folder / "r.png", "--figure", "history", "--history", folder / "none.tsv") == 3
    assert "computed in closed form" in error_of(capsys) and not (folder / "r.png").exists()


def test_of_a_baseline_alone_the_report_says_that_nothing_was_predicted(folder, run_plot, page):
    assert run_plot(folder, "-o", folder / "r.html", inputs=["baseline.h5ad"]) == 0
    sections = page(folder / "r.html").sections
    assert "clrna-encode" in sections["absent"] and "predictions" not in sections
    assert "does not say which studies" in sections["trust"]


def test_scores_are_taken_from_the_file_where_it_holds_them(folder, run_plot, page):
    import pandas as pd

    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    table = pd.read_csv(folder / "scores.tsv", sep="\t", keep_default_na=False)
    table.index = table.index.astype(str)
    adata.uns["clrna"]["scores"] = table.astype(str)
    write_h5ad(adata, folder / "scored.h5ad")
    assert run_plot(folder, "-o", folder / "r.html", inputs=["scored.h5ad"]) == 0
    assert "CLRNA 0.81" in page(folder / "r.html").sections["glance"]


def test_too_many_samples_are_thinned_out_and_the_reader_is_told(folder, run_plot, page):
    assert run_plot(folder, "-o", folder / "r.html", "--max-points", 30) == 0
    found = page(folder / "r.html")
    assert "30 of 72 samples drawn" in found.sections["embeddings"]
    assert "72 samples" in (folder / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("output", ["r.html", "r.png"])
def test_one_or_two_samples_are_enough(folder, n, output):
    adata = anndata.read_h5ad(folder / "encoded.h5ad")[:n].copy()
    write_h5ad(adata, folder / "few.h5ad")
    assert plot.main([str(folder / "few.h5ad"), "-o", str(folder / output)]) == 0
    assert (folder / output).stat().st_size > 1000


def test_several_outputs_show_what_was_computed_once(folder, run_plot, page, monkeypatch):
    calls = []
    real = projections.project_in_ways
    monkeypatch.setattr(projections, "project_in_ways", lambda *words: calls.append(1) or real(*words))
    one = ["--embeddings", "X_pca"]
    names = ["r.html", "r.png", "r.svg", "r.pdf"]
    assert run_plot(folder, *one, *(word for name in names for word in ("-o", folder / name))) == 0
    assert len(calls) == 1
    assert page(folder / "r.html").sections["embeddings"]
    assert run_plot(folder, *one, "-o", folder / "alone.png") == 0
    assert (folder / "alone.png").read_bytes() == (folder / "r.png").read_bytes()
    starts = {"r.png": b"\x89PNG", "r.svg": b"<?xml", "r.pdf": b"%PDF"}
    assert all((folder / name).read_bytes().startswith(start) for name, start in starts.items())


def test_the_picture_of_the_claim_projects_only_what_it_shows_and_holds_the_verdicts(folder, run_plot, monkeypatch):
    calls = []
    real = projections.project_in_ways
    monkeypatch.setattr(projections, "project_in_ways", lambda *words: calls.append(1) or real(*words))
    words = ["--figure", "claim", "--scores", folder / "scores.tsv", "-o", folder / "claim.svg"]
    assert run_plot(folder, *words) == 0
    assert len(calls) == 2
    text = (folder / "claim.svg").read_text(encoding="utf-8")
    assert "CLRNA is better by 0.19 (0.11 to 0.26)." in text
    assert "TCGA &lt;b&gt;, a study that CLRNA was not trained on" in text and "<b>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "<script" not in text


def test_one_output_that_cannot_be_drawn_leaves_none(folder, run_plot):
    words = ["--figure", "history", "-o", folder / "r.html", "-o", folder / "r.png"]
    assert run_plot(folder, *words) == 2
    assert run_plot(folder, "-o", folder / "r.html", "-o", folder / "r.png", "--dpi", 100000) == 2
    assert not (folder / "r.html").exists() and not (folder / "r.png").exists()


def test_all_unlabelled_one_study_and_no_model(folder, page):
    adata = anndata.read_h5ad(folder / "baseline.h5ad")[:24].copy()
    adata.obs["tissue"] = ""
    write_h5ad(adata, folder / "plain.h5ad")
    assert plot.main([str(folder / "plain.h5ad"), "-o", str(folder / "r.html"), "--projections", "pca"]) == 0
    assert "unlabelled" in page(folder / "r.html").sections["data"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["-o", "r.txt"], 2, "end it in .html"),
        (["-o", "r.html", "--projections", "pca,phate"], 2, "--projections phate: known are umap, pca, tsne"),
        (["-o", "r.png", "--figure", "history"], 2, "--history FILE.tsv"),
        (["-o", "r.png", "--figure", "scores"], 3, "--scores FILE.tsv"),
        (["-o", "r.html", "--color-by", "tissue,grade"], 3, "no column 'grade' (it has 'study', 'tissue'"),
        (["-o", "r.html", "--label-key", "organ"], 3, "no column 'organ'"),
        (["-o", "r.html", "--study-key", "batch"], 3, "no column 'batch'"),
        (["-o", "r.html", "--embeddings", "X_none"], 3, "X_none: no such embedding in obsm, which has X_clrna, X_"),
        (["-o", "r.html", "--scores", "history.tsv"], 3, "no column 'embedding'"),
        (["-o", "r.html", "--history", "scores.tsv"], 3, "no column 'epoch'"),
        (["-o", "r.html", "--scores", "none.tsv"], 3, "no such file"),
        (["-o", "r.png", "--figure", "confusion", "--label-key", "donor"], 3, "set --label-key"),
        (["-o", "r.png", "--dpi", "90000"], 2, "pixels"),
        (["-o", "none/r.html"], 2, "does not exist"),
        (["-o", "encoded.h5ad"], 2, "is also an input"),
    ],
)  # fmt: skip
def test_every_error_is_one_line_and_leaves_nothing_behind(folder, run_plot, capsys, words, status, said):
    before = sorted(path.name for path in folder.iterdir())
    words = [str(folder / word) if "." in word or "/" in word else word for word in words]
    assert run_plot(folder, *words) == status
    assert said in error_of(capsys)
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize("content", [b"", b"no h5ad", "half"])
def test_damaged_inputs(folder, run_plot, capsys, content):
    whole = (folder / "encoded.h5ad").read_bytes()
    (folder / "bad.h5ad").write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    assert run_plot(folder, "-o", folder / "r.html", inputs=["bad.h5ad"]) == 3
    assert "bad.h5ad" in error_of(capsys)


def test_an_embedding_with_nan_is_refused(folder, run_plot, capsys):
    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    adata.obsm["X_clrna"][4, 0] = np.nan
    write_h5ad(adata, folder / "nan.h5ad")
    assert run_plot(folder, "-o", folder / "r.html", inputs=["nan.h5ad"]) == 3
    assert "holds 1 value that is not finite" in error_of(capsys)


def test_a_failed_run_leaves_the_old_report_whole(folder, run_plot):
    (folder / "r.html").write_text("old")
    assert run_plot(folder, "-o", folder / "r.html", "--embeddings", "X_none") == 3
    assert (folder / "r.html").read_text() == "old"


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "pandas", "matplotlib", "plotly", "anndata", "umap", "jinja2")
    code = (
        "import sys; from clrna.cli.plot import get_parser; get_parser().format_help(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
