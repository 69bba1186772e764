"""Directions of the largest variance of a matrix that is too large to be copied."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clrna.model.products import BY_NUMPY, Products
from clrna.model.row_view import RowView
from clrna.model.standardize import FEW_ROWS

# Smaller side of the matrix up to which the components are exact.
_EXACT = 2000
# Directions drawn beyond those wanted, and how often they are turned towards the components.
_OVERSAMPLING = 20
_ITERATIONS = 4
# Variance of a component, as a share of the first one's, below which it is rounding.
_NEGLIGIBLE = 1e-10
# Samples up to which the axes may come from the products of all pairs of samples.
_PAIRS = 2500
_ROWS = 1024
# Genes whose products are added up in the kind of the matrix; their sums are added in float64.
_GENES = 2048
# Entry of a triangle, of columns of length 1, below which they are too alike for a Cholesky factor.
_ALIKE = 1e-3


class ScaledRows:
    """A matrix with its columns centred and weighted, without a copy of it.

    Parameters
    ----------
    values
        Shape (samples, genes).
    weights
        Factor of each gene, shape (genes,).
    rows_at_once
        Samples that are converted at once.
    single
        Work in float32, each block of samples centred first, and add the products of blocks in float64: twice as fast
        or more, and as exact as values of float32 are.
    products
        Where the blocks are multiplied.
    """

    def __init__(
        self,
        values: NDArray | RowView,
        weights: NDArray[np.float64],
        rows_at_once: int = _ROWS,
        *,
        single: bool = False,
        products: Products = BY_NUMPY,
    ) -> None:
        single = single or products.single
        self.values = values
        self.weights = weights
        self._step = rows_at_once
        self._kind = np.float32 if single else np.float64
        self._products = products
        self._put: list[tuple[slice, Any]] = []
        self._before = np.zeros(values.shape[1], dtype=self._kind)  # taken from each block
        self.center = sum(block.sum(axis=0, dtype=np.float64) for _, block in self._raw()) / len(values)
        if single:
            self._before = self.center.astype(np.float32)
        self._rest = self.center - self._before  # of the center, taken from the products

    def times(self, right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the product with a matrix of shape (genes, columns)."""
        scaled = self.weights[:, None] * right
        narrow = self._products.put(scaled.astype(self._kind, copy=False))
        out = np.empty((len(self.values), right.shape[1]))
        for rows, block in self._blocks():
            total = self._products.zeros((block.shape[0], right.shape[1]))
            for genes in _parts(len(scaled)):
                total += block[:, genes] @ narrow[genes]
            out[rows] = self._products.fetch(total)
        out -= self._rest @ scaled
        return out

    def transposed_times(self, right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the product of the transpose with a matrix of shape (samples, columns)."""
        total = self._products.zeros((self.values.shape[1], right.shape[1]))
        narrow = self._products.put(right.astype(self._kind, copy=False))
        for rows, block in self._blocks():
            total += block.T @ narrow[rows]
        out = self._products.fetch(total)
        out -= np.outer(self._rest, right.sum(axis=0))
        out *= self.weights[:, None]
        return out

    def of_pairs(self) -> tuple[Any, NDArray[np.float64]]:
        """Return a float32 copy of the whole matrix where it is multiplied, and the products of its samples."""
        rows, weights = np.empty(self.values.shape, dtype=np.float32), self.weights.astype(np.float32)
        for few in _parts(len(rows), FEW_ROWS):
            rows[few] = self.values[few] - self.center
            rows[few] *= weights
        there = self._products.put(rows)
        total = self._products.zeros((len(rows), len(rows)))
        for genes in _parts(len(weights)):
            total += there[:, genes] @ there[:, genes].T
        return there, self._products.fetch(total)

    def combined(self, rows: Any, right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the product of the transpose of such a copy with a matrix of shape (samples, columns)."""
        return self._products.fetch(rows.T @ self._products.put(right.astype(np.float32))).astype(np.float64)

    def _blocks(self) -> Iterator[tuple[slice, Any]]:
        """Yield the blocks where they are multiplied; those that may stay there are made once."""
        if self._put:
            yield from self._put
            return
        kept = self._products.keeps(self.values.shape[0] * self.values.shape[1] * np.dtype(self._kind).itemsize)
        for rows, block in self._raw():
            there = self._products.put(block)
            if kept:
                self._put.append((rows, there))
            yield rows, there

    def _raw(self) -> Iterator[tuple[slice, NDArray]]:
        # Filled again and again: to ask the system for as much memory for each block takes longer than to fill it.
        room = np.empty((min(self._step, len(self.values)), self.values.shape[1]), dtype=self._kind)
        for rows in _parts(len(self.values), self._step):
            block = room[: rows.stop - rows.start]
            if self._kind is np.float32:
                np.subtract(self.values[rows], self._before, out=block, casting="same_kind")
            else:
                block[...] = self.values[rows]
            yield rows, block


def principal_axes(matrix: ScaledRows, n_axes: int, seed: int) -> NDArray[np.float64]:
    """Return the directions of largest variance, shape (genes, at most ``n_axes``), orthonormal.

    Fewer are returned where the matrix has fewer. Exact while one side of the matrix is small; beyond
    that by subspace iteration from a random start.

    Parameters
    ----------
    matrix
        The samples.
    n_axes
        How many to find.
    seed
        Seed of the random start.

    References
    ----------
    Halko, Martinsson & Tropp 2011, Finding structure with randomness, doi:10.1137/090771806, algorithm 4.4.

    Notes
    -----
    Eigenvectors of a symmetric matrix in place of a singular value decomposition: LAPACK's divide and
    conquer for the latter gives up on some ordinary expression matrices.
    """
    return _leading(matrix, n_axes, seed)[0]


def nearly_principal_axes(matrix: ScaledRows, n_axes: int, seed: int) -> NDArray[np.float64]:
    """Return :func:`principal_axes` but for rounding in float32, of up to 2,500 samples in a fraction of the time."""
    if len(matrix.values) > _PAIRS:
        return principal_axes(matrix, n_axes, seed)
    rows, products = matrix.of_pairs()
    variance, turn = _largest(products, n_axes)
    kept = np.flatnonzero(variance > _NEGLIGIBLE * max(variance[-1], 0.0))[::-1]
    axes = _orthonormal(matrix.combined(rows, turn[:, kept]))
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return axes


def principal_scores(matrix: ScaledRows, n_axes: int, seed: int) -> NDArray[np.float64]:
    """Return where the samples lie along :func:`principal_axes`, shape (samples, at most ``n_axes``)."""
    return _leading(matrix, n_axes, seed)[1]


def _leading(matrix: ScaledRows, n_axes: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the axes, and the samples along them."""
    n_samples, n_genes = matrix.values.shape
    if min(n_samples, n_genes) > max(_EXACT, n_axes + _OVERSAMPLING):
        basis = _near_basis(matrix, n_axes + _OVERSAMPLING, seed)
    elif n_genes <= n_samples:
        basis = np.eye(n_genes)
    else:
        basis, _ = np.linalg.qr(matrix.transposed_times(np.eye(n_samples)))
    scores = matrix.times(basis)
    variance, turn = np.linalg.eigh(scores.T @ scores)
    kept = np.flatnonzero(variance > _NEGLIGIBLE * max(variance[-1], 0.0))[::-1][:n_axes]
    axes = basis @ turn[:, kept]
    # The sign of an eigenvector is arbitrary: the largest entry is made positive, so that results can be compared.
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return axes * signs, scores @ turn[:, kept] * signs


def _near_basis(matrix: ScaledRows, width: int, seed: int) -> NDArray[np.float64]:
    # Made orthonormal where samples are combined, of which there are mostly fewer than genes; it spans the same.
    mixed = np.random.default_rng(seed).standard_normal((len(matrix.values), width))
    for _ in range(_ITERATIONS):
        mixed, _ = np.linalg.qr(matrix.times(matrix.transposed_times(mixed)))
    return np.linalg.qr(matrix.transposed_times(mixed))[0]


def _largest(symmetric: NDArray[np.float64], most: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest eigenvalues, ascending, and their vectors in columns; half the time of all of them."""
    from scipy.linalg import eigh  # encoding needs none of it

    first = max(len(symmetric) - most, 0)
    try:
        return eigh(symmetric, subset_by_index=(first, len(symmetric) - 1), check_finite=False)
    except np.linalg.LinAlgError:  # vectors of values that lie close are looked for one by one, and may not be found
        variance, turn = np.linalg.eigh(symmetric)
        return variance[first:], turn[:, first:]


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what QR makes of columns that are nearly orthogonal, with a positive triangle, in a quarter of its time.

    References
    ----------
    Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015, Roundoff error analysis of the CholeskyQR2 algorithm, Electronic
    Transactions on Numerical Analysis 44:306-326. Once is enough for columns like these.
    """
    from scipy.linalg import solve_triangular

    columns /= np.sqrt(np.einsum("ij,ij->j", columns, columns))
    try:
        triangle = np.linalg.cholesky(columns.T @ columns)
        if np.diag(triangle).min(initial=1.0) > _ALIKE:
            return np.ascontiguousarray(solve_triangular(triangle, columns.T, lower=True, check_finite=False).T)
    except np.linalg.LinAlgError:
        pass
    basis, triangle = np.linalg.qr(columns)
    return basis * np.sign(np.diag(triangle))


def _parts(length: int, size: int = _GENES) -> Iterator[slice]:
    for start in range(0, length, size):
        yield slice(start, min(start + size, length))
