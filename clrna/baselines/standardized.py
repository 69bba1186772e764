"""Per-study standardization: each study's genes brought to mean 0 and deviation 1."""

import numpy as np
from numpy.typing import NDArray

from clrna.baselines.adjusted import Adjusted
from clrna.model.standardize import GeneStatistics, varies

# Samples of a study that are copied at once.
_ROWS = 512


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
    return fit_standardized(values, studies).whole()


def fit_standardized(values: NDArray, studies: NDArray) -> Adjusted:
    """Return what :func:`standardize_by_study` does as factors and offsets; ``values`` is not copied."""
    names, codes = np.unique(studies.astype(str), return_inverse=True)
    factor, offset = np.zeros((2, len(names), values.shape[1]))
    for study in range(len(names)):
        rows = np.flatnonzero(codes == study)
        statistics = GeneStatistics(values.shape[1])
        for start in range(0, len(rows), _ROWS):
            statistics.update(values[rows[start : start + _ROWS]])
        mean, sd = statistics.mean, statistics.sd
        np.divide(1.0, sd, out=factor[study], where=varies(mean, sd))
        offset[study] = -mean * factor[study]
    return Adjusted(values, codes, factor, offset)
