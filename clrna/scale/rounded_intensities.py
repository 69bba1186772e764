"""Array intensities that were rounded to whole numbers, which are no counts of reads."""

from typing import Final

import numpy as np

from clrna.spread_out import spread_out

# Larger than any scanner gives (16 bit), also after scaling; sums of read coverage (recount) go beyond.
_LARGEST_INTENSITY: Final = 2.0**20
_MANY_AT_FLOOR: Final = 0.01
# Match less mismatch is negative for a fifth of the genes or more.
_MANY_ZEROS: Final = 0.1
_SMALLEST_FLOOR: Final = 5.0
# Counts that a filter left spread over decades; an array's background is where most of its genes are. Of a panel of
# chosen genes all may be about as frequent.
_NEAR_BACKGROUND: Final = 0.25
_MANY_GENES: Final = 1_000
_WHOLE_ARRAY: Final = 10_000
_SCANNER: Final = 2.0**16
# Values at the floor for each of the next three numbers (zeros of counts: hardly more than 6 for each of 1, 2 or 3),
# and of 1, 2 or 3 for each of 8, 9 or 10 (counts: 4 and more).
_SPIKE: Final = 8.0
_SLOPE: Final = 2.5
_DEVIATIONS: Final = 1.5
_LARGEST_SMALL: Final = 10
_FEWEST: Final = 30
_MOST_SAMPLES: Final = 50
_FEW_SAMPLES: Final = 3


def why_intensities(whole: np.ndarray) -> str:
    """Tell whole numbers of an array's scanner from counts of reads by what lies next to the smallest.

    Of few reads there are fewer the more they are: a matrix of counts has many ones, less twos, and so on. An
    intensity near the background is noise about it. Cut at 0, or at a floor such as 20 or 100, as was usual for
    the arrays of Affymetrix before RMA, it leaves a spike there and about equally many of each number above it. Not
    cut, as those of bead arrays are, many genes lie close above the smallest.

    Parameters
    ----------
    whole
        Shape (samples, genes), without logarithm, not negative, whole for most; NaN is left out.

    Returns
    -------
    What shows that they are intensities; '' where they may be counts.
    """
    some = whole[spread_out(len(whole), _MOST_SAMPLES)]
    if len(some) >= _FEW_SAMPLES:
        # A gene that is 0 everywhere was filled in, or is one that no tissue here expresses.
        some = some[:, (some > 0).any(axis=0)]
    some = np.rint(some[np.isfinite(some)].astype(np.float64))
    if not some.size or some.max() > _LARGEST_INTENSITY:
        return ""
    floor = some.min()
    if floor >= _SMALLEST_FLOOR:
        return _why_floor(some, floor, whole.shape[1])
    frequency = np.bincount(some[some <= _LARGEST_SMALL].astype(int), minlength=_LARGEST_SMALL + 1)
    zeros, small = frequency[0], frequency[1:4].mean()
    if frequency[1:].sum() < _FEWEST or zeros < _MANY_ZEROS * some.size:
        return ""
    if zeros < _SPIKE * small or _may_fall(frequency[1:4].sum(), frequency[8:11].sum()):
        return ""
    share = f"{100 * zeros / some.size:.0f} % are 0"
    return f"{share}, and numbers from 1 to 3 hardly more frequent than from 8 to 10, unlike counts"


def _may_fall(small: int, larger: int) -> bool:
    """Whether the numbers may fall as counts do: of few values, chance alone makes the slope look smaller."""
    share, n = _SLOPE / (_SLOPE + 1), small + larger
    return bool(small > share * n - _DEVIATIONS * np.sqrt(n * share * (1 - share)))


def _why_floor(values: np.ndarray, floor: float, n_genes: int) -> str:
    at_floor, near = float(np.mean(values == floor)), float(np.mean(values <= 2 * floor))
    above = float(np.mean((values > floor) & (values <= floor + 3))) / 3
    if at_floor > max(_MANY_AT_FLOOR, _SPIKE * above, _FEWEST / values.size):
        return f"{100 * at_floor:.0f} % are {floor:g}, and counts have no such floor"
    if near > _NEAR_BACKGROUND and n_genes >= _MANY_GENES:
        return f"none below {floor:g}, and {100 * near:.0f} % up to twice that, a background that counts have not"
    # So many genes with reads in all samples are of deep sequencing, and the most frequent of them have millions.
    if n_genes >= _WHOLE_ARRAY and values.max() < _SCANNER:
        return f"none of {n_genes:,} genes below {floor:g}, and none beyond the 16 bits of scanners"
    return ""
