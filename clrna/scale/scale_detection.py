"""Find out from the values of one study what they are, and say why."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.scale.detection import ScaleDetection
from clrna.scale.logarithm import undo_logarithm
from clrna.scale.methylation import why_methylation
from clrna.scale.no_expression import refuse_no_expression
from clrna.scale.own_floor import log_with_own_floor
from clrna.scale.read_steps import log_of_scaled_reads, scaled_reads
from clrna.scale.rounded_intensities import may_be_intensities, may_be_rounded, why_intensities
from clrna.scale.scale_name import EXPRESSION, ZSCORE, Scale
from clrna.scale.stray_values import LARGEST_LOG, refuse_stray_values
from clrna.scale.value_profile import Profile, profile_of
from clrna.spread_out import finite_rows

_WHOLE_COUNTS: Final = 0.5  # RSEM's and salmon's expected counts are whole for most genes, FPKM for hardly any
_MILLION_TOLERANCE: Final = 0.02
_POWER_TOLERANCE: Final = 1e-3  # of float32 and of a logarithm that was written with few digits
_PSEUDO_COUNTS: Final = (1.0, 0.5, 0.25, 0.125, 0.1, 0.05, 0.01, 0.001, 1e-4, 1e-5, 1e-6)
_BASES: Final = (2.0, math.e, 10.0)
_FLOOR_SHARE: Final = 0.01
_FEW_ZEROS: Final = 0.001
_ARRAY_LOWEST: Final = 1.0
_FEW_GENES: Final = 50
_MANY_GENES: Final = 1_000
_SOME_SAMPLES: Final = 3
_LARGEST_LOG10: Final = 5.3  # of 200,000; to the base 2 it would be of 39
_ONE_SIDED: Final = 3.0
_WHOLE_TRANSCRIPTOME: Final = 10_000


def detect_scale(values: np.ndarray) -> ScaleDetection:
    """Tell the scale of one study's values from their range, wholeness, sums and centers.

    Parameters
    ----------
    values
        Shape (samples, genes); values that are not finite are left out.

    Raises
    ------
    InputError
        There is no finite value, all values are the same, they are what no expression is, or single ones are no
        logarithms where all others look like such (:class:`StrayValueError`).
    """
    profile = profile_of(values)
    if profile.low == profile.high:
        raise InputError(f"every value is {profile.low:g}: this is not an expression matrix")
    refuse_no_expression(profile, values)
    if max(profile.high, -profile.low) > LARGEST_LOG:
        refuse_stray_values(values)
    if profile.whole == 1.0 and profile.low >= 0:
        # Libraries are not so much alike: what was scaled to a million was rounded.
        if len(values) >= _SOME_SAMPLES and profile.high > LARGEST_LOG and _sums_to_million(values, Scale("tpm")):
            text = f"whole numbers from {profile.low:g} to {profile.high:g} that sum to a million in each sample"
            return ScaleDetection(Scale("tpm"), text)
        why = why_intensities(values)
        unit, seen = ("intensity", f"; {why}") if why else ("counts", "")
        doubt = may_be_intensities(values) or may_be_rounded(values) if unit == "counts" else ""
        return ScaleDetection(Scale(unit), f"whole numbers from {profile.low:g} to {profile.high:g}{seen}", doubt)
    if profile.high > LARGEST_LOG and profile.low >= 0:
        return _linear(profile, values)
    if profile.minus_infinite > _FEW_ZEROS:
        return _log_without_pseudo_count(profile, values)
    found = _log_of_million(profile, values)
    if found is not None:
        return found
    if profile.low < 0:
        return _signed(profile, values)
    found = undo_logarithm(values) or log_of_scaled_reads(values)
    return found or _linear_ratios(profile, values) or _log(profile)


def _linear(profile: Profile, values: np.ndarray) -> ScaleDetection:
    seen = f"not negative, up to {profile.high:g}, so not logarithms"
    if _sums_to_million(values, Scale("tpm")):
        of_reads = _multiples(values, Scale("tpm")) or scaled_reads(values) is not None
        unit, how = ("cpm", "whole multiples") if of_reads else ("tpm", "no whole multiples")
        return ScaleDetection(Scale(unit), f"{seen}; samples sum to a million, values are {how} of a sample's smallest")
    if profile.whole_nonzero > _WHOLE_COUNTS:
        share = f"{100 * profile.whole_nonzero:.0f} % of the values above 0 are whole"
        return ScaleDetection(Scale("counts"), f"{seen}; {share}, as in expected counts")
    known = scaled_reads(values) or _linear_ratios(profile, values)
    if known is not None:
        return ScaleDetection(known.scale, f"{seen}; {known.why}" if known.scale.is_sequencing else known.why)
    if profile.zeros == 0 and profile.low > 0:
        return ScaleDetection(Scale("intensity"), f"{seen}; no value is 0, as in array intensities")
    if profile.genes >= _WHOLE_TRANSCRIPTOME and 2e4 < profile.middle_sum < 4e6:
        return ScaleDetection(Scale("fpkm"), f"{seen}; samples sum to {profile.middle_sum:.2g}, no million, as FPKM do")
    text = f"{seen}; samples sum to {profile.middle_sum:.2g}, which tells no unit; state it with --input-scale"
    return ScaleDetection(Scale(EXPRESSION), text)


def _linear_ratios(profile: Profile, values: np.ndarray) -> ScaleDetection | None:
    """Recognise ratios that are no logarithms: none is 0, and most lie about 1, as far below it as above."""
    if profile.low <= 0 or profile.zeros or profile.genes < _FEW_GENES:
        return None
    logarithms = profile_of(np.log2(values))
    down, up = -logarithms.low, logarithms.high
    if not logarithms.is_centered or min(down, up) <= 0 or max(down, up) > _ONE_SIDED * min(down, up):
        return None
    text = f"from {profile.low:.3g} to {profile.high:.3g}, none is 0 and gene medians lie about 1, as ratios do"
    return ScaleDetection(Scale("ratio"), f"{text} (of log2: {logarithms.center_text})")


def _log_without_pseudo_count(profile: Profile, values: np.ndarray) -> ScaleDetection:
    """Recognise logarithms whose zeros have become minus infinity."""
    seen = f"{100 * profile.minus_infinite:.1f} % are minus infinity, the logarithm of 0"
    for base in _BASES:
        scale = Scale("tpm", base, 0.0)
        if _sums_to_million(values, scale):
            unit = "cpm" if _multiples(values, scale) else "tpm"
            return ScaleDetection(Scale(unit, base, 0.0), f"{seen}; without the logarithm samples sum to a million")
    return ScaleDetection(Scale(EXPRESSION, 2.0, 0.0), f"{seen}; the unit is open, and base 2 is assumed")


def _log_of_million(profile: Profile, values: np.ndarray) -> ScaleDetection | None:
    """Recognise a logarithm whose undoing makes every sample sum to a million."""
    for base, pseudo in _possible_logs(profile):
        scale = Scale("tpm", base, pseudo)
        if _sums_to_million(values, scale):
            # Of logarithms that were rounded, only the steps between the smallest values still tell one read.
            of_reads = _multiples(values, scale) or log_of_scaled_reads(values) is not None
            unit, how = ("cpm", "whole multiples") if of_reads else ("tpm", "no whole multiples")
            found = Scale(unit, base, pseudo)
            name = {2.0: "2", math.e: "e", 10.0: "10"}[base]
            text = f"{name}**x - {pseudo:g} sums to a million in each sample, its values are {how} of the smallest"
            return ScaleDetection(found, text)
    return None


def _possible_logs(profile: Profile) -> Iterator[tuple[float, float]]:
    """Yield the bases and pseudo-counts that put a zero where the smallest value stands."""
    if profile.low > 0 or profile.high > LARGEST_LOG:
        return
    for base in _BASES:
        for pseudo in _PSEUDO_COUNTS:
            if abs(math.log(pseudo, base) - profile.low) < 0.01 * max(1.0, abs(profile.low)):
                yield base, pseudo


def _signed(profile: Profile, values: np.ndarray) -> ScaleDetection:
    span = f"from {profile.low:.3g} to {profile.high:.3g}"
    if profile.genes >= _FEW_GENES and profile.high >= 1 and _has_gap_about_zero(values):
        raise InputError(
            f"values run {span}, none between -1 and 1, as fold changes with a sign do (-2 for a half); give the "
            "matrix of expression, or logarithms of ratios"
        )
    if profile.high > LARGEST_LOG:
        raise InputError(
            f"values run {span}: too large for logarithms, yet negative; state with --input-scale what they are (with "
            "intensity and expression, those below 0 become 0)"
        )
    if profile.standardized_by:
        return ScaleDetection(Scale(ZSCORE), f"each {profile.standardized_by} has mean 0 and deviation 1, {span}")
    reads = log_of_scaled_reads(values)
    if reads is not None:
        return reads
    floor = _floor(profile)
    if floor is not None:
        base, pseudo = floor
        share = f"{100 * profile.at_low:.0f} % of the values are the smallest, {profile.low:.4g}"
        return ScaleDetection(Scale(EXPRESSION, base, pseudo), f"{share}, which is the logarithm of {pseudo:g}")
    own = log_with_own_floor(values)
    if own is not None:
        return own
    if methylation := why_methylation(values):
        raise InputError(
            f"values lie {methylation}, and no expression; if they are, state their scale with --input-scale"
        )
    if profile.is_centered:
        text = f"{span}, gene medians lie about 0, as differences from a reference do ({profile.center_text})"
        return ScaleDetection(Scale("ratio", 2.0), text)
    return ScaleDetection(
        Scale("intensity", 2.0),
        f"{span}, genes lie too far apart or too far from 0 for ratios ({profile.center_text}): "
        "logarithms of intensities, shifted",
    )


def _has_gap_about_zero(values: np.ndarray) -> bool:
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    return bool(known.size) and float(known.min()) >= 1.0


def _floor(profile: Profile) -> tuple[float, float] | None:
    """Return base and pseudo-count if many values sit at the logarithm of a usual pseudo-count."""
    # Amounts pile up at 0 only; differences that were clipped do so at both ends.
    if profile.at_low < _FLOOR_SHARE or profile.at_high >= _FLOOR_SHARE:
        return None
    return next(_possible_logs(profile), None)


def _log(profile: Profile) -> ScaleDetection:
    span = f"from {profile.low:.3g} to {profile.high:.3g}"
    if profile.high <= _LARGEST_LOG10 and profile.genes >= _MANY_GENES:
        of_arrays = profile.low > _ARRAY_LOWEST * math.log10(2.0)
        scale = Scale("intensity", 10.0) if of_arrays else Scale(EXPRESSION, 10.0, None)
        text = f"{span}, and of so many genes some reach thousands, so base 10 is assumed; the unit is open"
        return ScaleDetection(scale, text, f"{span}, base 10 is assumed")
    low_top = profile.high <= _LARGEST_LOG10 and profile.genes >= _FEW_GENES
    doubt = f"none of {profile.genes} genes is beyond {profile.high:.3g}, so base 10 may be, too" if low_top else ""
    if profile.low > _ARRAY_LOWEST:
        text = f"{span}, nothing near 0, as in log2 array intensities (RMA; base 2 is assumed)"
        return ScaleDetection(Scale("intensity", 2.0), text, doubt)
    return ScaleDetection(
        Scale(EXPRESSION, 2.0, None),
        f"{span}, not negative, in the range of log2 RNA-Seq; samples do not sum to a million, so the unit is open "
        "(and base 2 is assumed)",
        doubt,
    )


def _sums_to_million(values: np.ndarray, scale: Scale) -> bool:
    sums = np.array([row.sum() for row in _linear_rows(values, scale)])
    return bool(np.median(np.abs(sums / 1e6 - 1.0)) < _MILLION_TOLERANCE)


def _multiples(values: np.ndarray, scale: Scale) -> bool:
    """Tell CPM from TPM: a sample's CPM are whole multiples of its CPM of one read.

    Values that were rounded to decimals are multiples of 0.01 whatever they are, and one read hardly ever is 0.01.
    """
    shares = []
    for row in _linear_rows(values, scale):
        # Values below a millionth of the sum are what rounding leaves of a zero.
        present = row[row > 1e-4]
        if present.size == 0 or _is_rounding(float(present.min())):
            continue
        ratio = present[present <= 20 * present.min()] / present.min()
        shares.append(np.mean(np.abs(ratio - np.rint(ratio)) < 0.02))
    return bool(shares) and float(np.median(shares)) > 0.9


def _is_rounding(smallest: float) -> bool:
    decimals = -math.log10(smallest)
    return decimals > 0.5 and abs(decimals - round(decimals)) < _POWER_TOLERANCE


def _linear_rows(values: np.ndarray, scale: Scale, most: int = 50) -> Iterator[np.ndarray]:
    """Yield up to ``most`` samples, spread over the study, without their logarithm."""
    for row in finite_rows(values, most):
        yield row if scale.base is None else np.maximum(scale.base**row - (scale.pseudo or 0.0), 0.0)
