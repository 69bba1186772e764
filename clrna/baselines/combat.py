"""ComBat in blocks of genes: of what is kept beside the data only statistics of genes x studies are global."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.baselines.adjusted import Adjusted
from clrna.baselines.gene_blocks import gene_blocks
from clrna.baselines.shrinkage import shrunken
from clrna.errors import InputError

logger = logging.getLogger("clrna")


def combat(
    values: NDArray, studies: NDArray, covariates: pd.DataFrame | None = None, reference: str | None = None
) -> NDArray[np.float32]:
    """Remove each study's gene-wise location and scale with ComBat's parametric empirical Bayes.

    Parameters
    ----------
    values
        Logarithmic expression, shape (samples, genes), finite.
    studies
        Study of each sample; at least two, each of at least two samples.
    covariates
        Numeric columns, one row a sample, whose effect is kept (see
        :func:`clrna.baselines.covariates.numeric_columns`); must not be confounded with the study.
    reference
        Study that the others are moved onto and that stays as it is; where none is named they meet in the middle.

    Returns
    -------
    Shape (samples, genes). As in R's ``sva::ComBat``, a gene that is constant within a study is left as
    it is everywhere: nothing can be estimated for it.

    Raises
    ------
    InputError
        Fewer than two genes vary within every study.

    Notes
    -----
    Johnson, Li & Rabinovic 2007, doi:10.1093/biostatistics/kxj037. The same as scanpy's, whose conventions are
    kept: the variance of the prior of the additive effect is divided by the number of genes and in R by one
    less, which shows in the fourth decimal for 22,283 genes and in the third for 1,000.

    With a reference, mean and deviation of a gene are those of its samples, as with ``ref.batch`` in ``sva::ComBat``.
    Without covariates where a study comes to lie then depends on the reference and itself alone.
    """
    return fit_combat(values, studies, covariates, reference).whole()


def fit_combat(
    values: NDArray, studies: NDArray, covariates: pd.DataFrame | None = None, reference: str | None = None
) -> Adjusted:
    """Return what :func:`combat` does as a factor and an offset of each gene in each study; ``values`` is not copied.

    Parameters, errors and references are those of :func:`combat`.
    """
    design = _Design.of(studies, covariates, reference)
    n_studies, n_genes = design.n_studies, values.shape[1]
    grand, deviation = np.empty(n_genes), np.empty(n_genes)
    effects = np.empty((design.columns.shape[1] - n_studies, n_genes))
    location, variance = np.empty((n_studies, n_genes)), np.empty((n_studies, n_genes))
    varying = np.empty(n_genes, dtype=bool)
    for genes, block in gene_blocks(values):
        varying[genes] = design.varies(block)
        found = design.fit(block)
        grand[genes], deviation[genes], effects[:, genes], location[:, genes], variance[:, genes] = found
    _refuse_or_warn(varying)
    factor, offset = np.ones((n_studies, n_genes)), np.zeros((n_studies, n_genes))
    for study, size in enumerate(design.sizes):
        if study == design.reference:
            continue
        shift, spread = shrunken(location[study, varying], variance[study, varying], int(size))
        factor[study, varying] = 1.0 / np.sqrt(spread)
        moved = grand[varying] * (1.0 - factor[study, varying])
        offset[study, varying] = moved - deviation[varying] * shift * factor[study, varying]
    own = design.columns[:, n_studies:]
    return Adjusted(values, design.codes, factor, offset, *((own, effects) if own.shape[1] else ()))


@dataclass(frozen=True)
class _Design:
    """Which sample is of which study, and the columns of the linear model: one a study, then the covariates."""

    codes: NDArray[np.intp]
    sizes: NDArray[np.intp]
    columns: NDArray[np.float64]
    solver: NDArray[np.float64]  # coefficients are this times the values
    reference: int | None  # number of the study that stays

    @classmethod
    def of(cls, studies: NDArray, covariates: pd.DataFrame | None, reference: str | None = None) -> "_Design":
        names, codes, sizes = np.unique(studies.astype(str), return_inverse=True, return_counts=True)
        own = np.empty((len(codes), 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
        columns = np.hstack([np.eye(len(sizes))[codes], own])
        stays = None if reference is None else names.tolist().index(reference)
        return cls(codes, sizes, columns, np.linalg.inv(columns.T @ columns) @ columns.T, stays)

    @property
    def n_studies(self) -> int:
        return len(self.sizes)

    def varies(self, block: NDArray) -> NDArray[np.bool_]:
        """Return which genes take more than one value within each study."""
        varying = np.ones(block.shape[1], dtype=bool)
        for study in range(self.n_studies):
            own = block[self.codes == study]
            varying &= own.max(axis=0) > own.min(axis=0)
        return varying

    def fit(self, block: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Return grand mean, pooled deviation, effects of covariates, and each study's location and variance.

        With a reference, mean and deviation are those of its samples. The last two are of the values less grand mean
        and effects, divided by the pooled deviation; the variance is divided by one less than the samples. ``block``
        is overwritten.
        """
        coefficients = self.solver @ block
        effects = coefficients[self.n_studies :]
        if self.reference is None:
            grand, rows = self.sizes / self.sizes.sum() @ coefficients[: self.n_studies], slice(None)
        else:
            grand, rows = coefficients[self.reference], self.codes == self.reference
        deviation = np.sqrt(((block[rows] - self.columns[rows] @ coefficients) ** 2).mean(axis=0))
        block -= grand
        if len(effects):
            block -= self.columns[:, self.n_studies :] @ effects
        block /= np.where(deviation > 0, deviation, 1.0)
        location, variance = np.empty((2, self.n_studies, block.shape[1]))
        for study in range(self.n_studies):
            own = block[self.codes == study]
            location[study], variance[study] = own.mean(axis=0), own.var(axis=0, ddof=1)
        return grand, deviation, effects, location, variance


def _refuse_or_warn(varying: NDArray[np.bool_]) -> None:
    if varying.sum() < 2:
        raise InputError(
            f"ComBat needs at least 2 genes that vary within every study, {int(varying.sum())} of "
            f"{len(varying)} do; leave combat out of --methods"
        )
    if not varying.all():
        logger.warning(
            "ComBat: %d of %d genes are constant within some study and stay as they are",
            int((~varying).sum()), len(varying),
        )  # fmt: skip
