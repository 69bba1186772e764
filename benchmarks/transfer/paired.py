"""Paired bootstrap intervals of the difference between two rows."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

N_RESAMPLES = 2000
LEVEL = 0.95
COLUMNS = {"knn": ("neighbors", "counted"), "label": ("label", "unseen")}


def resample_counts(n: int, generator: np.random.Generator, n_resamples: int = N_RESAMPLES) -> NDArray[np.float64]:
    """Return how often each of ``n`` units is drawn, shape (resamples, n)."""
    return generator.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(np.float64)


def over_cohorts(ours: NDArray, theirs: NDArray, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean difference of two rows over cohorts, and its interval by resampling cohorts.

    Parameters
    ----------
    ours, theirs
        A measure of each cohort, in one order.
    seed
        Of the resampling.

    Returns
    -------
    Difference, lower and upper end of the 95 % percentile interval; the ends are NaN for fewer than two cohorts.
    """
    difference = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    difference = difference[np.isfinite(difference)]
    if len(difference) < 2:
        return (float(difference.mean()) if len(difference) else float("nan")), float("nan"), float("nan")
    counts = resample_counts(len(difference), np.random.default_rng(seed))
    return _with_ends(float(difference.mean()), counts @ difference / len(difference))


def over_donors(ours: pd.DataFrame, theirs: pd.DataFrame, what: str, seed: int = 0) -> tuple[float, float, float]:
    """Return the difference of two rows in the mean over studies, and its interval by resampling donors.

    Parameters
    ----------
    ours, theirs
        The same samples in the same order, as :func:`answers.ask` returns them.
    what
        ``knn`` or ``label`` (macro-F1 over classes with at least five reference samples), or ``recall``.
    seed
        Of the resampling; a study's donors are drawn as often as it has some, all samples of a donor together.

    Returns
    -------
    Difference, lower and upper end of the 95 % percentile interval.
    """
    generator = np.random.default_rng(seed)
    values, resampled = [], []
    for cohort in ours["cohort"].unique():
        pair = [part[part["cohort"] == cohort] for part in (ours, theirs)]
        kept = pair[0]["replicate"] if what == "recall" else pair[0][COLUMNS[what][1]] & pair[0]["common"]
        if not kept.any():
            continue
        pair = [part[kept.to_numpy()] for part in pair]
        _, donors = np.unique(pair[0]["donor"].to_numpy(str), return_inverse=True)
        counts = resample_counts(donors.max() + 1, generator)[:, donors]
        statistic = _statistic(what)
        once = np.ones((1, len(donors)))
        values.append(statistic(pair[0], once)[0] - statistic(pair[1], once)[0])
        resampled.append(statistic(pair[0], counts) - statistic(pair[1], counts))
    if not values:
        return float("nan"), float("nan"), float("nan")
    return _with_ends(float(np.mean(values)), np.mean(resampled, axis=0))


def weighted_f1(truth: NDArray, predicted: NDArray, weights: NDArray) -> NDArray[np.float64]:
    """Return macro-F1 over the true classes for each row of ``weights``, shape (resamples, samples)."""
    classes = np.unique(truth)
    is_class, is_called = truth[:, None] == classes, predicted[:, None] == classes
    support, called = weights @ is_class, weights @ is_called
    f1 = 2 * (weights @ (is_class & is_called)) / np.maximum(support + called, 1e-12)
    return np.where(support > 0, f1, 0).sum(axis=1) / np.maximum((support > 0).sum(axis=1), 1)


def _statistic(what: str) -> Callable[[pd.DataFrame, NDArray], NDArray[np.float64]]:
    if what == "recall":
        return lambda part, weights: weights @ part["found"].to_numpy(float) / weights.sum(axis=1)
    column = COLUMNS[what][0]
    return lambda part, weights: weighted_f1(part["truth"].to_numpy(str), part[column].to_numpy(str), weights)


def _with_ends(value: float, resampled: NDArray) -> tuple[float, float, float]:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return value, float(low), float(high)


def differences(samples: pd.DataFrame, cohorts: pd.DataFrame, row: str) -> pd.DataFrame:
    """Return the differences of ``row`` to every other row, for one group and condition.

    Returns
    -------
    ``row`` (the other one), ``measure``, ``difference``, ``low``, ``high``. Of panels: F1 and recall, over donors; of
    cohorts: accuracies, over cohorts.
    """
    panels = (cohorts["group"] == "panel").all()
    found = []
    for other in [name for name in cohorts["row"].unique() if name != row]:
        for what in ("knn", "label", "recall") if panels else ("knn", "label"):
            if panels:
                pair = [samples[samples["row"] == name].reset_index(drop=True) for name in (row, other)]
                ends = over_donors(*pair, what)
            else:
                wide = cohorts.pivot(index="cohort", columns="row", values=what)
                ends = over_cohorts(wide[row].to_numpy(), wide[other].to_numpy())
            measure = what if what == "recall" else f"{what} {'F1' if panels else 'accuracy'}"
            found.append(
                dict(zip(("row", "measure", "difference", "low", "high"), (other, measure, *ends), strict=True))
            )
    return pd.DataFrame(found)
