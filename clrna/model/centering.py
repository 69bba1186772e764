"""Whether what tells a study's tissue was subtracted from its genes, and what that leaves of the odds of a label.

Log ratios to a pool of the same tissue, and genes that were centered or z-scored over a study of one tissue, hold what
tells its samples apart, and no longer what they have in common: their tissue. Two things tell such a study. Its samples
do not agree with each other from gene to gene, as those of other studies do. And they differ along the directions that
tell classes apart no more than along all others, where samples of several classes differ more: a study of many
tissues loses nothing by being centered.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_statistics import shrunk
from clrna.model.latent_space import LatentSpace
from clrna.model.softmax import expit
from clrna.model.study_placement import GenesThere

# Mean correlation of a study's samples up to which its genes count as centered, and from which on they do not. Where
# they are centered, by the mean, the median or a pool of five of the samples, it is -0.1 to 0.2; as they were measured
# 0.6 to 1, and 0.5 for ratios of five tissues to one reference.
_CENTERED, _AS_MEASURED = 0.25, 0.45
# Log odds that what tells the tissue is still there, and what the logarithm of the spread adds to them. Fitted to
# studies that were centered and that the model had not seen, see benchmarks/transfer/NOTES.md.
_KEPT, _KEPT_BY_SPREAD = -1.3, 2.0
# Part of the odds below which the labels of a study are warned of.
_WARNED = 1 / 3
# Samples of a study that its common profile is taken from.
_MOST_SAMPLES = 2000


@dataclasses.dataclass(frozen=True)
class Centering:
    """What a study says of how its genes were centered.

    Attributes
    ----------
    correlation
        Mean correlation of its samples with each other over the genes; NaN of a single sample.
    spread
        See :func:`class_spread`.
    """

    correlation: float
    spread: float

    @property
    def is_centered(self) -> bool:
        """Whether its genes are centered within the study, or nearly so."""
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
        if not np.isfinite(self.correlation):
            return 0.0
        return float(np.clip((_AS_MEASURED - self.correlation) / (_AS_MEASURED - _CENTERED), 0.0, 1.0))


class CommonProfile:
    """What the first samples of a study have in common, gathered as they come."""

    def __init__(self) -> None:
        self._sum: NDArray[np.float64] | None = None
        self._n_samples = 0

    @property
    def n_wanted(self) -> int:
        """Samples that it still takes in."""
        return _MOST_SAMPLES - self._n_samples

    def update(self, scaled: NDArray[np.float32]) -> None:
        """Take in samples in units of the space, shape (samples, genes that are present); no more than it wants."""
        few = scaled[: self.n_wanted]
        if not len(few):
            return
        own = few.sum(axis=0, dtype=np.float64)
        self._sum = own if self._sum is None else self._sum + own
        self._n_samples += len(few)

    def correlation(self, space: LatentSpace, present: NDArray[np.bool_]) -> float:
        """Return the mean correlation of two of the samples over the genes; NaN of fewer than two.

        Samples are standardized, so it follows from the mean square of their mean.
        """
        if self._sum is None or self._n_samples < 2:
            return float("nan")
        square = float((space.scores(self._sum / self._n_samples, present) ** 2).mean())
        return (self._n_samples * square - 1) / (self._n_samples - 1)


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
