"""Principal components whose signs do not depend on the machine."""

import logging

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from clrna.errors import InputError

logger = logging.getLogger("clrna")


def pca(values: NDArray, n_comps: int, seed: int = 0) -> NDArray[np.float32]:
    """Return the scores of the leading principal components.

    Parameters
    ----------
    values
        Expression, shape (samples, genes), finite. Centered per gene here, not scaled.
    n_comps
        Components wanted. There are at most samples - 1, and no more than genes; asking for more gives
        those there are, with a warning.
    seed
        Seed of the randomised solver that scikit-learn takes for large matrices.

    Returns
    -------
    Shape (samples, components). The sign of each component is such that its largest gene weight, by
    amount, is positive.

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
    model = PCA(n_components=min(n_comps, possible), random_state=seed)
    scores = model.fit_transform(np.asarray(values, dtype=np.float64))
    rows = np.arange(len(model.components_))
    strongest = model.components_[rows, np.abs(model.components_).argmax(axis=1)]
    return (scores * np.where(strongest < 0, -1.0, 1.0)).astype(np.float32)
