"""Decide which studies are standardized by their own gene statistics, and say so."""

import logging
from dataclasses import dataclass

import numpy as np

from clrna.model.study_placement import Adaptation
from clrna.plural import plural
from clrna.quoted import quoted

logger = logging.getLogger("clrna")

OWN_STATISTICS = "own statistics"
TRAINING_STATISTICS = "training statistics"
AS_IT_IS = "not standardized"
# Of models whose samples are standardized one by one: how a study is placed next to the training studies.
BY_CLASSES = "placed by its samples' classes"
BY_MEAN = "placed by its mean"
ALONE = "each sample placed alone"
ADAPTATIONS: dict[str, Adaptation] = {BY_CLASSES: "auto", BY_MEAN: "study", ALONE: "none"}


@dataclass(frozen=True)
class StudyPlan:
    """What is done to the samples of each study before the network.

    Attributes
    ----------
    names
        Studies in the order of their names; '' stands for the samples that name none.
    of_sample
        Index into ``names`` for each sample.
    counts
        Samples of each study.
    standardized_by
        ``OWN_STATISTICS``, ``TRAINING_STATISTICS`` or ``AS_IT_IS`` for each study; ``BY_CLASSES``, ``BY_MEAN`` or
        ``ALONE`` where the model standardizes each sample by itself.
    reasons
        Why, for each study.
    """

    names: tuple[str, ...]
    of_sample: np.ndarray
    counts: np.ndarray
    standardized_by: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def adapted(self) -> np.ndarray:
        """Whether each study is standardized by its own statistics."""
        return np.array([how == OWN_STATISTICS for how in self.standardized_by], dtype=bool)

    def log(self) -> None:
        """Say what is done to each study and why."""
        for name, count, how, why in zip(self.names, self.counts, self.standardized_by, self.reasons, strict=True):
            logger.info("%s (%s): %s, because %s", study_called(name), plural(int(count), "sample"), how, why)


def study_called(name: str) -> str:
    """Return what messages call a study, or the samples that have none."""
    return f"study {quoted(name)}" if name else "samples without a study"


def plan_studies(studies: np.ndarray, standardize: str, adapt: str, min_samples: int) -> StudyPlan:
    """Decide for each study how it is standardized.

    Parameters
    ----------
    studies
        Study of each sample as text, '' where it has none.
    standardize
        What the model was trained with: ``none``, ``genes``, ``study`` or ``sample``.
    adapt
        ``auto``, ``study`` or ``none``, as the user asked.
    min_samples
        Samples that a study needs for statistics of its own.
    """
    names, of_sample, counts = np.unique(np.asarray(studies, dtype=str), return_inverse=True, return_counts=True)
    decided = [
        _decide(str(name), int(count), standardize, adapt, min_samples)
        for name, count in zip(names, counts, strict=True)
    ]
    return StudyPlan(
        names=tuple(str(name) for name in names),
        of_sample=of_sample,
        counts=counts,
        standardized_by=tuple(how for how, _ in decided),
        reasons=tuple(why for _, why in decided),
    )


def _decide(name: str, count: int, standardize: str, adapt: str, min_samples: int) -> tuple[str, str]:
    if standardize == "none":
        return AS_IT_IS, "the model takes expression as it is"
    if standardize == "sample":
        return _decide_place(name, count, adapt, min_samples)
    if standardize == "genes":
        return TRAINING_STATISTICS, "the model was trained so, --adapt has no effect on it"
    if adapt == "none":
        return TRAINING_STATISTICS, "--adapt none"
    if not name:
        return TRAINING_STATISTICS, "it is not known which samples were measured together"
    if count < min_samples:
        return TRAINING_STATISTICS, f"{count} samples are fewer than --adapt-min-samples {min_samples}"
    return OWN_STATISTICS, f"{count} samples are enough, --adapt-min-samples is {min_samples}"


def _decide_place(name: str, count: int, adapt: str, min_samples: int) -> tuple[str, str]:
    if adapt == "none":
        return ALONE, "--adapt none"
    if not name:
        return ALONE, "it is not known which samples were measured together"
    if adapt == "study" and count >= min_samples:
        return BY_MEAN, f"--adapt study, and {count} samples are enough, --adapt-min-samples is {min_samples}"
    if adapt == "study":
        return BY_CLASSES, f"{count} samples are fewer than --adapt-min-samples {min_samples}"
    return BY_CLASSES, "--adapt auto"
