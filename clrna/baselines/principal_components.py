"""Principal components whose signs do not depend on the machine."""

import logging

import numpy as np
from numpy.typing import NDArray

from clrna.baselines.adjusted import Adjusted
from clrna.errors import InputError
from clrna.model.principal_components import ScaledRows, principal_axes

logger = logging.getLogger("clrna")


def pca(values: NDArray | Adjusted, n_comps: int, seed: int = 0) -> NDArray[np.float32]:
    """Return the scores of the leading principal components.

    Parameters
    ----------
    values
        Expression, shape (samples, genes), finite, read in blocks and not copied. Centered per gene here, not scaled.
    n_comps
        Components wanted. There are at most samples - 1, and no more than genes; asking for more gives
        those there are, with a warning.
    seed
        Seed of the randomised solver of matrices with more than 2,000 samples and genes; others are exact.

    Returns
    -------
    Shape (samples, components). The sign of each component is such that its largest gene weight, by
    amount, is positive. Components in which nothing varies are 0.

    Raises
    ------
    InputError
        There is only one sample.

    Notes
    -----
    Pearson 1901, doi:10.1080/14786440109462720; randomised solver: Halko et al. 2011, doi:10.1137/090771806.
    """
    if len(values) < 2:
        raise InputError("principal components need at least 2 samples, there is 1; give a file of several samples")
    possible = min(len(values) - 1, values.shape[1])
    if n_comps > possible:
        logger.warning(
            "%d principal components asked for, %d samples x %d genes have only %d: these are taken",
            n_comps, len(values), values.shape[1], possible,
        )  # fmt: skip
    wanted = min(n_comps, possible)
    rows = ScaledRows(values, np.ones(values.shape[1]))
    found = rows.times(principal_axes(rows, wanted, seed))
    scores = np.zeros((len(values), wanted), dtype=np.float32)
    scores[:, : found.shape[1]] = found
    return scores
