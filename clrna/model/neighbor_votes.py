"""Which classes the nearest reference samples are of."""

import numpy as np
from numpy.typing import NDArray

_NEIGHBORS = 5
# A vote counts the less the farther its neighbour is, by so much a rank: enough to break ties.
_STEP = 1e-3
# Samples that are compared with all references at a time.
_ROWS = 128


def neighbor_votes(
    codes: NDArray[np.floating], references: NDArray[np.floating], labels: NDArray[np.integer], n_classes: int
) -> NDArray[np.float64]:
    """Return the share of each class among the 5 nearest reference samples, by cosine.

    Parameters
    ----------
    codes
        Of the samples that ask, shape (samples, latent).
    references
        Codes of the reference samples, shape (reference samples, latent).
    labels
        Class of each reference sample from 0, -1 where it has none; those do not vote.
    n_classes
        Number of classes.

    Returns
    -------
    Shape (samples, classes).
    """
    known = labels >= 0
    counts = np.zeros((len(codes), n_classes))
    if not known.any():
        return counts
    asking, there = _unit(codes), _unit(references[known])
    number = min(_NEIGHBORS, len(there))
    for start in range(0, len(codes), _ROWS):
        rows = slice(start, start + _ROWS)
        voters = labels[known][_nearest(asking[rows] @ there.T, number)]
        for rank in range(number):
            np.add.at(counts[rows], (np.arange(len(voters)), voters[:, rank]), 1 - _STEP * rank)
    return counts / number


def _nearest(nearness: NDArray[np.float32], number: int) -> NDArray[np.intp]:
    """Return the columns of the largest values of each row, from the largest on, of equal ones the first."""
    far = -nearness
    # To sort all references takes longer than to compare with them.
    columns = np.sort(np.argpartition(far, number - 1, axis=1)[:, :number], axis=1)
    chosen = np.take_along_axis(far, columns, axis=1)
    order = np.take_along_axis(columns, np.argsort(chosen, axis=1, kind="stable"), axis=1)
    tied = (far <= chosen.max(axis=1, keepdims=True)).sum(axis=1) > number
    order[tied] = np.argsort(far[tied], axis=1, kind="stable")[:, :number]
    return order


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    rows = np.asarray(rows, dtype=np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
