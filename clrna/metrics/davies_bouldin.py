"""Davies-Bouldin index."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.class_scatter import Classes, Scatter


def davies_bouldin(embedding: NDArray, labels: NDArray) -> float:
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

    Returns
    -------
    0 or more, lower is better separated. NaN with fewer than two classes.

    Notes
    -----
    Davies & Bouldin 1979, doi:10.1109/TPAMI.1979.4766909.
    """
    return davies_bouldin_of(Classes(embedding, labels).weighted())


def davies_bouldin_of(scatter: Scatter) -> float:
    """Return the index of samples that count as often as their weights say, e.g. on half of the donors."""
    if len(scatter.sizes) < 2:
        return float("nan")
    spread = scatter.mean_distances()
    apart = np.sqrt(((scatter.means[:, None, :] - scatter.means[None, :, :]) ** 2).sum(axis=2))
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread[None, :]) / apart).max(axis=1).mean())
