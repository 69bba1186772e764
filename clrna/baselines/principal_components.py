"""Principal components whose signs do not depend on the machine."""

import logging
from typing import cast

import numpy as np
from numpy.typing import NDArray

from clrna.baselines.adjusted import Adjusted
from clrna.errors import InputError
from clrna.model.principal_components import ScaledRows, principal_scores

logger = logging.getLogger("clrna")

# Samples up to which all products between them are worked out.
_FEW_SAMPLES = 2000
# 8 MB in float32, which the allocator keeps: larger blocks are asked of the system anew each time.
_VALUES_AT_ONCE = 2_000_000
# Variance of a component, as a share of the first one's, below which it is rounding.
_NEGLIGIBLE = 1e-10


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
        Seed of the randomised solver of matrices with more than 2,000 samples and genes; others are solved exactly.

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
    few = len(values) <= min(_FEW_SAMPLES, values.shape[1])
    found = _of_few_samples(values, wanted) if few else _of_many_samples(values, wanted, seed)
    scores = np.zeros((len(values), wanted), dtype=np.float32)
    scores[:, : found.shape[1]] = found
    return scores


def _of_many_samples(values: NDArray | Adjusted, n_comps: int, seed: int) -> NDArray[np.float64]:
    step = max(1, _VALUES_AT_ONCE // values.shape[1])
    matrix = cast(NDArray, values)  # both are read by their rows alone
    return principal_scores(ScaledRows(matrix, np.ones(values.shape[1]), step, single=True), n_comps, seed)


def _of_few_samples(values: NDArray | Adjusted, n_comps: int) -> NDArray[np.float64]:
    """Return the scores by the products between samples, which are fewer than those between genes."""
    rows = np.array(values[slice(None)], dtype=np.float64)
    rows -= rows.mean(axis=0)
    variance, vectors = np.linalg.eigh(rows @ rows.T)
    kept = np.flatnonzero(variance > _NEGLIGIBLE * max(variance[-1], 0.0))[::-1][:n_comps]
    scores = vectors[:, kept] * np.sqrt(variance[kept])
    weights = rows.T @ scores
    strongest = weights[np.abs(weights).argmax(axis=0), np.arange(len(kept))]
    return scores * np.where(strongest < 0, -1.0, 1.0)
