"""Adapt to a study that the model has not seen: its own gene statistics, allowing for its mix of classes."""

import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clrna.model.chosen_rows import ChosenRows
from clrna.model.standardize import GeneStatistics, standardize, varies
from clrna.model.study_mix import StudyMix, estimate_mix
from clrna.model.training_studies import TrainingStudies

if TYPE_CHECKING:
    from clrna.model.linear_path import LinearPath
    from clrna.model.model import Model

logger = logging.getLogger("clrna")

_DISCRIMINANTS = "studies.discriminants"

# Least share of a gene's variance that a study of one class is thought to have.
_LEAST_VARIANCE = 0.1


def adaptation_arrays(studies: TrainingStudies | None, path: "LinearPath | None") -> dict[str, NDArray]:
    """Return what :class:`StudyAdapter` needs beside the network, as named arrays for ``Model.extras``.

    Parameters
    ----------
    studies
        The training studies; None where the model does not standardize by study.
    path
        The linear path of their samples, whether or not the network holds it. Without two classes it has no
        discriminants and there is nothing to keep.
    """
    if studies is None or path is None or path.n_discriminants == 0:
        return {}
    return {**studies.to_arrays(), _DISCRIMINANTS: path.discriminants.astype(np.float32)}


class StudyAdapter:
    """Learns a study's statistics in passes over its samples, then encodes them.

    The first pass takes the mean and deviation of each gene. The second looks at a bounded number of
    samples and estimates from them, without labels, which mix of classes the study holds (see
    :func:`clrna.model.study_mix.estimate_mix`). The study is then placed so that its mean is that of its
    mix and not that of all classes: a study of brain tumors alone stays one of brain tumors. Memory does
    not grow with the number of samples.

    Parameters
    ----------
    model
        The trained model. Where it knows no classes there is one pass, and the study is standardized by its
        plain statistics.

    Attributes
    ----------
    n_passes
        Passes over the samples that are needed.
    mean, sd
        What the study is standardized by once the passes are done, shape (genes,), in the units of the
        samples: codes are those of ``(values - mean) / sd``, where a gene that does not vary is 0.
    mix
        The estimated mix of classes; None where it is not estimated.
    """

    def __init__(self, model: "Model") -> None:
        self.model = model
        self.mean = np.zeros(model.n_genes)
        self.sd = np.ones(model.n_genes)
        self.mix: StudyMix | None = None
        self._statistics = GeneStatistics(model.n_genes)
        self._placement = _placement(model)
        self.n_passes = 1 if self._placement is None else 2

    def update(self, number: int, values: NDArray) -> None:
        """Take in samples of the study in pass ``number``, shape (samples, genes), finite."""
        if number == 0:
            self._statistics.update(values)
        elif number == 1 and self._placement is not None:
            self._placement.update(values)

    def finish(self, number: int) -> None:
        """End pass ``number``."""
        if number == 0:
            self.mean, self.sd = self._statistics.mean, self._statistics.sd
            if self._placement is not None:
                self._placement.begin(self._statistics)
        elif number == 1 and self._placement is not None:
            self.mix = self._placement.mix()
            self.mean, self.sd = self._placement.place(self.mean, self.sd, self.mix)

    def encode(self, values: NDArray) -> NDArray[np.float32]:
        """Return the codes of samples of the study, float32 of shape (samples, latent)."""
        return self.model.encode(standardize(values, self.mean, self.sd))


class _Placement:
    """Finds a study's mix of classes, and the statistics that follow from it.

    Parameters
    ----------
    known
        The training studies.
    axes
        Discriminants in within-class deviations, shape (genes, discriminants).
    """

    def __init__(self, known: TrainingStudies, axes: NDArray[np.float64]) -> None:
        self._known = known
        self._axes = axes
        self._chosen = ChosenRows(axes.shape[1])
        self._mean = np.zeros(len(axes))
        self._sd = np.ones(len(axes))

    def begin(self, statistics: GeneStatistics) -> None:
        """Choose the training study by whose statistics the samples are looked at."""
        nearest = self._known.nearest(statistics)
        self._mean = self._known.means[nearest]
        # A gene that the study lacks is constant there and tells nothing of its classes.
        varying = varies(statistics.mean, statistics.sd)
        self._sd = np.where(varying, self._known.deviations[nearest], 0.0)

    def update(self, values: NDArray) -> None:
        self._chosen.update(standardize(values, self._mean, self._sd) @ self._axes)

    def mix(self) -> StudyMix:
        return estimate_mix(self._chosen.rows, self._known.class_means @ self._axes)

    def place(
        self, mean: NDArray[np.float64], sd: NDArray[np.float64], mix: StudyMix
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean and deviation that the study would have, had it the training's mix of classes."""
        expected = mix.shares @ self._known.class_means
        between = mix.shares @ self._known.class_means**2 - expected**2
        # Samples of no known class are thought to vary as the training does.
        unknown = (1 - mix.shares.sum()) * np.maximum(1 - self._known.within, 0)
        placed_sd = sd / np.sqrt(np.maximum(self._known.within + between + unknown, _LEAST_VARIANCE))
        return mean - placed_sd * expected, placed_sd


def _placement(model: "Model") -> _Placement | None:
    known = TrainingStudies.from_arrays(model.extras)
    if known is None or _DISCRIMINANTS not in model.extras:
        return None
    return _Placement(known, model.extras[_DISCRIMINANTS].astype(np.float64))
