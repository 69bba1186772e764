"""Bootstrap intervals that resample donors, because the samples of one donor are not independent."""

import numpy as np
from numpy.typing import NDArray

from clrna.score.estimate import Statistic

_LEVELS = (2.5, 97.5)


def donor_interval(statistic: Statistic, owners: NDArray[np.intp], n_resamples: int, seed: int) -> tuple[float, float]:
    """Return the 95 % percentile interval of a score over resamples of its donors.

    Parameters
    ----------
    statistic
        The score as a function of how often each sample counts. Distances, neighbours and predictions
        are those of the whole set: in a resample a donor drawn twice must not become its own neighbour.
    owners
        Donor of each sample, as numbers.
    n_resamples
        How many resamples; with 0, or a single donor, there is no interval.
    seed
        Seed of the draws. The same donors give the same draws, so intervals of several embeddings on the
        same samples are paired.

    Returns
    -------
    Lower and upper end, NaN for no interval. Resamples for which the score is not defined are left out,
    and if these are more than half there is no interval.

    Notes
    -----
    Efron & Tibshirani 1993, An Introduction to the Bootstrap, doi:10.1201/9780429246593, chapters 8 and 13.
    """
    _, codes = np.unique(owners, return_inverse=True)
    n_donors = int(codes.max()) + 1 if len(codes) else 0
    if n_resamples == 0 or n_donors < 2:
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    values = np.empty(n_resamples)
    for i in range(n_resamples):
        draw = np.bincount(generator.integers(0, n_donors, n_donors), minlength=n_donors)
        values[i] = statistic(draw[codes].astype(np.float64))
    values = values[np.isfinite(values)]
    if len(values) <= n_resamples // 2:
        return float("nan"), float("nan")
    low, high = np.percentile(values, _LEVELS)
    return float(low), float(high)
