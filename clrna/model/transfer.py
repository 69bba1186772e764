"""What a model keeps of its training samples so that another study can be placed next to theirs."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_pull import ClassPull
from clrna.model.class_statistics import ClassStatistics
from clrna.model.label_confidence import LabelConfidence, features_of
from clrna.model.latent_space import LatentSpace
from clrna.model.neighbor_votes import neighbor_votes
from clrna.model.reference_samples import ReferenceSamples
from clrna.model.study_levels import StudyLevels

_SPACE, _CLASSES, _REFERENCE, _CONFIDENCE = "space.", "classes.", "reference.", "confidence."
_LEVELS, _PULL = "levels.", "pull."


@dataclasses.dataclass(frozen=True)
class TransferStatistics:
    """Space, class statistics and reference samples of a model, and how sure its labels are.

    Attributes
    ----------
    space
        Where samples are compared.
    classes
        Where classes and training studies lie in it.
    codes
        Of reference samples, float16 of shape (reference samples, latent).
    labels
        Class of each from 0, -1 where it has none.
    confidence
        From log odds to the probability that a label is right.
    references
        What is known of the reference samples; None in models of before. Not among the arrays.
    levels
        Where genes lie in the training studies; None in models of before.
    pull
        What makes features of codes; None where features are the codes, as in models of before.
    """

    space: LatentSpace
    classes: ClassStatistics
    codes: NDArray[np.float16]
    labels: NDArray[np.int32]
    confidence: LabelConfidence
    references: ReferenceSamples | None = None
    levels: StudyLevels | None = None
    pull: ClassPull | None = None

    def votes(self, codes: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the share of each class among the 5 nearest labelled reference samples, by cosine.

        Parameters
        ----------
        codes
            Shape (samples, latent).

        Returns
        -------
        Shape (samples, classes).
        """
        return neighbor_votes(codes, self.codes, self.labels, self.classes.n_classes)

    def probability(self, log_odds: NDArray[np.float64], weight: float, kept: float = 1.0) -> NDArray[np.float64]:
        """Return the probability that the most probable class is right, shape (samples,).

        Parameters
        ----------
        log_odds
            Of the classes, shape (samples, classes).
        weight
            Of the study's shares, see :class:`clrna.model.study_placement.Placement`.
        kept
            What the odds are multiplied by, see :attr:`clrna.model.centering.Centering.kept`.
        """
        return self.confidence.probability(features_of(self.classes, log_odds, weight), kept)

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        return {
            **{_SPACE + name: array for name, array in self.space.to_arrays().items()},
            **{_CLASSES + name: array for name, array in self.classes.to_arrays().items()},
            _REFERENCE + "codes": self.codes,
            _REFERENCE + "labels": self.labels,
            **{_CONFIDENCE + name: array for name, array in self.confidence.to_arrays().items()},
            **({} if self.levels is None else {_LEVELS + name: a for name, a in self.levels.to_arrays().items()}),
            **({} if self.pull is None else {_PULL + name: a for name, a in self.pull.to_arrays().items()}),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> "TransferStatistics":
        """Return what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError, ValueError
            An array is missing or of another shape.
        """

        def part(prefix: str) -> dict[str, NDArray]:
            return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

        space = LatentSpace.from_arrays(part(_SPACE))
        classes = ClassStatistics.from_arrays(part(_CLASSES), space.noise, space.n_axes)
        codes, labels = arrays[_REFERENCE + "codes"], arrays[_REFERENCE + "labels"]
        if codes.ndim != 2 or labels.shape != codes.shape[:1]:
            raise ValueError("its reference codes and labels do not fit together")
        if labels.dtype.kind != "i":
            raise ValueError(f"its reference labels are {labels.dtype}, no whole numbers")
        if labels.size and not -1 <= labels.min() <= labels.max() < classes.n_classes:
            raise ValueError("its reference labels name classes that it does not have")
        confidence = LabelConfidence.from_arrays(part(_CONFIDENCE))
        if confidence.knows_classes != (classes.reliability is not None or classes.studies_of_class is not None):
            raise ValueError("its confidence and its class statistics are of unlike versions")
        levels = StudyLevels.from_arrays(part(_LEVELS), len(space.mean))
        pull = ClassPull.from_arrays(part(_PULL), classes.n_classes, codes.shape[1])
        return cls(space, classes, codes, labels, confidence, levels=levels, pull=pull)
