"""Logarithms of methylated over unmethylated (M-values) by gene, which have the range of log ratios of expression."""

from typing import Final

import numpy as np

from clrna.spread_out import spread_out

_MOST_SAMPLES: Final = 100
_FEWEST: Final = 300
# Beta values are cut at a thousandth or further from 0 and 1 before the logarithm.
_FURTHEST: Final = 14.0
_LOW: Final = (-7.0, -1.25)
_HIGH: Final = (0.75, 6.0)
_LEAST_SHARE: Final = 0.1
_TROUGH: Final = 0.6
_HEAP: Final = 0.05
_WIDTH: Final = 0.5
_STEP: Final = 0.25


def why_methylation(values: np.ndarray) -> str:
    """Tell M-values (Du et al. 2010, doi:10.1186/1471-2105-11-587) from log ratios and from shifted logarithms.

    A site is methylated in all copies or in none, so that genes lie in two heaps, one on each side of 0. Ratios of
    expression lie in one about 0, and logarithms of amounts in one, or in a heap of what is not expressed with a long
    tail far above it.

    Parameters
    ----------
    values
        Shape (samples, genes), some negative; what is not finite is left out.

    Returns
    -------
    What shows that they are M-values; '' where they may be expression.
    """
    some = values[spread_out(len(values), _MOST_SAMPLES)]
    some = np.where(np.isfinite(some), some, np.nan)
    some = some[:, np.isfinite(some).any(axis=0)]
    if some.shape[1] < _FEWEST or np.nanmax(np.abs(some)) > _FURTHEST:
        return ""
    medians = np.sort(np.nanmedian(some, axis=0))
    low, high = float(np.mean(medians < _LOW[1])), float(np.mean(medians > _HIGH[0]))
    if min(low, high) < _LEAST_SHARE:
        return ""
    below, above = _heap(medians, *_LOW), _heap(medians, *_HIGH)
    between = np.arange(below[0], above[0], _STEP)
    trough = min(_near(medians, center) for center in between)
    least = min(below[1], above[1])
    if trough > _TROUGH * least or least < _HEAP * medians.size or below[0] == _LOW[0] or above[0] == _HIGH[0]:
        return ""
    return (
        f"in two heaps, {100 * low:.0f} % of the genes about {below[0]:.1f} and {100 * high:.0f} % about {above[0]:.1f}"
        ", as logarithms of methylation (M-values) are"
    )


def _heap(medians: np.ndarray, low: float, high: float) -> tuple[float, int]:
    """Return where in a range most genes lie together, and how many."""
    centers = np.arange(low, high + _STEP, _STEP)
    numbers = [_near(medians, center) for center in centers]
    best = int(np.argmax(numbers))
    return float(centers[best]), numbers[best]


def _near(medians: np.ndarray, center: float) -> int:
    return int(np.searchsorted(medians, center + _WIDTH) - np.searchsorted(medians, center - _WIDTH))
