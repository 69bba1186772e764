"""What the network is fed in training: expression, standardized by statistics of the train split alone."""

import dataclasses
import logging

import numpy as np

from clrna.model.settings import STUDY_MIN_SAMPLES
from clrna.model.standardize import GeneStatistics, standardize
from clrna.model.training_studies import TrainingStudies, fit_training_studies
from clrna.plural import plural
from clrna.quoted import quoted
from clrna.train.samples import TrainingSamples

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
    studies
        Statistics of each study, where the settings standardize by study; else None.
    """

    train: np.ndarray
    valid: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    studies: TrainingStudies | None = None

    @property
    def gene_scale(self) -> np.ndarray | None:
        """How much each gene varies beside the others before it was standardized; None where the input still tells."""
        return None if self.studies is None else self.studies.gene_scale


def prepare_input(
    values: np.ndarray, samples: TrainingSamples, labels: np.ndarray, n_classes: int, how: str
) -> TrainingInput:
    """Return the standardized train and valid splits.

    Parameters
    ----------
    values
        Expression of all samples, shape (samples, genes).
    samples
        Split and study of each.
    labels
        Class of each from 0, -1 where it has none.
    n_classes
        Number of classes.
    how
        ``none``: expression as it is. ``genes``: the mean and deviation of all training samples.
        ``study``: of the training samples of the sample's own study, if they are at least
        ``STUDY_MIN_SAMPLES``, allowing for its mix of classes; else of all training samples.
    """
    learned = samples.of_split("train")
    overall = _statistics(values[learned])
    splits = {name: np.flatnonzero(samples.of_split(name)) for name in ("train", "valid")}
    known = None
    if how == "none":
        parts = {name: np.asarray(values[rows], dtype=np.float32) for name, rows in splits.items()}
    elif how == "genes":
        parts = {name: standardize(values[rows], overall.mean, overall.sd) for name, rows in splits.items()}
    else:
        known = fit_training_studies(values, samples.studies, labels, learned, n_classes, STUDY_MIN_SAMPLES)
        parts = {name: _by_study(values[rows], samples.studies[rows], known, overall) for name, rows in splits.items()}
        _warn_of_small_studies(samples, known)
    return TrainingInput(
        train=parts["train"],
        valid=parts["valid"],
        mean=overall.mean.astype(np.float32),
        sd=overall.sd.astype(np.float32),
        studies=known,
    )


def _by_study(values: np.ndarray, studies: np.ndarray, known: TrainingStudies, overall: GeneStatistics) -> np.ndarray:
    out = np.empty(values.shape, dtype=np.float32)
    for study in sorted(set(studies)):
        here = studies == study
        mean, sd = known.statistics_of(study) or (overall.mean, overall.sd)
        out[here] = standardize(values[here], mean, sd)
    return out


def _warn_of_small_studies(samples: TrainingSamples, known: TrainingStudies) -> None:
    used = samples.of_split("train", "valid")
    for study in sorted(set(samples.studies[used]) - set(known.names)):
        count = int((samples.of_split("train") & (samples.studies == study)).sum())
        text = "study %s has %s, fewer than %d: standardized by the statistics of all"
        logger.warning(text, quoted(study), plural(count, "training sample"), STUDY_MIN_SAMPLES)


def _statistics(values: np.ndarray) -> GeneStatistics:
    statistics = GeneStatistics(values.shape[1])
    statistics.update(values)
    return statistics
