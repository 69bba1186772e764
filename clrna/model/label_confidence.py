"""From the evidence for a label to the probability that it is right."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_statistics import ClassStatistics
from clrna.model.softmax import expit

# What is known of models in general before the own studies of one are asked: the coefficients of the features. Fitted
# to answers of models of 1 to 10 studies about studies that they had not seen, see benchmarks/transfer/NOTES.md.
_EXPECTED = (-1.44, 2.52, 0.0, -1.2)
# Log odds of being right that a model loses all of whose reliability is lost to classes having few samples: what is
# of a class that is hardly known is taken for one that is known well.
_LOG_ODDS_OF_FEW = 11.0
N_FEATURES = len(_EXPECTED)
# Cohorts of a model's own studies that weigh as much as that.
_PRIOR = 30.0
# Log odds of being right that a model gains which had to do without all samples of a class, and of its studies, where
# it is given them. Taken from the cohorts that the design was tuned on.
_LOG_ODDS_OF_LOSS = 6.0
# Share of right labels of left-out studies that may be called uncertain.
_RIGHT_FLAGGED = 0.05
# Confidence below which a label is uncertain whatever the studies said, and above which none is.
_LEAST, _MOST = 0.5, 0.9


@dataclasses.dataclass(frozen=True)
class LabelConfidence:
    """A logistic regression of being right on the evidence.

    Attributes
    ----------
    coefficients
        Of the features, see :func:`features_of`.
    threshold
        Confidence below which a label is called uncertain.
    """

    coefficients: NDArray[np.float64]
    threshold: float

    @property
    def knows_classes(self) -> bool:
        """Whether it depends on how well a class is known, which that of the oldest models did not."""
        return len(self.coefficients) == N_FEATURES

    def probability(self, features: NDArray[np.float64], kept: float = 1.0) -> NDArray[np.float64]:
        """Return the probability that the most probable class is right, shape (samples,).

        Parameters
        ----------
        features
            As :func:`features_of` gives them, shape (samples, features).
        kept
            What the odds are multiplied by, see :attr:`clrna.model.centering.Centering.kept`.
        """
        return expit(features @ self.coefficients + np.log(kept))

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        return {"coefficients": self.coefficients, "threshold": np.array([self.threshold])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> "LabelConfidence":
        """Return what :meth:`to_arrays` gave; KeyError or ValueError where it is not that."""
        if arrays["coefficients"].shape not in ((N_FEATURES - 1,), (N_FEATURES,)):
            raise ValueError("its coefficients of confidence have another number")
        return cls(arrays["coefficients"].astype(np.float64), float(arrays["threshold"][0]))


def features_of(classes: ClassStatistics, log_odds: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return what confidence is a function of, shape (samples, features).

    The distance between the two most probable classes, on a scale on which much more evidence is only a little more,
    since the errors of one study's samples are not independent, and times the reliability of the best: where a class
    may as well be its study, more of the same evidence tells nothing; the weight of the study's shares; and what cannot
    be told of the class. In models of before the distance as it is, and 1 / the studies that hold the class if known.

    Parameters
    ----------
    classes
        Of the model.
    log_odds
        Of the classes, shape (samples, classes).
    weight
        Of the study's shares, see :class:`clrna.model.study_placement.Placement`.
    """
    best, margin = log_odds.argmax(axis=1), np.log1p(_margins(log_odds))
    columns = [np.ones(len(margin)), margin, np.full(len(margin), weight)]
    if classes.reliability is not None:
        told = classes.reliability[best]
        columns[1] = told * margin
        columns.append(1 - told)
    elif classes.studies_of_class is not None:
        columns.append(1 / np.maximum(classes.studies_of_class, 1)[best])
    return np.column_stack(columns)


def _margins(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the most probable class exceeds the next, shape (samples,)."""
    if log_odds.shape[1] < 2:
        return np.zeros(len(log_odds))
    best = np.partition(log_odds, -2, axis=1)[:, -2:]
    return np.asarray(best[:, 1] - best[:, 0])


def expected_coefficients(lost_to_few: float) -> NDArray[np.float64]:
    """Return what is known of models in general, for one of such samples.

    Parameters
    ----------
    lost_to_few
        By how much the mean reliability of its classes is less than it would be, had each study samples without end of
        the classes that it has.
    """
    return np.array(_EXPECTED) - _LOG_ODDS_OF_FEW * lost_to_few * (np.arange(N_FEATURES) == 0)


def fit_label_confidence(
    features: NDArray,
    right: NDArray,
    weights: NDArray,
    lost: NDArray[np.float64],
    expected: NDArray[np.float64] | None = None,
) -> LabelConfidence:
    """Learn how often a label is right, from what is known of models in general and from this one's studies.

    Parameters
    ----------
    features
        Of samples that the model was not trained on, shape (samples, features); may be none.
    right
        Whether the label of each is right.
    weights
        Of each sample; those of one cohort are one observation together.
    lost
        Share of its training samples, and of those of the sample's class, that the model had to do without when it was
        asked. What it lost makes it worse than the model that is used, which has them all.
    expected
        Coefficients to start from: those of a model that was asked about other studies before, or of
        :func:`expected_coefficients`; of models in general, which lost nothing, where not given.

    References
    ----------
    Platt 1999, Probabilistic outputs for support vector machines (logistic regression on the distance).
    """
    from scipy.optimize import minimize  # takes longer to load than a sample to encode, which needs none of it

    expected = np.array(_EXPECTED) if expected is None else expected
    handicap = -_LOG_ODDS_OF_LOSS * lost

    def negative_log_posterior(coefficients: NDArray) -> tuple[float, NDArray]:
        score = features @ coefficients + handicap
        loss = (weights * (np.logaddexp(0, score) - right * score)).sum()
        slope = features.T @ (weights * (expit(score) - right))
        beside = coefficients - expected
        return float(loss + _PRIOR * (beside**2).sum() / 2), slope + _PRIOR * beside

    found = minimize(negative_log_posterior, expected, jac=True, method="L-BFGS-B", bounds=_bounds(len(expected)))
    # Where no study could be left out nothing was tried, and every label but the most certain is called uncertain.
    threshold = _MOST
    if right.any():
        threshold = float(np.quantile(expit(features @ found.x)[right], _RIGHT_FLAGGED))
    return LabelConfidence(found.x, float(np.clip(threshold, _LEAST, _MOST)))


def _bounds(n_features: int) -> list[tuple[float | None, float | None]]:
    """More evidence is never less confidence."""
    return [(None, None), (0.0, None), *[(None, None)] * (n_features - 2)]
