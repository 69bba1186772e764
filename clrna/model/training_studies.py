"""Gene statistics of the training studies, each study's allowing for its mix of classes."""

import dataclasses
import logging

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_means import ClassMeansFit
from clrna.model.standardize import GeneStatistics, standardize, varies

logger = logging.getLogger("clrna")

_PREFIX = "studies."


@dataclasses.dataclass(frozen=True)
class TrainingStudies:
    """What a model knows of the studies that it was trained on, and of where classes lie whatever the study.

    Attributes
    ----------
    names
        Studies with statistics of their own; may be empty.
    means, deviations
        Of each gene in each of them, shape (studies, genes). The means are those that the study would
        have, had it all classes alike.
    class_means
        Mean of each class in standardized expression, shape (classes, genes).
    within
        Variance within classes and studies in standardized expression, shape (genes,).
    """

    names: list[str]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]
    class_means: NDArray[np.float64]
    within: NDArray[np.float64]

    def to_arrays(self) -> dict[str, NDArray]:
        """Return what encoding needs as named arrays for the model file."""
        return {
            f"{_PREFIX}{name}": getattr(self, name).astype(np.float32)
            for name in ("means", "deviations", "class_means", "within")
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray]) -> "TrainingStudies | None":
        """Return what :meth:`to_arrays` gave, without the names; None where it is not there."""
        names = ("means", "deviations", "class_means", "within")
        if any(f"{_PREFIX}{name}" not in arrays for name in names):
            return None
        return cls([], *(np.asarray(arrays[f"{_PREFIX}{name}"], dtype=np.float64) for name in names))

    def nearest(self, statistics: GeneStatistics) -> int:
        """Return the number of the study whose gene means are most like those of another study.

        The median over the genes is taken, which a few tissue-specific genes do not move.
        """
        varying = varies(statistics.mean, statistics.sd)
        scale = self.typical_deviation
        usable = varying & (scale > 0)
        if not usable.any():
            return 0
        steps = np.abs(self.means[:, usable] - statistics.mean[usable]) / scale[usable]
        return int(np.median(steps, axis=1).argmin())

    def statistics_of(self, study: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return the mean and deviation that a training study is standardized by; None if it has none of its own."""
        if study not in self.names:
            return None
        number = self.names.index(study)
        return self.means[number], self.deviations[number]

    @property
    def gene_scale(self) -> NDArray[np.float64]:
        """How much each gene varies beside the others, the studies' units evened out, shape (genes,)."""
        middle = np.array([np.median(row[row > 0]) if (row > 0).any() else 1.0 for row in self.deviations])
        return np.sqrt(((self.deviations / middle[:, None]) ** 2).mean(axis=0))

    @property
    def typical_deviation(self) -> NDArray[np.float64]:
        """Root mean square over the studies of each gene's deviation, shape (genes,)."""
        return np.sqrt((self.deviations**2).mean(axis=0))


def fit_training_studies(
    values: NDArray, studies: NDArray, labels: NDArray, learned: NDArray, n_classes: int, min_samples: int
) -> TrainingStudies:
    """Learn the statistics of training samples.

    Parameters
    ----------
    values
        Expression of all samples, shape (samples, genes), finite.
    studies
        Study of each.
    labels
        Class of each from 0, -1 where it has none.
    learned
        Which samples are learned from, shape (samples,).
    n_classes
        Number of classes.
    min_samples
        Samples to learn from that a study needs for statistics of its own. Where none has as many, all
        samples are taken for one study.

    Notes
    -----
    A study's offset is estimated from its labelled samples beside the means of the classes; a study
    without labels has its plain mean.
    """
    own = {str(name): np.flatnonzero(learned & (studies == name)) for name in sorted(set(studies[learned].tolist()))}
    large = {name: rows for name, rows in own.items() if len(rows) >= min_samples}
    groups = large or {"": np.flatnonzero(learned)}
    fit = ClassMeansFit(len(groups), n_classes, values.shape[1])
    means, deviations = [], []
    for number, rows in enumerate(groups.values()):
        statistics = GeneStatistics(values.shape[1])
        statistics.update(values[rows])
        means.append(statistics.mean)
        deviations.append(statistics.sd)
        fit.update(number, standardize(values[rows], means[-1], deviations[-1]), labels[rows])
    found = fit.solve()
    return TrainingStudies(
        names=list(large),
        means=np.stack(means) + np.stack(deviations) * found.offsets,
        deviations=np.stack(deviations),
        class_means=found.class_means,
        within=found.within,
    )
