"""From the evidence for a label to the probability that it is right."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

# Strength of the prior on each coefficient, in observations.
_PRIOR = 0.05
# Log odds of being right that a model gains whose folds lost all of their samples. Taken from the cohorts that the
# design was tuned on, see benchmarks/transfer.
_LOG_ODDS_OF_LOSS = 4.0
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

    def probability(self, log_odds: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
        """Return the probability that the most probable class is right, shape (samples,).

        Parameters
        ----------
        log_odds
            Of the classes, shape (samples, classes).
        weight
            Of the study's shares, see :class:`clrna.model.study_placement.Placement`.
        """
        return expit(features_of(log_odds, weight) @ self.coefficients)

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        return {"coefficients": self.coefficients, "threshold": np.array([self.threshold])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> "LabelConfidence":
        """Return what :meth:`to_arrays` gave; KeyError or ValueError where it is not that."""
        if arrays["coefficients"].shape != (_N_FEATURES,):
            raise ValueError("its coefficients of confidence have another number")
        return cls(arrays["coefficients"].astype(np.float64), float(arrays["threshold"][0]))


_N_FEATURES = 3


def features_of(log_odds: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return what confidence is a function of, shape (samples, features).

    The distance between the two most probable classes, on a scale on which much more evidence is only a little
    more, since the errors of one study's samples are not independent.
    """
    if log_odds.shape[1] < 2:
        margin = np.zeros(len(log_odds))
    else:
        best = np.partition(log_odds, -2, axis=1)[:, -2:]
        margin = best[:, 1] - best[:, 0]
    return np.column_stack([np.ones(len(margin)), np.log1p(margin), np.full(len(margin), weight)])


def fit_label_confidence(features: NDArray, right: NDArray, weights: NDArray, lost: float = 0.0) -> LabelConfidence:
    """Learn how often a label is right.

    Parameters
    ----------
    features
        Of samples that the model was not trained on, shape (samples, features).
    right
        Whether the label of each is right.
    weights
        Of each sample; those of one cohort are one observation together.
    lost
        Share of its training samples that the model had to do without when it was asked. What it lost makes it worse
        than the model that is used, which has them all.

    References
    ----------
    Platt 1999, Probabilistic outputs for support vector machines (logistic regression on the distance).
    """
    from scipy.optimize import minimize  # takes longer to load than a sample to encode, which needs none of it

    total = weights.sum()

    def negative_log_posterior(coefficients: NDArray) -> tuple[float, NDArray]:
        score = features @ coefficients
        loss = (weights * (np.logaddexp(0, score) - right * score)).sum()
        slope = features.T @ (weights * (expit(score) - right))
        return float(loss + _PRIOR * (coefficients**2).sum() / 2), slope + _PRIOR * coefficients

    start = np.zeros(features.shape[1])
    found = minimize(negative_log_posterior, start, jac=True, method="L-BFGS-B", bounds=_bounds(len(start)))
    coefficients = found.x.copy()
    coefficients[0] += _LOG_ODDS_OF_LOSS * lost
    probability = expit(features @ coefficients)
    # Where no study could be left out nothing was tried, and every label but the most certain is called uncertain.
    threshold = _MOST
    if total > 0 and right.any():
        threshold = float(np.quantile(probability[right], _RIGHT_FLAGGED))
    return LabelConfidence(coefficients, float(np.clip(threshold, _LEAST, _MOST)))


def _bounds(n_features: int) -> list[tuple[float | None, float | None]]:
    """More evidence is never less confidence."""
    return [(None, None), (0.0, None), *[(None, None)] * (n_features - 2)]
