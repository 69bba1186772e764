"""Hold a scale that somebody stated against the values."""

import math
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.scale.scale_name import EXPRESSION, ZSCORE, Scale
from clrna.scale.value_profile import Profile, profile_of

_ROUNDING: Final = 1e-3
_MANY_GENES: Final = 200
_WHOLE_TRANSCRIPTOME: Final = 10_000
# The largest logarithm of a count that 32 bits hold, a little above.
LARGEST_LOG2: Final = 33.0
# What values would reach if they were not logarithms: some gene of a few hundred always does.
_SMALLEST_LINEAR_MAXIMUM: Final = 25.0
_MILLION: Final = 0.02
_SUM_TO_MILLION: Final = ("tpm", "cpm", "tmm")


def check_scale(values: np.ndarray, scale: Scale) -> None:
    """Raise InputError if the values cannot be, or hardly can be, what ``scale`` says.

    Parameters
    ----------
    values
        Shape (samples, genes); values that are not finite are left out.
    scale
        What they are said to be.

    Raises
    ------
    InputError
        E.g. negative values in ``log2_tpm1``, fractions in ``counts``, values in the thousands where
        logarithms are stated, TPM that sum to more than a million. A selection of genes may sum to less.
    """
    profile = profile_of(values)
    fault = _fault(profile, scale) or _sum_fault(profile, values, scale)
    if fault:
        raise InputError(f"the values are not {scale.name}: {fault}")


def _fault(profile: Profile, scale: Scale) -> str:
    if scale.unit == ZSCORE:
        return _zscore_fault(profile)
    if scale.base is None:
        return _linear_fault(profile, scale)
    return _log_fault(profile, scale, scale.base)


def _zscore_fault(profile: Profile) -> str:
    if profile.low >= 0:
        return f"none is negative (smallest {profile.low:g})"
    if max(-profile.low, profile.high) > 100:
        return f"they run from {profile.low:g} to {profile.high:g}"
    return ""


def _linear_fault(profile: Profile, scale: Scale) -> str:
    if profile.low < 0 and not _has_background_taken_off(profile, scale):
        return f"some are negative (smallest {profile.low:g})"
    if scale.unit == "counts" and profile.whole_nonzero < 0.5 and not _are_estimates(profile):
        share = 100 * (1 - profile.whole_nonzero)
        return f"{share:.0f} % of those above 0 are no whole numbers, so they were normalized or are logarithms"
    few = profile.genes < _MANY_GENES or scale.unit in ("counts", "ratio")
    if not few and profile.high < _SMALLEST_LINEAR_MAXIMUM:
        return f"the largest of them is {profile.high:g}, so they look like logarithms"
    return ""


def _has_background_taken_off(profile: Profile, scale: Scale) -> bool:
    """Whether values below 0 may be what a background or a batch correction left of hardly any expression."""
    return scale.unit in ("intensity", EXPRESSION) and profile.high > LARGEST_LOG2 and -profile.low < profile.high


def _are_estimates(profile: Profile) -> bool:
    """Whether values with fractions may be estimated counts, scaled by length as tximport and nf-core do."""
    return profile.high > LARGEST_LOG2 and abs(profile.middle_sum / 1e6 - 1.0) > _MILLION


def _log_fault(profile: Profile, scale: Scale, base: float) -> str:
    if profile.high > LARGEST_LOG2 * math.log(2, base):
        return f"the largest is {profile.high:g}, too large for a logarithm; are they counts, TPM or intensities"
    if profile.whole == 1.0 and profile.low >= 0 and profile.high > 1:
        return f"all are whole numbers (up to {profile.high:g}), as counts are"
    if scale.unit == "ratio" and profile.low >= 0 and profile.genes >= _MANY_GENES:
        return f"none is negative (smallest {profile.low:g}), and log ratios lie on both sides of 0"
    lowest = _lowest(scale, base)
    if profile.low < lowest - _ROUNDING:
        return f"the smallest is {profile.low:g}, and below {lowest:g} there can be none"
    return ""


def _lowest(scale: Scale, base: float) -> float:
    """Return the logarithm of zero expression."""
    if scale.unit == "ratio" or (scale.unit == "intensity" and not scale.pseudo):
        return -math.inf
    if scale.unit == EXPRESSION and scale.pseudo is None:
        return 0.0
    return math.log(scale.pseudo, base) if scale.pseudo else -math.inf


def _sum_fault(profile: Profile, values: np.ndarray, scale: Scale) -> str:
    if scale.unit not in _SUM_TO_MILLION:
        return ""
    some = values[:: max(1, len(values) // 50)]
    middle = _middle_sum(some, scale)
    if middle > 1e6 * (5.0 if scale.unit == "tmm" else 1.05):
        return f"samples sum to {middle:.3g} without the logarithm, more than a million"
    for base in (2.0, math.e, 10.0) if scale.base is not None and scale.unit != "tmm" else ():
        other = Scale(scale.unit, base, scale.pseudo)
        if base != scale.base and abs(_middle_sum(some, other) / 1e6 - 1.0) < 0.02 < abs(middle / 1e6 - 1.0):
            return (
                f"samples sum to {middle:.3g} where a million is expected, and as {other.name} they do sum to a million"
            )
    if profile.genes >= _WHOLE_TRANSCRIPTOME and middle < 1e5:
        return f"{profile.genes} genes of a sample sum to {middle:.3g} only, and a million is expected"
    return ""


def _middle_sum(values: np.ndarray, scale: Scale) -> float:
    """Return the median over samples of the sum without the logarithm."""
    sums = []
    for row in values:
        known = row[np.isfinite(row)].astype(np.float64)
        with np.errstate(over="ignore"):
            sums.append(known.sum() if scale.base is None else (scale.base**known - (scale.pseudo or 0.0)).sum())
    return float(np.median(sums))
