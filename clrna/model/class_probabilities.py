"""From log odds of the classes, and how sure the first one is, to a probability of each."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

_HALVINGS: Final = 60
# Exponents of two between which the factor on the log odds is looked for.
_LOWEST, _HIGHEST = -20.0, 40.0


def class_probabilities(log_odds: NDArray[np.float64], confidence: NDArray) -> NDArray[np.float64]:
    """Return the probability of each class; rows sum to one, and the largest is the first class's confidence.

    Log odds of a sample say which class is more probable, but not how often that is right: the evidence of its genes
    is not independent, and a softmax of it would be far too sure. The confidence says that. Log odds are therefore
    multiplied by the one factor that gives the most probable class its confidence; the others share the rest in their
    order.

    Parameters
    ----------
    log_odds
        Shape (samples, classes).
    confidence
        Probability that the most probable class is right, shape (samples,). Where it is less than the first of so many
        classes can have, all have next to the same; where several are first, they have next to the same.

    Returns
    -------
    Shape (samples, classes).
    """
    behind = np.maximum(log_odds - log_odds.max(axis=1, keepdims=True), -np.finfo(np.float64).max)
    low, high = np.full((len(behind), 1), _LOWEST), np.full((len(behind), 1), _HIGHEST)
    with np.errstate(over="ignore"):
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            too_sure = softmax(behind * np.exp2(middle), axis=1).max(axis=1, keepdims=True) > confidence[:, None]
            low, high = np.where(too_sure, low, middle), np.where(too_sure, middle, high)
        return softmax(behind * np.exp2((low + high) / 2), axis=1)
