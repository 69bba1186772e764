"""Principal component regression (PCR): how much of the variance is between studies."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.class_means import class_means


def variance_between(scores: NDArray, studies: NDArray, weights: NDArray | None = None) -> float:
    """Return the share of the variance that the studies explain.

    Regressing each principal component on the study and averaging the R squared, weighted by the
    components' variance, is the scatter between study means over the total scatter, whatever rotation the
    scores are in; so it is computed as that.

    Parameters
    ----------
    scores
        Principal components, or any rotation of them, shape (samples, components).
    studies
        Study of each sample.
    weights
        How often each sample counts, e.g. in a bootstrap resample.

    Returns
    -------
    From 0 to 1; NaN where nothing varies.

    Notes
    -----
    Buettner et al. 2019, doi:10.1038/s41592-018-0254-1.
    """
    found = class_means(scores, studies, weights)
    values = np.asarray(scores, dtype=np.float64)
    center = found.sizes @ found.means / found.sizes.sum()
    total = float(found.weights @ ((values - center) ** 2).sum(axis=1))
    between = float(found.sizes @ ((found.means - center) ** 2).sum(axis=1))
    return between / total if total > 0 else float("nan")


def pcr_comparison(before: NDArray, after: NDArray, studies: NDArray, weights: NDArray | None = None) -> float:
    """Return by what share an embedding lowers the variance that the studies explain.

    Parameters
    ----------
    before
        Principal components of the expression, shape (samples, components).
    after
        Principal components of the embedding, shape (samples, components).
    studies
        Study of each sample.
    weights
        How often each sample counts.

    Returns
    -------
    ``(before - after) / before``, at least 0 as in scib (0 also where it got worse); 1 is best.

    Notes
    -----
    Luecken et al. 2022, doi:10.1038/s41592-021-01336-8.
    """
    share = variance_between(before, studies, weights)
    if not share > 0:
        return float("nan")
    return max(0.0, (share - variance_between(after, studies, weights)) / share)
