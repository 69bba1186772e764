"""What scoring takes: searches for neighbours, components and copies, counted."""

import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy import sparse

from clrna.cli import score
from clrna.encode.matrix import DenseMatrix
from clrna.io.hdf5 import h5ad
from clrna.score import mixing, view
from clrna.score.expression import expression_reader
from clrna.simulate import simulate


@pytest.fixture
def scored(tmp_path) -> Path:
    adata = simulate(n_tissues=3, n_studies=3, n_genes=400, samples_per=8)
    adata.obs["split"] = "train"
    rng = np.random.default_rng(0)
    for key in ("X_one", "X_two"):
        adata.obsm[key] = (np.asarray(adata.X) @ rng.normal(size=(400, 6))).astype(np.float32)
    h5ad.write_h5ad(adata, tmp_path / "in.h5ad")
    return tmp_path


def _counting(monkeypatch, module, name):
    calls = []
    real = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *words, **more: calls.append(1) or real(*words, **more))
    return calls


def test_metrics_share_their_neighbours_and_parts_their_samples(scored, monkeypatch):
    searches = _counting(monkeypatch, view, "nearest_neighbors")
    components = _counting(monkeypatch, mixing, "pca")
    words = ["--metrics", "knn_accuracy,knn_f1,study_predictability,ilisi,clisi,pcr", "--bootstrap", "0"]
    assert score.main([str(scored / "in.h5ad"), "-o", str(scored / "s.tsv"), *words]) == 0
    # One search with and one without samples of the own donor, of each embedding: the parts hold the same samples.
    assert len(searches) == 2 * 2
    assert len(components) == 1


def test_expression_is_the_same_from_disk_and_from_memory(scored):
    whole = h5ad.read_h5ad(scored / "in.h5ad")
    light = whole.copy()
    del light.X
    rows = np.array([70, 3, 4, 41])
    for adata, places in ((light, np.arange(light.n_obs)), (whole, None)):
        for genes in (np.ones(adata.n_vars, dtype=bool), np.arange(adata.n_vars) % 3 == 0):
            for wanted in (None, np.arange(2, 72)):
                with expression_reader(adata, scored / "in.h5ad", places, genes, wanted) as read:
                    for asked in (rows, rows[1:], rows):
                        np.testing.assert_array_equal(read(asked), np.asarray(whole.X)[asked][:, genes])


def test_expression_is_read_once_for_all_parts(scored, monkeypatch):
    adata = h5ad.read_h5ad(scored / "in.h5ad")
    adata.obs["split"] = np.where(np.arange(adata.n_obs) % 3 == 0, "test", "train")
    h5ad.write_h5ad(adata, scored / "in.h5ad")
    read = []
    real = DenseMatrix.rows
    monkeypatch.setattr(DenseMatrix, "rows", lambda self, *rows: read.append(rows) or real(self, *rows))
    components = _counting(monkeypatch, mixing, "pca")
    words = ["--metrics", "pcr", "--bootstrap", "0"]
    assert score.main([str(scored / "in.h5ad"), "-o", str(scored / "s.tsv"), *words]) == 0
    assert (len(components), read) == (3, [(0, adata.n_obs)])


def test_expression_stored_by_genes_is_turned_once_for_all_parts(scored):
    whole = h5ad.read_h5ad(scored / "in.h5ad")
    values = np.asarray(whole.X)
    whole.X = sparse.csc_matrix(values)
    h5ad.write_h5ad(whole, scored / "by_gene.h5ad")
    del whole.X
    places = np.arange(whole.n_obs)[::-1]
    wanted = np.array([0, 1, 2, 7, 40])
    with expression_reader(whole, scored / "by_gene.h5ad", places, np.ones(whole.n_vars, dtype=bool), wanted) as read:
        for rows in (np.array([2, 0, 1]), np.array([40, 7])):
            np.testing.assert_array_equal(read(rows), values[places[rows]])


@pytest.mark.parametrize("spoilt", ["fewer samples", "more genes", "index beyond"])
def test_expression_that_does_not_fit_its_file_is_refused(scored, capsys, spoilt):
    path = scored / "in.h5ad"
    adata = h5ad.read_h5ad(path)
    if spoilt == "index beyond":
        adata.X = sparse.csr_matrix(np.asarray(adata.X))
        h5ad.write_h5ad(adata, path)
    with h5py.File(path, "r+") as file:
        if spoilt == "index beyond":
            file["X/indices"][0] = adata.n_vars
        else:
            attributes = dict(file["X"].attrs)
            del file["X"]
            file["X"] = np.ones((3, adata.n_vars) if spoilt == "fewer samples" else (adata.n_obs, 900), np.float32)
            file["X"].attrs.update(attributes)
    assert score.main([str(path), "-o", str(scored / "s.tsv"), "--metrics", "pcr", "--bootstrap", "0"]) == 3
    assert "in.h5ad: X " in capsys.readouterr().err
    assert not (scored / "s.tsv").exists()


def test_only_sampled_rows_of_the_expression_are_held(scored):
    big = scored / "big.h5ad"
    adata = simulate(n_tissues=2, n_studies=2, n_genes=1500, samples_per=700)
    del adata.uns
    h5ad.write_h5ad(adata, big)
    with h5py.File(big) as file:
        size = file["X"].size * 4
    del adata.X
    rows, wanted = np.arange(0, adata.n_obs, 20), np.arange(0, adata.n_obs, 10)
    tracemalloc.start()
    try:
        with expression_reader(adata, big, np.arange(adata.n_obs), np.ones(adata.n_vars, dtype=bool), wanted) as read:
            assert read(rows).shape == (len(rows), 1500)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.4 * size
