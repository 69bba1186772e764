"""limma's removeBatchEffect: each study's mean of a gene, next to the covariates, taken out by least squares."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.baselines.adjusted import Adjusted
from clrna.baselines.gene_blocks import gene_blocks


def remove_batch_effect(
    values: NDArray, studies: NDArray, covariates: pd.DataFrame | None = None
) -> NDArray[np.float32]:
    """Take out of each gene what least squares say that the study adds to it.

    Parameters
    ----------
    values
        Logarithmic expression, shape (samples, genes), finite.
    studies
        Study of each sample; at least two.
    covariates
        Numeric columns, one row a sample, whose effect is kept (see
        :func:`clrna.baselines.covariates.numeric_columns`); must not be confounded with the study.

    Returns
    -------
    Shape (samples, genes). The scale of a gene stays as it is in each study.

    Notes
    -----
    ``removeBatchEffect`` of limma: studies are coded by contrasts that sum to 0, so that each is moved to the plain
    mean of the studies' means, however many samples they have.

    References
    ----------
    Ritchie et al. 2015, doi:10.1093/nar/gkv007.
    """
    return fit_batch_effect(values, studies, covariates).whole()


def fit_batch_effect(values: NDArray, studies: NDArray, covariates: pd.DataFrame | None = None) -> Adjusted:
    """Return what :func:`remove_batch_effect` does as an offset of each gene in each study; ``values`` is not copied.

    Parameters and references are those of :func:`remove_batch_effect`.
    """
    names, codes = np.unique(studies.astype(str), return_inverse=True)
    own = np.empty((len(codes), 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    solver = np.linalg.pinv(np.hstack([np.eye(len(names))[codes], own]))[: len(names)]
    offset = np.empty((len(names), values.shape[1]))
    for genes, block in gene_blocks(values):
        level = solver @ block
        offset[:, genes] = level.mean(axis=0) - level
    return Adjusted(values, codes, np.ones_like(offset), offset)
