"""UMAP in numpy: the published graph and layout, without a compiler that has to be started in every run.

McInnes, Healy & Melville 2018, arXiv:1802.03426. Neighbours are exact, and the layout starts from principal
components (Kobak & Linderman 2021, doi:10.1038/s41587-020-00809-z).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

N_NEIGHBORS = 15  # a sample itself counted, as in umap-learn
# The curve 1 / (1 + a x^2b) that keeps points about 0.5 apart, as scanpy does: those of a tight cluster can be counted.
_A, _B = 0.58303002, 1.33416699
_STEPS = 64
_LEAST_WIDTH = 1e-3
# Epochs of few samples and of many. More of the latter change trustworthiness in the fourth digit only.
_EPOCHS, _EPOCHS_OF_MANY, _MANY = 500, 200, 2000
_NEGATIVES = 5
# Parts of an epoch in which forces are summed before points move: with one part tight groups would overshoot.
_PARTS = 16
_EXTENT = 10.0
_JITTER = 1e-4
_FARTHEST_STEP = 4.0


def umap_layout(
    neighbors: NDArray[np.intp], distances: NDArray[np.float64], start: NDArray, seed: int
) -> NDArray[np.float32]:
    """Return points in the plane, shape (samples, 2).

    Parameters
    ----------
    neighbors, distances
        The nearest other samples of each, the closest first, shape (samples, at most ``N_NEIGHBORS - 1``).
    start
        Where points start from, shape (samples, 2), of any extent.
    seed
        Of the points that are pushed away.
    """
    n_samples = len(neighbors)
    n_epochs = _EPOCHS if n_samples <= _MANY else _EPOCHS_OF_MANY
    graph = fuzzy_graph(neighbors, distances).tocoo()
    share = graph.data / graph.data.max()  # epochs in which an edge pulls
    kept = share >= 1.0 / n_epochs
    heads, tails, share = graph.row[kept], graph.col[kept], share[kept]
    rng = np.random.default_rng(seed)
    scaled = start * (_EXTENT / max(float(np.abs(start).max()), 1e-12))
    points = (scaled + rng.normal(0.0, _JITTER, start.shape)).astype(np.float32)
    for epoch in range(n_epochs):
        pulling = np.flatnonzero(np.floor((epoch + 1) * share) > np.floor(epoch * share))
        rng.shuffle(pulling)
        for part in np.array_split(pulling, _PARTS):
            points += (1.0 - epoch / n_epochs) * _forces(points, heads[part], tails[part], rng)
    return points


def fuzzy_graph(neighbors: NDArray[np.intp], distances: NDArray[np.float64]) -> sparse.csr_matrix:
    """Return how sure two samples are neighbours, from 0 to 1, symmetric, shape (samples, samples)."""
    n_samples, size = neighbors.shape
    there = np.isfinite(distances)
    weights = np.where(there, _memberships(np.where(there, distances, 0.0)), 0.0)
    rows = np.repeat(np.arange(n_samples), size)
    one_way = sparse.csr_matrix((weights.ravel(), (rows, neighbors.ravel())), shape=(n_samples, n_samples))
    other_way = one_way.T.tocsr()
    return (one_way + other_way - one_way.multiply(other_way)).tocsr()


def _memberships(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights that fall from 1 at the nearest neighbour, so that each sample's sum to the same."""
    target = np.log2(distances.shape[1] + 1)
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1, initial=np.inf)
    nearest = np.where(np.isfinite(nearest), nearest, 0.0)
    beyond = np.maximum(distances - nearest[:, None], 0.0)
    low, high, width = np.zeros(len(distances)), np.full(len(distances), np.inf), np.ones(len(distances))
    for _ in range(_STEPS):
        too_wide = np.exp(-beyond / width[:, None]).sum(axis=1) > target
        high, low = np.where(too_wide, width, high), np.where(too_wide, low, width)
        width = np.where(np.isinf(high), width * 2, (low + high) / 2)
    about = np.where(nearest > 0, distances.mean(axis=1), distances.mean())
    width = np.maximum(width, np.maximum(_LEAST_WIDTH * about, np.finfo(float).tiny))
    return np.exp(-beyond / width[:, None])


def _forces(
    points: NDArray[np.float32], heads: NDArray, tails: NDArray, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return where points move: towards their neighbours, and away from some that are drawn."""
    apart = points[heads] - points[tails]
    squares = np.maximum((apart**2).sum(axis=1), 1e-12)
    power = squares ** (_B - 1)
    pull = _clipped((-2 * _A * _B * power / (1 + _A * power * squares))[:, None] * apart)
    pushed = np.repeat(heads, _NEGATIVES)
    apart = points[pushed] - points[rng.integers(0, len(points), len(pushed))]
    squares = (apart**2).sum(axis=1)
    push = _clipped((2 * _B / ((0.001 + squares) * (1 + _A * squares**_B)))[:, None] * apart)
    moved, by = np.concatenate([heads, tails, pushed]), np.concatenate([pull, -pull, push])
    both = [np.bincount(moved, by[:, axis], len(points)) for axis in (0, 1)]
    return np.stack(both, axis=1).astype(np.float32)


def _clipped(steps: NDArray) -> NDArray:
    return np.clip(steps, -_FARTHEST_STEP, _FARTHEST_STEP)
