"""Silhouette width of labels."""

import numpy as np
from numpy.typing import NDArray


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
    from sklearn.metrics import silhouette_samples

    return silhouette_samples(np.asarray(embedding, dtype=np.float64), labels)
