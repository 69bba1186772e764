"""Calinski-Harabasz index, the variance ratio criterion."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.class_means import class_means


def calinski_harabasz(embedding: NDArray, labels: NDArray, weights: NDArray | None = None) -> float:
    """Return the scatter between classes over that within, each divided by its degrees of freedom.

    Parameters
    ----------
    embedding
        Shape (samples, features).
    labels
        Class of each sample.
    weights
        How often each sample counts, e.g. in a bootstrap resample.

    Returns
    -------
    0 or more, higher is better separated; it has no upper end and depends on the number of samples and
    classes, so it compares embeddings of the same samples only. NaN with fewer than two classes, no more
    samples than classes, or no scatter within classes.

    Notes
    -----
    Calinski & Harabasz 1974, doi:10.1080/03610927408827101.
    """
    found = class_means(embedding, labels, weights)
    n_classes, n = len(found.sizes), found.sizes.sum()
    if n_classes < 2 or n <= n_classes:
        return float("nan")
    values = np.asarray(embedding, dtype=np.float64)
    center = found.sizes @ found.means / n
    between = float(found.sizes @ ((found.means - center) ** 2).sum(axis=1))
    within = float(found.weights @ ((values - found.means[found.codes]) ** 2).sum(axis=1))
    if within <= 1e-12 * between:
        return float("nan")
    return (between / (n_classes - 1)) / (within / (n - n_classes))
