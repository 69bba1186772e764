"""Per-study standardization: each study's genes brought to mean 0 and deviation 1."""

import numpy as np
from numpy.typing import NDArray

from clrna.model.standardize import GeneStatistics, standardize


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
    result = np.empty(values.shape, dtype=np.float32)
    names = studies.astype(str)
    for study in np.unique(names):
        rows = np.flatnonzero(names == study)
        statistics = GeneStatistics(values.shape[1])
        statistics.update(values[rows])
        result[rows] = standardize(values[rows], statistics.mean, statistics.sd)
    return result
