"""ComBat's parametric empirical Bayes: a study's location and scale of each gene, drawn towards those of all genes."""

import numpy as np
from numpy.typing import NDArray

_CONVERGED = 1e-4


def shrunken(
    location: NDArray[np.float64], variance: NDArray[np.float64], n_samples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the posterior means of the location and the variance of each gene in one study.

    Parameters
    ----------
    location, variance
        Mean and variance (divisor one less than the samples) of the study's standardized values, shape (genes,).
    n_samples
        Samples of the study.

    Notes
    -----
    Johnson, Li & Rabinovic 2007, doi:10.1093/biostatistics/kxj037, normal prior of the location and inverse gamma
    prior of the variance, both by moments; iterated until no gene changes by more than a part of 1e-4. The samples'
    squares about any center follow from mean and variance, so that they are not looked at again.
    """
    center, spread = location.mean(), location.var()
    middle, width = variance.mean(), variance.var(ddof=1)
    shape, scale = (2 * width + middle**2) / width, (middle * width + middle**3) / width
    squares = (n_samples - 1) * variance
    old_location, old_variance = location, variance
    change = 1.0
    with np.errstate(divide="ignore", invalid="ignore"):  # relative to an estimate that may be 0
        while change > _CONVERGED:
            new_location = (spread * n_samples * location + old_variance * center) / (spread * n_samples + old_variance)
            about = squares + n_samples * (location - new_location) ** 2
            new_variance = (0.5 * about + scale) / (n_samples / 2.0 + shape - 1.0)
            change = max(_relative(new_location, old_location), _relative(new_variance, old_variance))
            old_location, old_variance = new_location, new_variance
    return old_location, old_variance


def _relative(new: NDArray[np.float64], old: NDArray[np.float64]) -> float:
    return float((np.abs(new - old) / old).max())
