"""Macro-averaged F1."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def macro_f1(truth: NDArray, predicted: NDArray, weights: NDArray | None = None) -> float:
    """Return the mean over the true classes of F1 = 2 TP / (2 TP + FP + FN).

    A class that is predicted though no sample has it lowers the recall of the samples' true class; it
    is not averaged in as a class of its own with F1 = 0, as scikit-learn's default would.

    Parameters
    ----------
    truth, predicted
        Class of each sample, as text or numbers; shape (samples,).
    weights
        How often each sample counts, e.g. on half of the donors. None counts each once.

    Returns
    -------
    From 0 to 1, higher is better; NaN where no sample counts.

    References
    ----------
    Opitz & Burst 2019, Macro F1 and Macro F1, arXiv:1911.03347 (the mean of F1s, not the F1 of means).
    """
    return macro_f1_by_weights(truth, predicted)(weights)


def macro_f1_by_weights(truth: NDArray, predicted: NDArray) -> Callable[[NDArray | None], float]:
    """Return :func:`macro_f1` as a function of the weights: classes are looked up once for all of them."""
    names, codes = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    true_codes, predicted_codes = codes[: len(truth)], codes[len(truth) :]
    hit = true_codes == predicted_codes

    def score(weights: NDArray | None) -> float:
        counts = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
        true_positive = np.bincount(true_codes[hit], counts[hit], len(names))
        support = np.bincount(true_codes, counts, len(names))
        called = np.bincount(predicted_codes, counts, len(names))
        present = support > 0
        if not present.any():
            return float("nan")
        return float(np.mean(2 * true_positive[present] / (support + called)[present]))

    return score
