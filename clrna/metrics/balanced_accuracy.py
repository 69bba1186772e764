"""Accuracy in which every class counts alike."""

import numpy as np
from numpy.typing import NDArray


def balanced_accuracy(truth: NDArray, predicted: NDArray, weights: NDArray | None = None) -> float:
    """Return the mean over the true classes of the share of their samples that is predicted rightly.

    A guess that does not look at the sample reaches 1 / classes, however unequal the classes are.

    Parameters
    ----------
    truth, predicted
        Class of each sample.
    weights
        How often each sample counts, e.g. on half of the donors.

    Returns
    -------
    From 0 to 1; NaN where no sample counts.

    Notes
    -----
    Brodersen et al. 2010, doi:10.1109/ICPR.2010.764.
    """
    counts = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
    _, codes = np.unique(truth, return_inverse=True)
    size = np.bincount(codes, counts)
    hits = np.bincount(codes, counts * (truth == predicted))
    present = size > 0
    return float(np.mean(hits[present] / size[present])) if present.any() else float("nan")
