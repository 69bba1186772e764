"""Nearest neighbours by brute force: exact, deterministic, and in memory that does not grow with the square."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# 16 MB, which the allocator keeps: larger arrays are asked of the system anew each time.
_VALUES_IN_MEMORY = 2_000_000
# Columns of which the largest value is looked at before all of them are.
_BLOCK = 32
NO_NEIGHBOR = -1


def closeness_in_chunks(
    queries: NDArray, reference: NDArray, distance: str
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield how close each query is to each reference sample, some queries at a time.

    Parameters
    ----------
    queries
        Shape (n queries, features).
    reference
        Shape (n reference samples, features).
    distance
        ``cosine`` or ``euclidean``.

    Yields
    ------
    The rows of ``queries`` and their closeness, shape (rows, n reference samples); larger is closer.
    For ``cosine`` it is the cosine of the angle (0 where a sample is all zeros), for ``euclidean``
    minus the squared distance.
    """
    if distance not in ("cosine", "euclidean"):
        raise ValueError(f"distance {distance!r} is neither cosine nor euclidean")
    left = np.asarray(queries, dtype=np.float64)
    right = np.asarray(reference, dtype=np.float64)
    if distance == "cosine":
        left, right = _unit_length(left), _unit_length(right)
    squares = (right**2).sum(axis=1)
    step = max(1, _VALUES_IN_MEMORY // max(1, len(right)))
    for start in range(0, len(left), step):
        rows = slice(start, start + step)
        products = left[rows] @ right.T
        if distance == "euclidean":
            products = np.minimum(2.0 * products - squares - (left[rows] ** 2).sum(axis=1)[:, None], 0.0)
        yield rows, products


def nearest_neighbors(
    queries: NDArray,
    reference: NDArray,
    n_neighbors: int,
    distance: str = "cosine",
    query_groups: NDArray | None = None,
    reference_groups: NDArray | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return each query's nearest reference samples of another group, the closest first.

    Parameters
    ----------
    queries
        Shape (n queries, features).
    reference
        Shape (n reference samples, features).
    n_neighbors
        How many neighbours to find.
    distance
        ``cosine`` or ``euclidean``.
    query_groups, reference_groups
        A sample is never its own group's neighbour: pass donors to leave one donor out, or row
        numbers to leave out the sample itself. None for both excludes nothing.

    Returns
    -------
    Row numbers in ``reference`` and distances (1 - cosine, or euclidean), both of shape (n queries,
    n_neighbors). Where fewer samples remain the row number is -1 and the distance infinite. Equal
    distances are taken in the order of ``reference``.
    """
    shape = (len(queries), n_neighbors)
    found = np.full(shape, NO_NEIGHBOR, dtype=np.intp)
    distances = np.full(shape, np.inf)
    kept = min(n_neighbors, len(reference))
    if kept == 0:
        return found, distances
    for rows, closeness in closeness_in_chunks(queries, reference, distance):
        if query_groups is not None and reference_groups is not None:
            closeness[query_groups[rows][:, None] == reference_groups[None, :]] = -np.inf
        order, values = largest(closeness, kept)
        found[rows, :kept] = np.where(np.isfinite(values), order, NO_NEIGHBOR)
        distances[rows, :kept] = np.maximum(1.0 - values, 0.0) if distance == "cosine" else np.sqrt(-values)
    return found, distances


def largest(values: NDArray[np.float64], count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return column numbers and values of the ``count`` largest of each row, in falling order."""
    if 2 * count * _BLOCK > values.shape[1]:
        return _largest(values, count)
    # They lie in the blocks of columns that have the largest values: a fifth of the time where there are many columns.
    n_blocks = values.shape[1] // _BLOCK
    tops = np.fmax.reduce(values[:, : n_blocks * _BLOCK].reshape(len(values), n_blocks, _BLOCK), axis=2)
    blocks, _ = _largest(tops, count)
    inside = np.sort(blocks, axis=1)[:, :, None] * _BLOCK + np.arange(_BLOCK)
    behind = np.arange(n_blocks * _BLOCK, values.shape[1])
    columns = np.hstack([inside.reshape(len(values), -1), np.broadcast_to(behind, (len(values), len(behind)))])
    order, picked = _largest(np.take_along_axis(values, columns, axis=1), count)
    return np.take_along_axis(columns, order, axis=1), picked


def _largest(values: NDArray[np.float64], count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    if count < values.shape[1]:
        columns = np.argpartition(-values, count - 1, axis=1)[:, :count]
        # Sorted, so that the stable sort below leaves equal values in the order of the reference.
        columns.sort(axis=1)
    else:
        columns = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    picked = np.take_along_axis(values, columns, axis=1)
    order = np.argsort(-picked, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(picked, order, axis=1)


def _unit_length(values: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.sqrt((values**2).sum(axis=1, keepdims=True))
    return np.divide(values, length, out=np.zeros_like(values), where=length > 0)
