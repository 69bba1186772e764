"""The way back from linear codes to expression, in closed form."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from clrna.model.products import BY_NUMPY, Products

# Ridge penalties that are tried, as shares of the mean variance of a code.
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
_ROWS = 256


def fit_linear_decoder(
    codes: NDArray, values: NDArray, products: Products = BY_NUMPY
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weight (latent, genes) and bias (genes,) with which codes rebuild expression best.

    Ridge regression of each gene on the codes, one penalty for all genes, the one whose generalised
    cross-validation error is smallest.

    Parameters
    ----------
    codes
        Shape (samples, latent).
    values
        Expression that the codes are of, shape (samples, genes).
    products
        Where the two are multiplied.

    References
    ----------
    Golub, Heath & Wahba 1979, Generalized cross-validation as a method for choosing a good ridge
    parameter, doi:10.1080/00401706.1979.10489751.
    """
    n_samples = len(codes)
    code_mean = codes.mean(axis=0, dtype=np.float64)
    mean = sum(block.sum(axis=0) for _, block in _blocks(values)) / n_samples
    centered = codes - code_mean
    narrow = centered.astype(np.float32)
    summed, total = products.zeros((codes.shape[1], values.shape[1])), 0.0
    for rows, block in _blocks(values):
        block -= mean
        summed += products.put(narrow[rows]).T @ products.put(block.astype(np.float32))
        total += float(np.vdot(block, block))
    variance, axes = np.linalg.eigh(centered.T @ centered)
    turned = axes.T @ products.fetch(summed)
    explained = (turned**2).sum(axis=1)
    scale = max(variance.mean(), np.finfo(float).tiny)

    def error(penalty: float) -> float:
        shrunk = variance + penalty * scale
        kept = variance.clip(min=0) / shrunk
        residual = total - (explained / shrunk * (2 - kept)).sum()
        return residual / max(n_samples - 1 - kept.sum(), 1e-3) ** 2

    penalty = min(_PENALTIES, key=error)
    weight = axes @ (turned / (variance + penalty * scale)[:, None])
    return weight.astype(np.float32), (mean - code_mean @ weight).astype(np.float32)


def _blocks(values: NDArray) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    for start in range(0, len(values), _ROWS):
        rows = slice(start, min(start + _ROWS, len(values)))
        yield rows, np.array(values[rows], dtype=np.float64)
