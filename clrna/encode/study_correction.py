"""Expression of one study with each gene on the location and scale that it has in a training study."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from clrna.errors import InputError, UsageError
from clrna.model.gene_shrinkage import shrunken_deviations, shrunken_means
from clrna.model.model import Model
from clrna.model.standardize import GeneStatistics
from clrna.model.study_placement import GenesThere


@dataclasses.dataclass(frozen=True)
class TargetLevels:
    """What genes are like in the training study that expression is brought to.

    Attributes
    ----------
    study
        Its name.
    offset, deviation
        Of each gene, shape (genes,), as :class:`clrna.model.study_levels.StudyLevels` has them.
    within
        Typical variance of each gene among samples of one class, shape (genes,).
    middle, spread
        Mean and deviation of a sample.
    """

    study: str
    offset: NDArray[np.float64]
    deviation: NDArray[np.float64]
    within: NDArray[np.float64]
    middle: float
    spread: float

    @classmethod
    def of(cls, model: Model, study: str | None) -> "TargetLevels":
        """Return those of a training study, of the largest where no name is given.

        Raises
        ------
        InputError
            The model does not place studies, or is of a version that kept no levels.
        UsageError
            There is no such study.
        """
        if model.transfer is None:
            preset = model.settings.preset_name
            raise UsageError(
                f"--corrected-layer: a model of preset {preset} does not place studies, so it cannot tell what is a "
                "study's; take one of preset default"
            )
        levels = model.transfer.levels
        if levels is None:
            raise InputError(
                "--corrected-layer: the model was trained by a version that did not keep the levels of its studies; "
                "train it anew"
            )
        row = levels.row_of(study, model.training_studies)
        return cls(
            model.training_studies[levels.studies[row]], levels.offsets[row], levels.deviations[row], levels.within,
            float(levels.middle[row]), float(levels.spread[row]),
        )  # fmt: skip


class StudyCorrection:
    """Learns in one pass over a study that was placed where its genes lie beyond the axes, then moves its samples.

    Within a study a gene is moved by one line, so that the order of the samples by a gene stays, but for the unit of
    each sample. Where samples are placed alone nothing is learned from the others, and the gene's scale stays.

    Parameters
    ----------
    target
        The study that expression is brought to.
    there
        What the study's genes make of the model.
    """

    def __init__(self, target: TargetLevels, there: GenesThere) -> None:
        self._target, self._there = target, there
        self._axes = there.space.axes[there.present].astype(np.float64)
        n_genes = int(there.present.sum())
        self._all, self._beyond, self._within = (GeneStatistics(n_genes) for _ in range(3))

    def update(self, scaled: NDArray[np.float32], products: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
        """Take in samples.

        Parameters
        ----------
        scaled
            In the units of the space, shape (samples, genes that are present).
        products
            Of those with the axes, shape (samples, axes).
        expected
            Coordinates of their classes, shape (samples, axes).
        """
        coordinates = products @ self._there.inverse
        self._all.update(scaled)
        self._beyond.update(scaled - coordinates @ self._axes.T)
        self._within.update(scaled - expected @ self._axes.T)

    def apply(self, values: NDArray, scaled: NDArray[np.float32], offset: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return samples on the levels of the target, in its units.

        Parameters
        ----------
        values
            Shape (samples, genes of the model), NaN where there is no value.
        scaled
            The same as in :meth:`update`.
        offset
            Of the study along the axes, shape (1, axes), or of each sample, shape (samples, axes).

        Returns
        -------
        Shape (samples, genes of the model), NaN where there is no value.
        """
        there, target, n_samples = self._there, self._target, self._all.n
        present, space = there.present, there.space
        moved = scaled.astype(np.float64)
        moved -= offset @ self._axes.T
        if n_samples > 1:
            beyond = shrunken_means(self._beyond.mean, self._beyond.sd**2, n_samples)
            moved -= beyond
            middle = self._all.mean - (offset @ self._axes.T)[0] - beyond
            variance = self._within.sd**2 * n_samples / (n_samples - 1)
            own = shrunken_deviations(variance, target.within[present], n_samples)
            moved = middle + (moved - middle) * (target.deviation[present] / own)
        moved += target.offset[present]
        scores = moved * space.scale[present] + space.mean[present]
        result = np.full(values.shape, np.nan, dtype=np.float32)
        result[:, present] = scores * target.spread + target.middle
        result[~np.isfinite(values)] = np.nan
        return result
