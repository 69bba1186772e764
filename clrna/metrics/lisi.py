"""Local inverse Simpson's index (LISI)."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.neighbors import NO_NEIGHBOR

_TOLERANCE = 1e-5
_TRIES = 50


def lisi(
    distances: NDArray, neighbors: NDArray[np.intp], codes: NDArray[np.intp], perplexity: float
) -> NDArray[np.float64]:
    """Return the effective number of classes among each sample's neighbours.

    The neighbours are weighted by a kernel ``exp(-beta * distance)`` whose beta is found by bisection so
    that the weights' entropy is that of ``perplexity`` equal neighbours; the index is one over the sum of
    the squared class shares of the weights.

    Parameters
    ----------
    distances
        To each neighbour, shape (samples, neighbours); infinite where there is none.
    neighbors
        Their row numbers in ``codes``, -1 for none, the sample itself not among them.
    codes
        Class of each sample, from 0.
    perplexity
        Effective number of neighbours; Harmony takes 30 of 90.

    Returns
    -------
    From 1 (one class) to the number of classes (all equally frequent). iLISI takes studies as classes
    and is better when high, cLISI takes labels and is better when low. NaN where there is no neighbour.

    Notes
    -----
    Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0.
    """
    there = neighbors != NO_NEIGHBOR
    finite = np.where(there, distances, 0.0)
    weights = _weights_of_perplexity(finite, there, perplexity)
    n_classes = int(codes.max()) + 1
    shares = np.zeros((len(neighbors), n_classes))
    for place in range(neighbors.shape[1]):
        rows = np.flatnonzero(there[:, place])
        shares[rows, codes[neighbors[rows, place]]] += weights[rows, place]
    simpson = (shares**2).sum(axis=1)
    return np.divide(1.0, simpson, out=np.full(len(neighbors), np.nan), where=simpson > 0)


def scaled_ilisi(index: float, n_studies: int) -> float:
    """Return LISI of studies as (LISI - 1) / (studies - 1): 0 apart, 1 mixed (Luecken et al. 2022)."""
    return (index - 1) / (n_studies - 1)


def scaled_clisi(index: float, n_labels: int) -> float:
    """Return LISI of labels as (labels - LISI) / (labels - 1): 1 pure, 0 mixed (Luecken et al. 2022)."""
    return (n_labels - index) / (n_labels - 1)


def _weights_of_perplexity(
    distances: NDArray[np.float64], there: NDArray[np.bool_], perplexity: float
) -> NDArray[np.float64]:
    """Return neighbour weights of sum 1 whose entropy is log(perplexity), or as near as there are neighbours."""
    beta = np.ones(len(distances))
    low, high = np.full(len(distances), -np.inf), np.full(len(distances), np.inf)
    target = np.log(perplexity)
    weights, entropy = _kernel(distances, there, beta)
    for _ in range(_TRIES):
        excess = entropy - target
        open_rows = np.abs(excess) >= _TOLERANCE
        if not open_rows.any():
            break
        wide = excess > 0
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
        up = np.where(np.isinf(high), beta * 2, (beta + high) / 2)
        down = np.where(np.isinf(low), beta / 2, (beta + low) / 2)
        beta = np.where(open_rows, np.where(wide, up, down), beta)
        weights, entropy = _kernel(distances, there, beta)
    return weights


def _kernel(
    distances: NDArray[np.float64], there: NDArray[np.bool_], beta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Relative to the nearest neighbour, which changes neither the shares nor the entropy and cannot underflow.
    relative = distances - np.where(there, distances, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    relative = np.where(there, relative, 0.0)
    kernel = np.where(there, np.exp(-relative * beta[:, None]), 0.0)
    total = kernel.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    entropy = np.log(safe) + beta * (relative * kernel).sum(axis=1) / safe
    return kernel / safe[:, None], entropy
