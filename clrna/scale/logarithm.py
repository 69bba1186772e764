"""Which logarithm was taken of values: undo it, and see whether whole numbers or equal sums come out."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from clrna.scale.detection import ScaleDetection
from clrna.scale.rounded_intensities import why_intensities
from clrna.scale.scale_name import EXPRESSION, Scale
from clrna.spread_out import spread_out

BASES: Final = {2.0: "2", math.e: "e", 10.0: "10"}
_MOST_SAMPLES: Final = 50
_LEAST_SAMPLES: Final = 3
# Rounded to a few digits, only the logarithms of small numbers still tell that these were whole.
_LARGEST_COUNT: Final = 50.0
_NEAR: Final = 0.02
_LARGEST_ERROR: Final = 0.1  # of rounding; of other numbers then less than one in four lies so near to a whole one
_ON_GRID: Final = 0.05
_FEWEST: Final = 50
_WHOLE_SHARE: Final = 0.5  # expected counts are whole for most genes; of other numbers 4 in 100 lie so near
_EQUAL: Final = 0.002
_BY_FAR: Final = 3.0  # of another base than the one that was taken the sums are several times as far apart


def undo_logarithm(values: np.ndarray) -> ScaleDetection | None:
    """Tell logarithms of counts, and of values scaled to one sum, by what undoing the logarithm gives.

    Parameters
    ----------
    values
        Shape (samples, genes), not negative, no larger than a logarithm can be.

    Returns
    -------
    None where no base gives whole numbers or samples of equal sums.
    """
    rows = spread_out(len(values), _MOST_SAMPLES)
    some = values[rows].astype(np.float64)
    some[~np.isfinite(some)] = np.nan
    # Zeros stand at the smallest value. Where that is not 0 but a floor (DESeq2's vst, clipped arrays), all of them
    # give the same number, and it may be whole by chance.
    above_floor = some[some > np.nanmin(some)]
    grid = _grid(above_floor)
    for base, name in BASES.items():
        linear = base**above_floor - 1.0
        share = _whole_share(linear, (linear + 1.0) * math.log(base) * grid / 2)
        if share > _WHOLE_SHARE:
            seen = f"{100 * share:.0f} % of those up to {_LARGEST_COUNT:g}"
            why = why_intensities(base**some - 1.0)
            unit, what = ("intensity", f"; {why}") if why else ("counts", ", as counts are")
            return ScaleDetection(Scale(unit, base, 1.0), f"{name}**x - 1 gives whole numbers ({seen}){what}")
    spreads = {base: _spread_of_sums(base**some - 1.0) for base in BASES}
    if max(spread for _, spread in spreads.values()) < _EQUAL:
        return None  # quantile normalization gave the samples one distribution, so all their sums are equal
    base = min(BASES, key=lambda one: spreads[one][1])
    total, spread = spreads[base]
    others = min(spread for one, (_, spread) in spreads.items() if one != base)
    if spread >= _EQUAL or others < _BY_FAR * spread:
        return None  # few values are large in samples of an array: a smaller base makes any sums alike
    text = f"{BASES[base]}**x - 1 sums to {total:.4g} in each sample, so values were scaled to one library size"
    return ScaleDetection(Scale(EXPRESSION, base, 1.0), text)


def with_stated_base(found: ScaleDetection, uns: Mapping[str, Any]) -> ScaleDetection:
    """Return a detection with the base that the file states, where base 2 or 10 was but assumed.

    Parameters
    ----------
    found
        From the values.
    uns
        Of an AnnData file. scanpy leaves ``log1p`` there, with the base, or None for the natural logarithm.
    """
    scale = found.scale
    assumed = scale.unit in (EXPRESSION, "intensity") and scale.base in (2.0, 10.0) and not scale.pseudo
    if "log1p" not in uns or not assumed:
        return found
    entry = uns["log1p"]
    base = entry.get("base") if isinstance(entry, Mapping) else None
    stated = math.e if base is None or np.ndim(base) != 0 else float(base)
    known = next((one for one in BASES if math.isclose(one, stated, rel_tol=1e-6)), None)
    if known is None:
        return found
    text = f"uns['log1p'] says that the logarithm of x + 1 has base {BASES[known]}; the unit is open"
    return ScaleDetection(Scale(EXPRESSION, known, 1.0), text)


def _whole_share(linear: np.ndarray, errors: np.ndarray) -> float:
    """Return the share of whole numbers among the small ones; ``errors`` say how far rounding may have moved each."""
    small = (linear > _WHOLE_SHARE) & (linear <= _LARGEST_COUNT) & (errors <= _LARGEST_ERROR)
    if small.sum() < _FEWEST:
        return 0.0
    off = np.abs(linear[small] - np.rint(linear[small]))
    return float(np.mean(off < np.maximum(_NEAR, 1.1 * errors[small])))


def _grid(values: np.ndarray) -> float:
    """Return 0.01 or 0.001 where values were rounded to so few decimals, else 0."""
    known = values[np.isfinite(values)]
    for grid in (0.01, 0.001):
        if known.size and np.all(np.abs(known / grid - np.rint(known / grid)) < _ON_GRID):
            return grid
    return 0.0


def _spread_of_sums(linear: np.ndarray) -> tuple[float, float]:
    """Return the median over samples of their sums, and how far most of the others are from it."""
    sums = np.nansum(linear, axis=1)
    middle = float(np.median(sums))
    if len(sums) < _LEAST_SAMPLES or middle <= 0:
        return middle, np.inf
    return middle, float(np.quantile(np.abs(sums / middle - 1.0), 0.95))
