"""A few numbers about a matrix from which its scale can be told."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.spread_out import spread_out

# Enough to tell a scale; medians of a matrix of 15,000 x 20,000 would take minutes and gigabytes.
_MOST_SAMPLES: Final = 300
_MOST_GENES: Final = 4_000
_FEW_SAMPLES: Final = 8
# How far means and deviations of standardized genes or samples may lie from 0 and 1, and deviations from one another
# beyond what chance makes of a part of the values: those of ratios lie about 1 by chance and are not alike.
_OFF: Final = 0.15
_UNLIKE: Final = 0.03
_BY_CHANCE: Final = 1.5
_QUARTILES_OF_NORMAL: Final = 1.349


@dataclass(frozen=True)
class Profile:
    """What :func:`profile_of` looks at.

    Attributes
    ----------
    genes
        Number of genes.
    low, high
        Smallest and largest finite value.
    whole, whole_nonzero
        Share of values, and of values other than 0, that are whole numbers.
    zeros
        Share of zeros.
    at_low, at_high
        Share of values that equal the smallest, and the largest one.
    minus_infinite
        Share of all values that are minus infinity.
    middle, middle_sum
        Median of all values, and of the samples' sums.
    median_spread, within_spread
        Distance between the quartiles of the genes' medians, and median over the genes of the distance
        between the quartiles of a gene; not a number where the samples are too few to tell.
    standardized_by
        ``gene`` or ``sample`` where these have mean 0 and standard deviation 1, else ''.
    """

    genes: int
    low: float
    high: float
    whole: float
    whole_nonzero: float
    zeros: float
    at_low: float
    at_high: float
    minus_infinite: float
    middle: float
    middle_sum: float
    median_spread: float
    within_spread: float
    standardized_by: str

    @property
    def is_centered(self) -> bool:
        """Whether the values are differences from a reference rather than amounts."""
        if np.isnan(self.median_spread):
            # One sample: ratios lie about 0, and hardly a gene is four-fold off its reference.
            return abs(self.middle) < 0.5 and self.within_spread < 3.0
        # Medians of intensities spread over three to five doublings; of ratios to a reference hardly over one
        # (in a study of one tissue that can still be more than a gene varies).
        return abs(self.middle) < 0.5 and self.median_spread < max(2.0, 2.0 * self.within_spread)

    @property
    def center_text(self) -> str:
        """The numbers behind :attr:`is_centered`, for a log line."""
        if np.isnan(self.median_spread):
            return f"median {self.middle:.2f}, quartiles {self.within_spread:.2f} apart"
        return f"quartiles of medians {self.median_spread:.2f} apart, of a gene's values {self.within_spread:.2f}"


def profile_of(values: np.ndarray) -> Profile:
    """Look at a matrix of shape (samples, genes); values that are not finite are left out.

    Raises
    ------
    InputError
        There is no finite value.
    """
    low, high, finite, whole, zeros = _count(values)
    if finite == 0:
        raise InputError("there is not one finite value")
    part = _part(values)
    known = part[np.isfinite(part)]
    nonzero = finite - zeros
    with np.errstate(invalid="ignore"):
        spread, within = _spreads(part)
        return Profile(
            genes=values.shape[1],
            low=low,
            high=high,
            whole=whole / finite,
            whole_nonzero=(whole - zeros) / nonzero if nonzero else 1.0,
            zeros=zeros / finite,
            at_low=float(np.mean(known == low)) if known.size else 0.0,
            at_high=float(np.mean(known == high)) if known.size else 0.0,
            minus_infinite=_minus_infinite(values),
            middle=float(np.median(known)) if known.size else low,
            middle_sum=float(
                np.median(np.where(np.isfinite(values[:50]), values[:50], 0).sum(axis=1, dtype=np.float64))
            ),
            median_spread=spread,
            within_spread=within,
            standardized_by=_standardized_by(part),
        )


def _count(values: np.ndarray) -> tuple[float, float, int, int, int]:
    """Return smallest, largest, and the numbers of finite, whole and zero values, sample by sample."""
    low, high, finite, whole, zeros = np.inf, -np.inf, 0, 0, 0
    for row in values:
        known = row[np.isfinite(row)]
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
            finite += known.size
            whole += int(np.count_nonzero(known == np.rint(known)))
            zeros += int(np.count_nonzero(known == 0))
    return low, high, finite, whole, zeros


def _minus_infinite(values: np.ndarray) -> float:
    return sum(int(np.isneginf(row).sum()) for row in values) / values.size


def _part(values: np.ndarray) -> np.ndarray:
    """Return evenly spaced samples and genes, infinite values as missing."""
    rows = spread_out(len(values), _MOST_SAMPLES)
    columns = spread_out(values.shape[1], _MOST_GENES)
    part = values[np.ix_(rows, columns)].astype(np.float64)
    part[~np.isfinite(part)] = np.nan
    return part


def _spreads(part: np.ndarray) -> tuple[float, float]:
    if len(part) < _FEW_SAMPLES:
        quartiles = np.nanquantile(part, [0.25, 0.75])
        return np.nan, float(quartiles[1] - quartiles[0])
    part = part[:, np.isfinite(part).any(axis=0)]
    # Where nothing is missing the two are the same, and one goes gene by gene.
    quantile = np.nanquantile if np.isnan(part).any() else np.quantile
    low, middle, high = quantile(part, [0.25, 0.5, 0.75], axis=0)
    between = np.quantile(middle, [0.25, 0.75])
    return float(between[1] - between[0]), float(np.median(high - low))


def _standardized_by(part: np.ndarray) -> str:
    for axis, name, length in ((0, "gene", len(part)), (1, "sample", part.shape[1])):
        if length < _FEW_SAMPLES:
            continue
        known = np.isfinite(part).sum(axis=axis) > 1
        kept = part[:, known] if axis == 0 else part[known]
        means, deviations = np.nanmean(kept, axis=axis), np.nanstd(kept, axis=axis, ddof=1)
        varying = deviations > 0
        if varying.sum() < 2:
            continue
        center = np.quantile(np.abs(means[varying]), 0.75)
        spread = np.quantile(np.abs(deviations[varying] - 1.0), 0.75)
        if center < _OFF and spread < _OFF and _are_alike(deviations[varying], length):
            return name
    return ""


def _are_alike(deviations: np.ndarray, length: int) -> bool:
    """Whether deviations of so many values each differ no more than those of parts of standardized values do."""
    low, high = np.quantile(deviations, [0.25, 0.75])
    of_chance = 1.0 / math.sqrt(2.0 * (length - 1))
    return bool((high - low) / _QUARTILES_OF_NORMAL <= _UNLIKE + _BY_CHANCE * of_chance)
