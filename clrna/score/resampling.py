"""Intervals from random halves of the donors, because the samples of one donor are not independent.

A half holds no sample twice. A bootstrap resample does, and copies of a sample have no scatter between them:
indices made of scatter, such as Davies-Bouldin's, then lie to one side of the value that they are to surround.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.score.estimate import Statistic

_LEVELS = (2.5, 97.5)
# Four donors have six halves, of which the outermost two would be the ends of the interval.
FEWEST_DONORS = 5
_ALIKE = 1e-12


@dataclass(frozen=True)
class Resampled:
    """A score on each half of the donors, brought to the place and the spread that it has on all of them."""

    values: NDArray[np.float64]  # shape (halves,), NaN where a half does not define the score; empty for none
    reason: str = ""  # why there are none
    same: bool = False  # whether that is because all halves agree


def on_halves(
    statistic: Statistic, value: float, owners: NDArray[np.intp], n_halves: int, seed: int, *, ratio: bool = False
) -> Resampled:
    """Compute a score on random halves of its donors.

    Parameters
    ----------
    statistic
        The score as a function of how often each sample counts, here once or not at all. Distances,
        neighbours and predictions are those of the whole set.
    value
        The score of all samples.
    owners
        Donor of each sample, as numbers.
    n_halves
        How many halves to draw; 0 for none.
    seed
        Seed of the draws. The same donors give the same halves, so those of several embeddings on the same
        samples are paired.
    ratio
        Whether the score is positive without an upper end, so that halves differ from the whole by a
        factor and not by a sum: Calinski-Harabasz grows with the number of samples.

    Notes
    -----
    Each half is followed by the donors that it left out, so that for a mean they average to the value of all.
    Drawing m of n donors without replacement gives a mean the variance s^2 / n times (n - m) / m, so the
    deviations of halves are multiplied by sqrt(m / (n - m)), which is 1 for even n. They are taken from the
    mean of the halves: with half of the samples a score may be a little higher or lower throughout, which
    says nothing of its uncertainty. Politis & Romano 1994, doi:10.1214/aos/1176325770; Shao & Tu 1995,
    doi:10.1007/978-1-4612-0795-5, chapters 2 and 3.
    """
    _, codes = np.unique(owners, return_inverse=True)
    n_donors = int(codes.max()) + 1 if len(codes) else 0
    if n_halves == 0:
        return _none("none was asked for")
    if n_donors < FEWEST_DONORS:
        return _none(f"{n_donors} donor{'s are' if n_donors != 1 else ' is'} too few")
    generator = np.random.default_rng(seed)
    size = n_donors // 2
    values, factors = np.empty(n_halves), np.empty(n_halves)
    order = np.arange(n_donors)
    for i in range(n_halves):
        if i % 2 == 0:
            order = generator.permutation(n_donors)
        half = order[size:] if i % 2 else order[:size]
        drawn = np.zeros(n_donors)
        drawn[half] = 1.0
        values[i] = statistic(drawn[codes])
        factors[i] = np.sqrt(len(half) / (n_donors - len(half)))
    return spread_about(value, values, factors, ratio=ratio)


def spread_about(value: float, values: NDArray, factors: NDArray | float = 1.0, *, ratio: bool = False) -> Resampled:
    """Bring what was found on halves about the value of all samples, the mean of the halves in its place.

    Parameters
    ----------
    value
        Of all samples.
    values
        Of each half, NaN where it is not defined.
    factors
        By which deviations from the mean are too narrow.
    ratio
        See :func:`on_halves`; the mean is the geometric one.
    """
    found = values[np.isfinite(values)]
    if len(found) <= len(values) // 2:
        return _none("most halves of the donors do not define the score")
    if np.ptp(found) <= _ALIKE * max(1.0, float(np.abs(found).max())):
        return Resampled(np.array([]), "every half of the donors gives the same", same=True)
    if ratio and found.min() > 0:
        return Resampled(value * (values / np.exp(np.log(found).mean())) ** factors)
    return Resampled(value + factors * (values - found.mean()))


def interval_about(value: float, resampled: Resampled, bounds: tuple[float, float | None]) -> tuple[float, float]:
    """Return the 95 % interval about a value, NaN for none.

    Parameters
    ----------
    value
        Of all samples; it lies in the interval, which is widened to it should it be beyond an end.
    resampled
        The same on halves.
    bounds
        Lowest and highest value that the score can have.
    """
    found = resampled.values[np.isfinite(resampled.values)]
    if len(found) == 0:
        return float("nan"), float("nan")
    low, high = np.clip(np.percentile(found, _LEVELS), *bounds)
    return min(float(low), value), max(float(high), value)


def _none(reason: str) -> Resampled:
    return Resampled(np.array([]), reason)
