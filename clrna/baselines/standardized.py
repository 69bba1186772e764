"""Per-study standardization: each study's genes brought to mean 0 and deviation 1."""

import numpy as np
from numpy.typing import NDArray

# A deviation below this share of the gene's size is rounding of float32, not variation.
_ROUNDING = 1e-6


def standardize_by_study(values: NDArray, studies: NDArray) -> NDArray[np.float32]:
    """Subtract from each gene its mean in the sample's study and divide by its deviation there.

    Parameters
    ----------
    values
        Expression, shape (samples, genes), finite.
    studies
        Study of each sample.

    Returns
    -------
    Shape (samples, genes). A gene that is constant in a study is 0 there, as are all genes of a study
    of one sample.

    Notes
    -----
    The location and scale adjustment of Li & Wong 2001, doi:10.1186/gb-2001-2-8-research0032, and the
    first step of most transfer methods; deviations divide by n.
    """
    result = np.zeros(values.shape, dtype=np.float32)
    for study in np.unique(studies.astype(str)):
        rows = np.flatnonzero(studies.astype(str) == study)
        block = np.asarray(values[rows], dtype=np.float64)
        mean, deviation = block.mean(axis=0), block.std(axis=0)
        varies = deviation > _ROUNDING * np.maximum(np.abs(mean), 1e-12)
        result[np.ix_(rows, varies)] = (block[:, varies] - mean[varies]) / deviation[varies]
    return result
