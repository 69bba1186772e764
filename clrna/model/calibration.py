"""Make the classifier's confidence mean what it says."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

# Divisors of the logits that are thought possible; from confident beyond measure to nearly uniform.
_BOUNDS = (np.log(0.05), np.log(20.0))


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature that makes the probabilities of held-out samples most likely.

    Parameters
    ----------
    logits
        Shape (samples, classes), of samples that the network was not trained on.
    labels
        Class of each sample from 0, -1 where there is none.

    Returns
    -------
    The divisor of the logits; 1 where no sample is labelled. Its logarithm is drawn towards 0 as by a
    single standard normal observation, so that a few samples, all of them right, do not make the
    model certain of everything.

    References
    ----------
    Guo et al., On calibration of modern neural networks, ICML 2017, arXiv:1706.04599.
    """
    known = labels >= 0
    if not known.any() or logits.shape[1] < 2:
        return 1.0
    rows, classes = logits[known].astype(np.float64), labels[known]

    def negative_log_posterior(log_temperature: float) -> float:
        scaled = rows / np.exp(log_temperature)
        likelihood = scaled[np.arange(len(rows)), classes] - logsumexp(scaled, axis=1)
        return float(log_temperature**2 / 2 - likelihood.sum())

    best = minimize_scalar(negative_log_posterior, bounds=_BOUNDS, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(best.x))


def fit_threshold(distances: np.ndarray, share: float = 0.99) -> float:
    """Return the distance that a share of held-out samples of the training studies does not exceed.

    Parameters
    ----------
    distances
        Shape (samples,).
    share
        Quantile, between samples interpolated.
    """
    return float(np.quantile(distances.astype(np.float64), share))
