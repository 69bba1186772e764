"""Projections of every shape of embedding, small and degenerate ones included."""

import subprocess
import sys

import numpy as np
import pytest

from clrna.metrics.neighbors import nearest_neighbors
from clrna.plot import projections
from clrna.plot.projections import project, project_in_ways
from clrna.plot.umap_layout import fuzzy_graph

SHAPES = [(1, 1), (1, 5), (2, 3), (7, 4), (12, 1), (30, 6)]


@pytest.mark.parametrize("name", ["pca", "umap", "tsne"])
@pytest.mark.parametrize("shape", SHAPES[:-1])
def test_few_samples_or_features_are_drawn_without_failing(name, shape):
    projection = project(np.random.default_rng(0).normal(size=shape), name)
    assert projection.coordinates.shape == (shape[0], 2)
    assert np.isfinite(projection.coordinates).all()
    assert ("PCA in place of" in projection.note) == (name != "pca")


@pytest.mark.parametrize("name", ["pca", "umap", "tsne"])
def test_the_same_seed_gives_the_same_picture(name):
    values = np.random.default_rng(0).normal(size=(60, 8))
    one, two = project(values, name, seed=3), project(values, name, seed=3)
    assert np.array_equal(one.coordinates, two.coordinates)
    assert one.note == ""


@pytest.mark.parametrize("name", ["pca", "umap", "tsne"])
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_constant_embedding_lies_in_one_point(name, value):
    projection = project(np.full((30, 4), value), name)
    assert np.abs(projection.coordinates).max() < 1e-6


def test_pca_is_that_of_scikit_learn_and_names_its_share():
    from sklearn.decomposition import PCA

    values = np.random.default_rng(0).normal(size=(50, 6)) * [9, 4, 1, 1, 1, 1]
    projection, reference = project(values, "pca"), PCA(2).fit(values)
    assert np.abs(projection.coordinates) == pytest.approx(np.abs(reference.transform(values)), abs=1e-4)
    assert projection.axes[0] == f"PC 1 ({reference.explained_variance_ratio_[0]:.0%})"


def test_pca_does_not_flip_when_the_samples_are_reordered():
    values = np.random.default_rng(1).normal(size=(40, 5)) * [5, 3, 1, 1, 1]
    order = np.random.default_rng(2).permutation(40)
    assert project(values[order], "pca").coordinates == pytest.approx(
        project(values, "pca").coordinates[order], abs=1e-4
    )


def test_duplicated_samples_lie_on_each_other_in_tsne():
    values = np.repeat(np.random.default_rng(0).normal(size=(20, 5)), 2, axis=0)
    points = project(values, "tsne").coordinates
    spread = np.ptp(points, axis=0).max()
    assert np.abs(points[::2] - points[1::2]).max() < 0.2 * spread


def test_umap_keeps_groups_apart_and_repeats_itself():
    generator = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], 30)
    values = np.eye(3)[groups] * 8 + generator.normal(size=(90, 3))
    one, two = project(values, "umap", seed=1), project(values, "umap", seed=1)
    assert np.array_equal(one.coordinates, two.coordinates)
    centers = np.array([one.coordinates[groups == group].mean(axis=0) for group in range(3)])
    nearest = np.linalg.norm(one.coordinates[:, None] - centers[None], axis=-1).argmin(axis=1)
    assert (nearest == groups).mean() > 0.95


def _groups(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(6), 60)
    return rng.normal(size=(6, 12))[groups] * 2 + rng.normal(size=(360, 12)), groups


@pytest.mark.parametrize("name", ["umap", "tsne"])
def test_neighbours_stay_neighbours(name):
    from sklearn.manifold import trustworthiness

    values, groups = _groups()
    points = project(values, name).coordinates
    assert trustworthiness(values, points, n_neighbors=15, metric="cosine") > 0.93
    centers = np.array([points[groups == group].mean(axis=0) for group in range(6)])
    nearest = np.linalg.norm(points[:, None] - centers[None], axis=-1).argmin(axis=1)
    assert (nearest == groups).mean() > 0.97


def test_the_graph_is_that_of_umap():
    umap_module = pytest.importorskip("umap.umap_")
    values = np.random.default_rng(0).normal(size=(80, 5))
    itself = np.arange(80)
    rows, distances = nearest_neighbors(values, values, 14, "euclidean", itself, itself)
    known = (np.column_stack([itself, rows]), np.column_stack([np.zeros(80), distances]).astype(np.float32))
    reference, *_ = umap_module.fuzzy_simplicial_set(
        values, 15, np.random.RandomState(0), "euclidean", knn_indices=known[0], knn_dists=known[1]
    )
    np.testing.assert_allclose(fuzzy_graph(rows, distances).toarray(), reference.toarray(), atol=2e-4)


def test_neighbours_are_looked_for_once_for_all_projections(monkeypatch):
    calls = []
    real = projections.nearest_neighbors
    monkeypatch.setattr(projections, "nearest_neighbors", lambda *words: calls.append(1) or real(*words))
    values, _ = _groups()
    both = project_in_ways(values[::4], ["umap", "pca", "tsne"])
    assert len(calls) == 1
    assert list(both) == ["umap", "pca", "tsne"]
    np.testing.assert_array_equal(both["umap"].coordinates, project(values[::4], "umap").coordinates)


def test_no_projection_starts_a_compiler():
    code = (
        "import sys, numpy as np; from clrna.plot.projections import project_in_ways; "
        "project_in_ways(np.random.default_rng(0).normal(size=(40, 4)), ['umap', 'tsne', 'pca']); "
        "sys.exit(int('numba' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
