"""Array intensities, and FPKM, that were rounded to whole numbers, which are no counts of reads."""

from typing import Final

import numpy as np

from clrna.spread_out import finite_rows, spread_out

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
# Zeros for each of 1, 2 or 3: where counts fall from one to ten, more genes have none.
_FEWER: Final = 0.5
# Of counts, chance alone makes the variance at least the mean.
_LOW_GENES: Final = 400
_LEAST_MEAN: Final = 5.0
_LESS_THAN_CHANCE: Final = 0.5
_SAMPLES_OF_VARIANCE: Final = 4
# The most frequent RNA leaves the tenth far behind; the brightest probes of an array are all near what it can measure.
_SOME_GENES: Final = 5_000
# The least that libraries of tissues have; FPKM of all genes sum to a few hundred thousand.
_SMALL_LIBRARY: Final = 1e6
_TENTH: Final = 2.5
_ABOVE_MIDDLE: Final = 400.0


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
    some = np.rint(whole[spread_out(len(whole), _MOST_SAMPLES)].astype(np.float64))
    if len(some) >= _FEW_SAMPLES:
        # A gene that is 0 everywhere was filled in, or is one that no tissue here expresses.
        some = some[:, (some > 0).any(axis=0)]
    known = some[np.isfinite(some)]
    if not known.size or known.max() > _LARGEST_INTENSITY:
        return ""
    floor = known.min()
    if floor >= _SMALLEST_FLOOR:
        return _why_floor(known, floor, whole.shape[1]) or _why_steady(some)
    return _why_smallest(known, floor, len(some)) or _why_steady(some)


def _why_smallest(some: np.ndarray, floor: float, n_samples: int) -> str:
    """Tell numbers that were cut at 0, or at 1 for the logarithm, or that no cut has made, by how many are small."""
    some = some - floor
    frequency = np.bincount(some[some <= _LARGEST_SMALL].astype(int), minlength=_LARGEST_SMALL + 1)
    zeros, small = frequency[0], frequency[1:4].mean()
    falls = frequency[1:4].sum() > frequency[8:11].sum()
    if floor == 0 and n_samples >= _FEW_SAMPLES and 0 < zeros < _FEWER * small and falls:
        return f"{zeros:,} are 0, fewer than are 1, 2 or 3 ({small:,.0f} each), unlike counts"
    if frequency[1:].sum() < _FEWEST or zeros < _MANY_ZEROS * some.size:
        return ""
    if zeros < _SPIKE * small or _may_fall(frequency[1:4].sum(), frequency[8:11].sum()):
        return ""
    share = f"{100 * zeros / some.size:.0f} % are {floor:g}"
    return f"{share}, and the next three numbers hardly more frequent than the eighth to tenth, unlike counts"


def may_be_intensities(whole: np.ndarray) -> str:
    """Tell whole numbers that pass for counts and may as well be an array's, by the largest of them.

    Parameters
    ----------
    whole
        Shape (samples, genes), whole for most, not negative; NaN is left out.

    Returns
    -------
    What gives rise to doubt, '' where nothing does.
    """
    rows = [row[row > 0] for row in finite_rows(whole, _MOST_SAMPLES)]
    rows = [np.sort(row) for row in rows if row.size >= _SOME_GENES]
    if len(rows) < _FEW_SAMPLES or max(row[-1] for row in rows) >= _SCANNER:
        return ""
    tenth = float(np.median([row[-1] / row[-10] for row in rows]))
    middle = float(np.median([row[-1] / np.median(row) for row in rows]))
    if tenth >= _TENTH or middle >= _ABOVE_MIDDLE:
        return ""
    return f"the largest is {tenth:.2g} times the tenth and {middle:.3g} times the middle one, as rarely of counts"


def may_be_rounded(whole: np.ndarray) -> str:
    """Tell whole numbers that pass for counts and may as well be FPKM that were rounded, by how few they are.

    Parameters
    ----------
    whole
        Shape (samples, genes), whole for most, not negative; NaN is left out.

    Returns
    -------
    What gives rise to doubt, '' where nothing does.
    """
    sums = [float(row.sum()) for row in finite_rows(whole, _MOST_SAMPLES) if row.size >= _SOME_GENES]
    total = float(np.median(sums)) if sums else _SMALL_LIBRARY
    if total >= _SMALL_LIBRARY:
        return ""
    return f"samples sum to {total:.2g}, fewer than a library has reads, as FPKM that were rounded do"


def _why_steady(values: np.ndarray) -> str:
    """Tell values that vary less than counts of reads can: of these, chance alone makes the variance equal the mean."""
    if len(values) < _SAMPLES_OF_VARIANCE:
        return ""
    known = values[:, np.isfinite(values).all(axis=0)]
    means = known.mean(axis=0)
    lowest = np.argsort(np.where(means >= _LEAST_MEAN, means, np.inf))[:_LOW_GENES]
    lowest = lowest[means[lowest] >= _LEAST_MEAN]
    if lowest.size < _LOW_GENES:
        return ""
    # The median of a variance lies below its mean (Wilson and Hilferty 1931, doi:10.1073/pnas.17.12.684).
    of_chance = (1.0 - 2.0 / (9.0 * (len(known) - 1))) ** 3
    ratio = float(np.median(known[:, lowest].var(axis=0, ddof=1) / means[lowest])) / of_chance
    if ratio >= _LESS_THAN_CHANCE:
        return ""
    return f"genes of about {means[lowest].mean():.0f} vary less than reads do by chance ({ratio:.2g} of the variance)"


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
