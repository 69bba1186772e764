"""Which classes the nearest reference samples are of."""

import numpy as np
from numpy.typing import NDArray

_NEIGHBORS = 5
# A vote counts the less the farther its neighbour is, by so much a rank: enough to break ties.
_STEP = 1e-3


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
    nearness = _unit(codes) @ _unit(references[known]).T
    number = min(_NEIGHBORS, nearness.shape[1])
    order = np.argsort(-nearness, axis=1, kind="stable")[:, :number]
    voters = labels[known][order]
    for rank in range(number):
        np.add.at(counts, (np.arange(len(codes)), voters[:, rank]), 1 - _STEP * rank)
    return counts / number


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    rows = np.asarray(rows, dtype=np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
