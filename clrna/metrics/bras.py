"""Batch removal adapted silhouette (BRAS)."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.neighbors import closeness_in_chunks


def bras_of_samples(embedding: NDArray, labels: NDArray, studies: NDArray) -> NDArray[np.float64]:
    """Return how well each sample is mixed with the other studies' samples of its class.

    Within a class, ``a`` is the mean cosine distance to the other samples of the sample's own study and
    ``b`` that to all samples of other studies; the sample's value is ``1 - |b - a| / max(a, b)``. BRAS is
    the mean of the classes' means.

    Parameters
    ----------
    embedding
        Shape (samples, features).
    labels
        Class of each sample.
    studies
        Study of each sample.

    Returns
    -------
    From 0 to 1, higher is better mixed; NaN for a sample whose class is found in one study only, or who
    is the only one of its class in its study (it has no distance to its own study).

    Notes
    -----
    Rautenstrauch & Ohler 2025, doi:10.1038/s41587-025-02743-4, with their default of the mean distance to
    all other studies. Their code gives a sample that is alone in its study a full 1, which pays for
    small studies; here it is left out.
    """
    result = np.full(len(labels), np.nan)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        _, codes, sizes = np.unique(studies[rows], return_inverse=True, return_counts=True)
        if len(sizes) < 2:
            continue
        own, other = _mean_distances(np.asarray(embedding[rows], dtype=np.float64), codes, sizes)
        largest = np.maximum(own, other)
        gap = np.divide(np.abs(other - own), largest, out=np.zeros(len(rows)), where=largest > 0)
        result[rows] = np.where(sizes[codes] > 1, 1.0 - gap, np.nan)
    return result


def _mean_distances(
    values: NDArray[np.float64], codes: NDArray[np.intp], sizes: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each sample's mean cosine distance to its own study, itself left out, and to all others."""
    member = np.eye(len(sizes))[codes]
    sums = np.empty((len(values), len(sizes)))
    itself = np.empty(len(values))
    for rows, closeness in closeness_in_chunks(values, values, "cosine"):
        distances = 1.0 - closeness
        sums[rows] = distances @ member
        itself[rows] = distances[np.arange(len(distances)), np.arange(len(values))[rows]]
    index = np.arange(len(values))
    in_own = sums[index, codes]
    own = (in_own - itself) / np.maximum(sizes[codes] - 1, 1)
    other = (sums.sum(axis=1) - in_own) / (len(values) - sizes[codes])
    return np.maximum(own, 0.0), np.maximum(other, 0.0)
