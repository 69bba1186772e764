"""Axes worked out in float32 are those of float64; sums over blocks are float64 anywhere."""

import numpy as np
import pytest
import torch

from clrna.model import principal_components
from clrna.model.principal_components import ScaledRows, nearly_principal_axes, principal_axes
from clrna.model.products import BY_NUMPY, Products, TorchProducts
from clrna.simulate import simulate

EVERYWHERE = pytest.mark.parametrize("products", [BY_NUMPY, TorchProducts(torch.device("cpu"))], ids=["numpy", "torch"])
# Lost beside 1e8 in float32, and there once that is gone.
LARGE, SMALL = 1e8, 1.0


def canceling(n_parts: int, size: int) -> np.ndarray:
    """Large, small and large of the other sign, each in a block of its own."""
    values = np.zeros(n_parts * size, dtype=np.float32)
    values[[0, size, 2 * size]] = LARGE, SMALL, -LARGE
    return values


@EVERYWHERE
def test_sums_over_blocks_of_genes_are_float64(products: Products) -> None:
    row = canceling(3, principal_components._GENES)
    matrix = ScaledRows(np.stack([row, -row]), np.ones(len(row)), single=True, products=products)
    np.testing.assert_array_equal(matrix.times(np.ones((len(row), 1))), [[SMALL], [-SMALL]])


@EVERYWHERE
def test_sums_over_blocks_of_samples_are_float64(products: Products) -> None:
    values = np.stack([canceling(3, 4), -canceling(3, 4)], axis=1)
    matrix = ScaledRows(values, np.ones(2), rows_at_once=4, single=True, products=products)
    matrix.center[:] = matrix._before[:] = matrix._rest[:] = 0
    np.testing.assert_array_equal(matrix.transposed_times(np.ones((12, 1))), [[SMALL], [-SMALL]])


@EVERYWHERE
def test_sums_of_pairs_are_float64(products: Products) -> None:
    row = canceling(3, principal_components._GENES)
    other = np.abs(row).clip(max=1)
    values = np.stack([row, other, -row, -other])
    _, pairs = ScaledRows(values, np.ones(len(row)), single=True, products=products).of_pairs()
    assert pairs[0, 1] == SMALL and pairs[2, 1] == -SMALL


@pytest.fixture(scope="module")
def expression() -> tuple[np.ndarray, np.ndarray]:
    """Samples of several tissues and studies, and weights of their genes."""
    adata = simulate(n_tissues=6, n_studies=3, n_genes=700, samples_per=20)
    return np.asarray(adata.X), np.random.default_rng(0).uniform(0.5, 2, adata.n_vars)


@EVERYWHERE
@pytest.mark.parametrize("how", ["pairs", "iterated"])
def test_axes_in_float32_are_those_of_float64(
    expression, monkeypatch: pytest.MonkeyPatch, products: Products, how: str
) -> None:
    values, weights = expression
    exact = principal_axes(ScaledRows(values.astype(np.float64), weights), 20, seed=0)
    monkeypatch.setattr(principal_components, "_EXACT", 10)
    if how == "iterated":
        monkeypatch.setattr(principal_components, "_PAIRS", 10)
        monkeypatch.setattr(principal_components, "_ITERATIONS", 30)  # until what is left is rounding
    near = nearly_principal_axes(ScaledRows(values, weights, 64, single=True, products=products), 20, seed=0)
    np.testing.assert_allclose(near.T @ near, np.eye(20), atol=1e-12)
    cosines = np.linalg.svd(near.T @ exact, compute_uv=False)
    assert np.sqrt(1 - cosines.min().clip(max=1) ** 2) < 1e-4
    np.testing.assert_allclose(near, exact, atol=1e-5)


@EVERYWHERE
def test_iterations_in_float32_find_what_those_in_float64_do(
    expression, monkeypatch: pytest.MonkeyPatch, products: Products
) -> None:
    values, weights = expression
    monkeypatch.setattr(principal_components, "_EXACT", 10)
    single = principal_axes(ScaledRows(values, weights, 64, single=True, products=products), 30, seed=0)
    double = principal_axes(ScaledRows(values.astype(np.float64), weights, 64), 30, seed=0)
    np.testing.assert_allclose(single, double, atol=1e-4)


def test_vectors_that_are_not_found_one_by_one_are_found_together(expression, monkeypatch: pytest.MonkeyPatch) -> None:
    values, weights = expression
    found = nearly_principal_axes(ScaledRows(values, weights, single=True), 20, seed=0)

    def fails(*_args: object, **_options: object) -> None:
        raise np.linalg.LinAlgError("did not converge")

    monkeypatch.setattr("scipy.linalg.eigh", fails)
    again = nearly_principal_axes(ScaledRows(values, weights, single=True), 20, seed=0)
    np.testing.assert_allclose(again, found, atol=1e-6)


@pytest.mark.parametrize("n_copies", [1, 40])
def test_samples_that_are_copies_give_as_many_axes_as_they_span(n_copies: int) -> None:
    few = np.random.default_rng(0).standard_normal((6, 3000)).astype(np.float32)
    values = np.tile(few, (n_copies, 1))
    axes = nearly_principal_axes(ScaledRows(values, np.ones(3000), single=True), min(len(values), 20), seed=0)
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-9)
    centered = few - few.mean(axis=0)
    np.testing.assert_allclose(centered @ axes[:, :5] @ axes[:, :5].T, centered, atol=1e-4)


def test_columns_that_are_too_alike_for_one_step_are_made_orthonormal_all_the_same() -> None:
    columns = np.random.default_rng(1).standard_normal((400, 5))
    columns[:, 3] = columns[:, 0] + 1e-7 * columns[:, 3]
    basis = principal_components._orthonormal(columns.copy())
    np.testing.assert_allclose(basis.T @ basis, np.eye(5), atol=1e-12)
    assert abs(basis[:, 0] @ columns[:, 0]) / np.linalg.norm(columns[:, 0]) > 1 - 1e-12


def test_columns_that_are_nearly_orthogonal_become_what_qr_makes_of_them() -> None:
    columns, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((400, 5)))
    columns = columns * np.logspace(0, -4, 5) + 1e-9 * np.random.default_rng(3).standard_normal((400, 5))
    basis, triangle = np.linalg.qr(columns)
    found = principal_components._orthonormal(columns.copy())
    np.testing.assert_allclose(found, basis * np.sign(np.diag(triangle)), atol=1e-12)
