"""A score before it becomes a row: its value, the samples behind it, and how to compute it on a resample."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Statistic = Callable[[NDArray], float]


@dataclass(frozen=True)
class Estimate:
    """One score."""

    value: float  # NaN where there is none
    rows: NDArray[np.intp]  # samples behind it
    statistic: Statistic | None  # its value when the samples of ``rows`` count as often as given
    reason: str = ""  # why there is no value
    note: str = ""  # what a reader should know of the value

    @property
    def n(self) -> int:
        """Number of samples behind it."""
        return len(self.rows)


def estimate(rows: NDArray[np.intp], statistic: Statistic, note: str = "", otherwise: str = "") -> Estimate:
    """Return the score that ``statistic`` gives to the samples as they are.

    Parameters
    ----------
    rows
        Samples behind the score.
    statistic
        Takes how often each counts.
    note
        What a reader should know.
    otherwise
        The reason to give should the value turn out not to be finite.
    """
    value = statistic(np.ones(len(rows)))
    if not np.isfinite(value):
        return Estimate(float("nan"), rows, None, otherwise or "not defined for these samples", note)
    return Estimate(float(value), rows, statistic, "", note)


def nothing(reason: str, note: str = "") -> Estimate:
    """Return a score that cannot be computed, and why."""
    return Estimate(float("nan"), np.array([], dtype=np.intp), None, reason, note)


def mean_statistic(values: NDArray) -> Statistic:
    """Return the mean of the samples' values as a statistic."""
    return lambda weights: float(weights @ values / weights.sum()) if weights.sum() > 0 else float("nan")


def median_statistic(values: NDArray) -> Statistic:
    """Return the median of the samples' values as a statistic."""

    def median(weights: NDArray) -> float:
        repeated = np.repeat(values, weights.astype(int))
        return float(np.median(repeated)) if len(repeated) else float("nan")

    return median


def mean_of_group_means(values: NDArray, groups: NDArray) -> Statistic:
    """Return the mean over groups, of those that have weight, of their samples' mean as a statistic."""
    _, codes = np.unique(groups, return_inverse=True)

    def mean(weights: NDArray) -> float:
        size = np.bincount(codes, weights)
        total = np.bincount(codes, weights * values)
        there = size > 0
        return float(np.mean(total[there] / size[there])) if there.any() else float("nan")

    return mean
