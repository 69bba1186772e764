"""Whether the level of a study's genes was subtracted, and what that leaves of the odds of a label.

Genes that were centered or z-scored over a study, and log ratios to a reference, hold what tells samples apart, and
what they have in common only next to that reference. Where the study is of one tissue, or the reference a pool of it,
the tissue has gone with it. Two things tell. Such samples do not follow the level that genes have in the training data,
as all others do. And samples of one class differ along the directions that tell classes apart no more than along all
others, where those of several classes differ more: a study of many tissues loses nothing by being centered.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_statistics import shrunk
from clrna.model.latent_space import LatentSpace
from clrna.model.softmax import expit
from clrna.model.study_placement import GenesThere

# Mean correlation of samples with the level of genes in the training data up to which that is taken to be subtracted,
# and from which on it is not. It is -0.1 to 0.1 in centered studies and ratios, 0.3 to 0.7 in others.
_SUBTRACTED, _AS_MEASURED = 0.1, 0.2
# Log odds that what tells the tissue is there all the same, and what the logarithm of the spread adds to them. Fitted
# to studies that were centered and that the model had not seen, see benchmarks/transfer/NOTES.md.
_KEPT, _KEPT_BY_SPREAD = -1.2, 1.75
# Part of the odds below which the labels of a study are warned of.
_WARNED = 1 / 3
# Samples of a study that its common profile is taken from.
_MOST_SAMPLES = 2000


@dataclasses.dataclass(frozen=True)
class Centering:
    """What a study says of how its genes were centered.

    Attributes
    ----------
    level
        Mean correlation of its samples with the level of genes in the training data, over the genes; NaN where there
        is none.
    spread
        See :func:`class_spread`; NaN where the study is as it was measured, for then nothing depends on it.
    """

    level: float
    spread: float

    @classmethod
    def of(cls, level: float, there: GenesThere, products: NDArray[np.float64]) -> "Centering":
        """Return what samples of such a level say; the others as for :func:`class_spread`."""
        found = cls(level, float("nan"))
        return cls(level, class_spread(there, products)) if found.is_centered and len(products) > 1 else found

    @property
    def is_centered(self) -> bool:
        """Whether the level of its genes was subtracted, or nearly so."""
        return self._share > 0

    @property
    def is_warned_of(self) -> bool:
        """Whether its labels cannot be relied on for that."""
        return self.kept < _WARNED

    @property
    def kept(self) -> float:
        """What the odds of each label being right are multiplied by, from 0 to 1; 1 where nothing can be told."""
        if not self.is_centered or not np.isfinite(self.spread):
            return 1.0
        score = _KEPT + _KEPT_BY_SPREAD * np.log(max(self.spread, 1e-9))
        return float(1 - self._share * (1 - expit(np.array(score))))

    @property
    def _share(self) -> float:
        """From 0, as it was measured, to 1, centered."""
        if not np.isfinite(self.level):
            return 0.0
        return float(np.clip((_AS_MEASURED - self.level) / (_AS_MEASURED - _SUBTRACTED), 0.0, 1.0))


class CommonProfile:
    """What the first samples of a study have in common, gathered as they come."""

    def __init__(self) -> None:
        self._n_samples = 0
        self._sum: NDArray[np.float64] | None = None
        self._counts: NDArray[np.float64] | None = None

    @property
    def n_wanted(self) -> int:
        """Samples that it still takes in."""
        return _MOST_SAMPLES - self._n_samples

    def update(self, scaled: NDArray[np.float32]) -> None:
        """Take in samples in units of the space, shape (samples, genes that are present); no more than it wants.

        A value of 0 is one that is missing.
        """
        few = scaled[: self.n_wanted]
        own, counts = few.sum(axis=0, dtype=np.float64), np.count_nonzero(few, axis=0).astype(np.float64)
        self._sum = own if self._sum is None else self._sum + own
        self._counts = counts if self._counts is None else self._counts + counts
        self._n_samples += len(few)

    def level(self, space: LatentSpace, present: NDArray[np.bool_]) -> float:
        """Return the mean correlation of the samples with the training's mean of each gene; NaN without either."""
        typical = space.mean[present] - space.mean[present].mean()
        size = np.sqrt((typical**2).mean())
        if self._sum is None or self._counts is None or not self._counts.any() or size == 0:
            return float("nan")
        # Samples are standardized, so the mean of their correlations is that of their mean.
        common = space.scores(self._sum / np.maximum(self._counts, 1), present)
        return float((self._counts * common * typical).sum() / self._counts.sum() / size)


def class_spread(there: GenesThere, products: NDArray[np.float64]) -> float:
    """Return the variance of a study's samples where classes differ, by their variance along all axes.

    Both are in units of the variance within classes, directions weighted by how far the class means lie apart along
    them. So it is about 1 for samples of one class, more for several, and does not depend on how far samples were
    stretched when the study's genes were centered.

    Parameters
    ----------
    there
        What the study's genes make of the model.
    products
        Of its samples with the axes, shape (samples, axes).

    Returns
    -------
    NaN where there are no two samples that differ, or no two classes.
    """
    statistics, n_axes = there.statistics, there.space.n_axes
    lost = there.space.noise * (there.inverse - np.eye(n_axes))
    root = np.linalg.cholesky(shrunk(statistics.placed_within) + lost)
    samples, classes = (
        np.linalg.solve(root, (rows - rows.mean(axis=0)).T)
        for rows in (products @ there.inverse, statistics.placed_means)
    )
    everywhere = (samples**2).sum() / n_axes * (classes**2).sum()
    return float(((samples.T @ classes) ** 2).sum() / everywhere) if everywhere > 0 else float("nan")
