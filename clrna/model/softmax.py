"""Probabilities from log odds, as scipy.special has them, which takes longer to load than many samples to encode."""

import numpy as np
from numpy.typing import NDArray


def softmax(log_odds: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return exponentials that sum to 1 along an axis."""
    powers = np.exp(log_odds - np.amax(log_odds, axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def log_softmax(log_odds: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return the logarithm of :func:`softmax`, exact also where that is next to 0."""
    rest = log_odds - np.amax(log_odds, axis=axis, keepdims=True)
    return rest - np.log(np.exp(rest).sum(axis=axis, keepdims=True))


def expit(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of log odds, ``1 / (1 + exp(-x))``."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-log_odds))
