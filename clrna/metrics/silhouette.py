"""Silhouette width of labels."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.neighbors import closeness_in_chunks


def silhouette_widths(embedding: NDArray, labels: NDArray) -> NDArray[np.float64]:
    """Return how much closer each sample is to its own class than to the nearest other class.

    With ``a`` the mean euclidean distance to the other samples of its class and ``b`` the smallest mean
    distance to the samples of another class, the width is ``(b - a) / max(a, b)``; 0 for a sample that
    is alone in its class. The score is the mean over the samples.

    Parameters
    ----------
    embedding
        Shape (samples, features).
    labels
        Class of each sample; at least two classes and fewer than samples.

    Returns
    -------
    From -1 to 1, higher is better separated.

    Notes
    -----
    Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7. It was made for clusters found by an algorithm and
    rewards round, compact classes; with batches nested in classes it can prefer the worse integration
    (Rautenstrauch & Ohler 2025, doi:10.1038/s41587-025-02743-4).
    """
    values = np.asarray(embedding, dtype=np.float64)
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    sums = _distances_to_classes(values, np.eye(len(sizes))[codes])
    index = np.arange(len(values))
    own = sums[index, codes] / np.maximum(sizes[codes] - 1, 1)
    means = sums / sizes
    means[index, codes] = np.inf
    nearest = means.min(axis=1)
    largest = np.maximum(own, nearest)
    defined = (sizes[codes] > 1) & (largest > 0)
    return np.divide(nearest - own, largest, out=np.zeros(len(values)), where=defined)


def _distances_to_classes(values: NDArray[np.float64], member: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of each sample's distances to the others of each class, shape (samples, classes)."""
    sums = np.empty(member.shape)
    index = np.arange(len(values))
    for rows, closeness in closeness_in_chunks(values, values, "euclidean"):
        distances = np.sqrt(np.negative(closeness, out=closeness), out=closeness)
        distances[np.arange(len(distances)), index[rows]] = 0.0  # what rounding leaves between a sample and itself
        sums[rows] = distances @ member
    return sums
