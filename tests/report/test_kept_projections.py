"""--output-h5ad keeps projections, and another run draws those, of the very same samples alone."""

import shutil

import anndata
import numpy as np
import pytest
from anndata import AnnData

import clrna
from clrna.cli import plot
from clrna.constants import UNS, UNS_PROJECTIONS
from clrna.plot import kept_projections, projections

WAYS = ["--projections", "umap,tsne"]
KEYS = {"X_umap_clrna", "X_tsne_clrna", "X_umap_combat", "X_tsne_combat"}


@pytest.fixture(scope="module")
def first_run(pipeline, run_plot, tmp_path_factory):
    """The folder of a first run: its file, and the picture that it made."""
    place = tmp_path_factory.mktemp("first-run")
    words = ["--embeddings", "X_clrna,X_combat", "-o", place / "first.svg", "--reference", pipeline / "reference.h5ad"]
    assert run_plot(pipeline, *words, *WAYS, "--output-h5ad", place / "kept.h5ad") == 0
    return place


@pytest.fixture
def kept(folder, first_run):
    """The file of a first run, with its picture beside it, in a folder of the test's own."""
    for name in ("first.svg", "kept.h5ad"):
        shutil.copy(first_run / name, folder)
    return folder / "kept.h5ad"


@pytest.fixture
def computed(monkeypatch):
    """The names of the projections that are computed from here on."""
    names = []
    whole = projections.project_in_ways

    def noted(values, asked, seed=0):
        names.extend(asked)
        return whole(values, asked, seed)

    monkeypatch.setattr(projections, "project_in_ways", noted)
    return names


def draw(path, *words):
    return plot.main([str(word) for word in (path, *words)])


def test_the_file_has_expression_embeddings_and_projections_and_says_how_it_came(kept, folder):
    found, first = anndata.read_h5ad(kept), anndata.read_h5ad(folder / "encoded.h5ad")
    assert KEYS <= set(found.obsm) and {"X_clrna", "X_combat", "X_pca"} <= set(found.obsm)
    assert "X_pca_clrna" not in found.obsm
    assert np.array_equal(found.X, first.X)
    assert found.obsm["X_umap_clrna"].shape == (found.n_obs, 2)
    assert '"step": "plot"' in found.uns[UNS]["provenance"][-1].replace('":"', '": "')


def test_another_run_draws_them_and_computes_none(kept, folder, computed, capsys):
    words = ["--embeddings", "X_clrna,X_combat", "--reference", folder / "reference.h5ad"]
    assert draw(kept, "-o", folder / "second.svg", *words) == 0
    assert (folder / "second.svg").read_bytes() == (folder / "first.svg").read_bytes()
    assert computed == []
    assert "UMAP of CLRNA: as the file has kept it" in capsys.readouterr().err


def test_beside_the_files_that_it_came_from_it_serves_too(kept, folder, computed):
    words = ["--embeddings", "X_clrna,X_combat", "--reference", folder / "reference.h5ad"]
    inputs = [folder / "encoded.h5ad", folder / "baseline.h5ad", kept]
    assert plot.main([str(word) for word in (*inputs, "-o", folder / "second.svg", *words)]) == 0
    assert computed == []


def changed_codes(adata: AnnData) -> None:
    adata.obsm["X_clrna"][0, 0] += 1e-3


def another_fingerprint(adata: AnnData) -> None:
    adata.uns[UNS][UNS_PROJECTIONS]["X_umap_clrna"]["fingerprint"] = "0" * 64


def no_number(adata: AnnData) -> None:
    adata.obsm["X_umap_clrna"][3] = np.nan


def another_width(adata: AnnData) -> None:
    adata.obsm["X_umap_clrna"] = adata.obsm["X_umap_clrna"][:, :1]


def no_record(adata: AnnData) -> None:
    adata.uns[UNS][UNS_PROJECTIONS] = "odd"


def reference_of_another_length(adata: AnnData) -> None:
    record = adata.uns[UNS][UNS_PROJECTIONS]["X_umap_clrna"]
    record["reference"] = record["reference"][:-1]


CHANGES = [changed_codes, another_fingerprint, no_number, another_width, no_record, reference_of_another_length]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_of_something_else_is_computed_anew(kept, folder, computed, change):
    adata = anndata.read_h5ad(kept)
    change(adata)
    adata.write_h5ad(kept)
    words = ["--embeddings", "X_clrna", "--reference", folder / "reference.h5ad"]
    assert draw(kept, "-o", folder / "second.svg", *words) == 0
    assert computed == ["umap"]


def test_another_seed_and_no_reference_are_something_else(kept, folder, computed):
    words = ["--embeddings", "X_clrna", "-o", folder / "second.svg"]
    assert draw(kept, *words, "--reference", folder / "reference.h5ad", "--seed", 1) == 0
    assert draw(kept, *words) == 0
    assert computed == ["umap", "umap"]


def test_samples_that_are_not_drawn_have_no_place(folder, run_plot):
    words = ["--max-points", 20, "--output-h5ad", folder / "kept.h5ad", *WAYS]
    assert run_plot(folder, "--embeddings", "X_clrna", "-o", folder / "first.svg", *words) == 0
    found = anndata.read_h5ad(folder / "kept.h5ad")
    assert np.isfinite(found.obsm["X_umap_clrna"]).all(axis=1).sum() == 20
    assert np.isfinite(found.obsm["X_clrna"]).all()


def test_a_drawing_of_somebody_else_is_not_written_over(folder, run_plot, capsys, computed):
    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    adata.obsm["X_umap_clrna"] = np.zeros((adata.n_obs, 2), dtype=np.float32)
    adata.write_h5ad(folder / "encoded.h5ad")
    assert run_plot(folder, "-o", folder / "first.svg", "--output-h5ad", folder / "kept.h5ad", *WAYS) == 3
    assert "has obsm['X_umap_clrna'], which clrna-plot did not write; rename it" in capsys.readouterr().err
    assert computed == []
    assert not (folder / "kept.h5ad").exists() and not (folder / "first.svg").exists()


def test_its_own_are_written_over(kept, folder):
    assert draw(kept, "-o", folder / "second.svg", "--output-h5ad", folder / "again.h5ad", "--seed", 1) == 0
    first, again = anndata.read_h5ad(kept), anndata.read_h5ad(folder / "again.h5ad")
    assert not np.array_equal(first.obsm["X_umap_clrna"], again.obsm["X_umap_clrna"])


def test_python_draws_them_too(kept, folder, computed):
    clrna.pl.embedding(anndata.read_h5ad(kept), basis="X_combat", projection="umap")
    assert computed == []


def test_a_new_version_of_the_program_draws_its_own(kept, folder, computed, monkeypatch):
    monkeypatch.setattr(kept_projections, "__version__", "999")
    words = ["--embeddings", "X_clrna", "--reference", folder / "reference.h5ad"]
    assert draw(kept, "-o", folder / "second.svg", *words) == 0
    assert computed == ["umap"]
