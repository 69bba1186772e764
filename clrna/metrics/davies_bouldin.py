"""Davies-Bouldin index."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.class_means import class_means


def davies_bouldin(embedding: NDArray, labels: NDArray, weights: NDArray | None = None) -> float:
    """Return the mean over classes of the worst overlap with another class.

    The overlap of two classes is the sum of their mean distances to their own centers over the distance
    of the two centers (euclidean); two classes with the same center count as not overlapping, as in
    scikit-learn.

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
    0 or more, lower is better separated. NaN with fewer than two classes.

    Notes
    -----
    Davies & Bouldin 1979, doi:10.1109/TPAMI.1979.4766909.
    """
    found = class_means(embedding, labels, weights)
    n_classes = len(found.sizes)
    if n_classes < 2:
        return float("nan")
    values = np.asarray(embedding, dtype=np.float64)
    distances = np.sqrt(((values - found.means[found.codes]) ** 2).sum(axis=1))
    spread = np.bincount(found.codes, found.weights * distances, n_classes) / found.sizes
    apart = np.sqrt(((found.means[:, None, :] - found.means[None, :, :]) ** 2).sum(axis=2))
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread[None, :]) / apart).max(axis=1).mean())
