"""What the network is fed in training: expression, standardized by statistics of the train split alone."""

import dataclasses
import logging

import numpy as np

from clrna.model.samples import Samples
from clrna.model.settings import STUDY_MIN_SAMPLES
from clrna.model.standardize import GeneStatistics, standardize

logger = logging.getLogger("clrna")


@dataclasses.dataclass(frozen=True)
class TrainingInput:
    """Input of the network, and the gene statistics that the model keeps.

    Attributes
    ----------
    train, valid
        float32 of shape (samples of the split, genes), as the settings have it standardized.
    mean, sd
        Of each gene over the train split in the units of the data, float32 of shape (genes,).
    """

    train: np.ndarray
    valid: np.ndarray
    mean: np.ndarray
    sd: np.ndarray


def prepare_input(values: np.ndarray, samples: Samples, how: str) -> TrainingInput:
    """Return the standardized train and valid splits.

    Parameters
    ----------
    values
        Expression of all samples, shape (samples, genes).
    samples
        Split and study of each.
    how
        ``none``: expression as it is. ``genes``: the mean and deviation of all training samples.
        ``study``: of the training samples of the sample's own study, if they are at least
        ``STUDY_MIN_SAMPLES``, else of all training samples.
    """
    learned = samples.of_split("train")
    overall = _statistics(values[learned])
    splits = {name: np.flatnonzero(samples.of_split(name)) for name in ("train", "valid")}
    if how == "none":
        parts = {name: np.asarray(values[rows], dtype=np.float32) for name, rows in splits.items()}
    elif how == "genes":
        parts = {name: standardize(values[rows], overall.mean, overall.sd) for name, rows in splits.items()}
    else:
        parts = _by_study(values, samples, splits, overall)
    return TrainingInput(
        train=parts["train"],
        valid=parts["valid"],
        mean=overall.mean.astype(np.float32),
        sd=overall.sd.astype(np.float32),
    )


def _by_study(
    values: np.ndarray, samples: Samples, splits: dict[str, np.ndarray], overall: GeneStatistics
) -> dict[str, np.ndarray]:
    learned = samples.of_split("train")
    parts = {name: np.empty((len(rows), values.shape[1]), dtype=np.float32) for name, rows in splits.items()}
    for study in sorted(set(samples.studies[samples.of_split("train", "valid")])):
        own = learned & (samples.studies == study)
        enough = int(own.sum()) >= STUDY_MIN_SAMPLES
        if not enough:
            text = "study %s has %d training samples, fewer than %d: standardized by the statistics of all"
            logger.warning(text, study, own.sum(), STUDY_MIN_SAMPLES)
        statistics = _statistics(values[own]) if enough else overall
        for name, rows in splits.items():
            here = samples.studies[rows] == study
            parts[name][here] = standardize(values[rows[here]], statistics.mean, statistics.sd)
    return parts


def _statistics(values: np.ndarray) -> GeneStatistics:
    statistics = GeneStatistics(values.shape[1])
    statistics.update(values)
    return statistics
