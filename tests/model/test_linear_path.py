"""The linear path against scikit-learn and plain numpy."""

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from clrna.model.linear_path import fit_linear_path, shrunk_covariance
from clrna.model.principal_components import ScaledRows, principal_axes


def classes(n_per_class=40, n_genes=60, n_classes=4, seed=0):
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(n_classes), n_per_class)
    values = random.normal(0, 1, (len(labels), n_genes)) + random.normal(0, 1.0, (n_classes, n_genes))[labels]
    return values.astype(np.float32), labels


def test_shrinkage_is_that_of_scikit_learn():
    rows = np.random.default_rng(0).normal(size=(50, 30)) * np.linspace(1, 4, 30)
    expected, _ = ledoit_wolf(rows, assume_centered=True)
    np.testing.assert_allclose(shrunk_covariance(rows, 30), expected, rtol=1e-10)


def test_shrinkage_along_axes_is_that_of_all_features():
    """With fewer samples than genes, components hold all variance; the estimate is the same seen along them."""
    rows = np.random.default_rng(1).normal(size=(20, 90))
    axes = np.linalg.svd(rows, full_matrices=False)[2].T
    expected = axes.T @ ledoit_wolf(rows, assume_centered=True)[0] @ axes
    np.testing.assert_allclose(shrunk_covariance(rows @ axes, 90), expected, atol=1e-10)


def test_discriminants_solve_the_generalized_eigenproblem():
    values, labels = classes()
    path = fit_linear_path(values, labels, 20)
    assert path.n_discriminants == 3
    means = np.stack([values[labels == k].mean(axis=0) for k in range(4)]).astype(np.float64)
    within = ledoit_wolf(values - means[labels], assume_centered=True)[0]
    directions = path.discriminants.astype(np.float64)
    np.testing.assert_allclose(directions.T @ within @ directions, np.eye(3), atol=1e-3)
    spread = means - means.mean(axis=0)
    found = directions @ directions.T @ spread.T
    np.testing.assert_allclose(found, np.linalg.solve(within, spread.T), atol=1e-3)


def test_blocks_have_the_same_length_and_codes_mean_0():
    values, labels = classes()
    path = fit_linear_path(values, labels, 20)
    codes = values @ path.weight + path.bias
    squares = (codes**2).mean(axis=0)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose([squares[:3].sum(), squares[3:].sum()], [10, 10], rtol=1e-3)


@pytest.mark.parametrize("width", [1, 3, 5, 200])
def test_the_width_is_honoured_and_padded_with_0(width):
    values, labels = classes(n_per_class=5, n_genes=30)
    path = fit_linear_path(values, labels, width)
    assert path.weight.shape == (30, width) and path.bias.shape == (width,)
    assert np.isfinite(path.weight).all()
    if width == 200:
        assert (path.weight[:, 40:] == 0).all()


@pytest.mark.parametrize("labels", [np.full(40, -1), np.zeros(40, dtype=int)])
def test_without_two_classes_there_are_components_only(labels):
    values, _ = classes(n_per_class=10)
    path = fit_linear_path(values, labels, 8)
    assert path.n_discriminants == 0
    np.testing.assert_allclose(((values @ path.weight + path.bias) ** 2).mean(), 1, rtol=1e-3)


def test_identical_samples_and_constant_genes_do_not_break_it():
    values, labels = classes(n_per_class=5)
    values[:, 3] = 0
    assert np.isfinite(fit_linear_path(values, labels, 6).weight).all()
    assert np.isfinite(fit_linear_path(np.ones_like(values), labels, 6).weight).all()


def test_a_gene_that_hardly_varies_counts_for_less():
    values, labels = classes()
    scale = np.ones(60)
    scale[:30] = 0.01
    weight = np.abs(fit_linear_path(values, labels, 20, scale).weight)
    assert weight[:30].mean() < 0.1 * weight[30:].mean()


@pytest.mark.parametrize("shape", [(40, 70), (70, 40)])
def test_axes_are_those_of_a_singular_value_decomposition(shape):
    values = np.random.default_rng(2).normal(size=shape) * np.linspace(1, 3, shape[1])
    axes = principal_axes(ScaledRows(values, np.ones(shape[1])), 5, seed=0)
    expected = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)[2][:5].T
    np.testing.assert_allclose(np.abs((axes * expected).sum(axis=0)), 1, atol=1e-8)


def test_axes_of_a_large_matrix_are_near_the_exact_ones(monkeypatch):
    random = np.random.default_rng(3)
    values = random.normal(size=(300, 8)) @ random.normal(size=(8, 200)) * 3 + random.normal(size=(300, 200))
    matrix = ScaledRows(values, np.ones(200))
    exact = principal_axes(matrix, 8, seed=0)
    monkeypatch.setattr("clrna.model.principal_components._EXACT", 10)
    near = principal_axes(matrix, 8, seed=0)
    np.testing.assert_allclose(np.abs((near * exact).sum(axis=0)), 1, atol=1e-3)
