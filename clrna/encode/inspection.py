"""The first pass over the samples: values that are not there, and what to put in their place."""

import logging
from collections.abc import Callable

import numpy as np

from clrna.encode.plan import ADAPTATIONS, StudyPlan
from clrna.encode.source import ExpressionSource
from clrna.errors import InputError
from clrna.plural import plural
from clrna.quoted import listed

logger = logging.getLogger("clrna")

_NAMED = 10


class FiniteMean:
    """Count and mean of each gene, of the values that are finite, summed in float64.

    Parameters
    ----------
    n_genes
        Width of the blocks.
    """

    def __init__(self, n_genes: int) -> None:
        self.count = np.zeros(n_genes, dtype=np.int64)
        self._sum = np.zeros(n_genes)

    def update(self, values: np.ndarray) -> None:
        """Take in samples, shape (samples, genes); NaN stands for no value."""
        self.count += np.isfinite(values).sum(axis=0)
        self._sum += np.nansum(values, axis=0, dtype=np.float64)

    @property
    def mean(self) -> np.ndarray:
        """Mean of each gene, float64; NaN where there is no value of it."""
        return np.divide(self._sum, self.count, out=np.full(len(self._sum), np.nan), where=self.count > 0)


class Inspection:
    """What the first pass found.

    Parameters
    ----------
    source, plan
        The samples, and how each study is standardized.
    visit
        Called with the rows and values of each block, so that others who need no more than a look take the same pass.

    Attributes
    ----------
    means
        Gene means of each study that is standardized by its own statistics, None for the others.
    not_finite
        Values that are not finite in each gene of the model that the source has, shape (model genes,).
    """

    def __init__(
        self, source: ExpressionSource, plan: StudyPlan, visit: Callable[[slice, np.ndarray], None] | None = None
    ) -> None:
        n_genes = len(source.present)
        self.means = [FiniteMean(n_genes) if own else None for own in plan.adapted]
        self.not_finite = np.zeros(n_genes, dtype=np.int64)
        empty: list[int] = []
        flat: list[int] = []
        by_sample = np.array([how in ADAPTATIONS for how in plan.standardized_by], dtype=bool)
        for rows, values in source.blocks("looking"):
            if visit is not None:
                visit(rows, values)
            missing = np.isnan(values)
            missing &= source.present
            if missing.any():
                self.not_finite += missing.sum(axis=0)
                empty += (rows.start + np.flatnonzero(missing.sum(axis=1) == source.present.sum())).tolist()
            same = np.fmax.reduce(values, axis=1) == np.fmin.reduce(values, axis=1)
            flat += (rows.start + np.flatnonzero(same & by_sample[plan.of_sample[rows]])).tolist()
            for study in np.unique(plan.of_sample[rows]):
                mean = self.means[study]
                if mean is not None:
                    mean.update(values[plan.of_sample[rows] == study])
        if empty:
            names = _some(source.sample_names[empty])
            what = plural(len(empty), "sample has", "samples have")
            raise InputError(f"{what} no finite value of the model's genes: {names}; remove them")
        if flat:
            names = _some(source.sample_names[flat])
            what = plural(len(flat), "sample has", "samples have")
            raise InputError(f"{what} one value in all of the model's genes: {names}; remove them")

    def log(self, symbols: np.ndarray, n_samples: int) -> None:
        """Say which values are filled with what."""
        genes = np.flatnonzero(self.not_finite)
        if genes.size:
            logger.warning(
                "of %d values %s not finite, in %s (%s); filled with the study's mean of the gene where the "
                "study is standardized by its own statistics, else with the training mean",
                n_samples * len(self.not_finite), plural(int(self.not_finite.sum()), "is", "are"),
                plural(genes.size, "gene"), _some(symbols[genes]),
            )  # fmt: skip


def _some(names: np.ndarray) -> str:
    return listed(names, _NAMED)
