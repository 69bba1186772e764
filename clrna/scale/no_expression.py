"""Matrices of genes x samples that portals and programs have beside the expression, and are none."""

from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.scale.segments import why_segments
from clrna.scale.value_profile import Profile
from clrna.spread_out import finite_rows

_FEW_GENES: Final = 50
_LARGEST_CALL: Final = 4.0
_FEW_COPIES: Final = 12.0
_SOME_GENES: Final = 200
_MOSTLY: Final = 0.5
# Cycles of PCR end at 40 or 45, and most genes need more than 20; no logarithm of expression has such a middle.
_FIRST_CYCLE: Final = 3.0
_LAST_CYCLE: Final = 45.0
_MIDDLE_CYCLE: Final = 18.0
_SAME: Final = 1e-6
_HUNDRED: Final = 100.0
_OFF: Final = 2.0
_MOST_SAMPLES: Final = 20


def refuse_no_expression(profile: Profile, values: np.ndarray) -> None:
    """Raise InputError for calls and segments of copy number, mutations, methylation, shares, ranks and cycles of PCR.

    Parameters
    ----------
    profile
        Of the values.
    values
        Shape (samples, genes); what is not finite is left out.
    """
    what = ""
    if profile.low > _FIRST_CYCLE and profile.high <= _LAST_CYCLE and profile.middle > _MIDDLE_CYCLE:
        what = (
            f"from {profile.low:.3g} to {profile.high:.3g}, half of them above {profile.middle:.3g}, as cycles of "
            "quantitative PCR (Ct) or logarithms of proteins are"
        )
    elif profile.genes < _FEW_GENES:
        return
    elif profile.whole == 1.0 and profile.low < 0 and max(-profile.low, profile.high) <= _LARGEST_CALL:
        what = f"whole numbers from {profile.low:g} to {profile.high:g}, as calls of copy number are"
    elif profile.whole == 1.0 and profile.low >= 0 and 1 < profile.high <= _FEW_COPIES and profile.genes >= _SOME_GENES:
        span = f"whole numbers from {profile.low:g} to {profile.high:g} in {profile.genes} genes"
        cells = ", or counts of single cells, of which the sum is a sample," if profile.zeros > _MOSTLY else ""
        what = f"{span}, as copy numbers and numbers of mutations are{cells}"
    elif profile.low >= 0 and profile.high <= 1:
        what = "all from 0 to 1, as methylation, ranks or shares are"
        if profile.whole == 1.0:
            what = "only 0 and 1, as mutations are"
    elif profile.low >= 1 and _are_ranks(values):
        what = "the ranks of the genes in each sample"
    elif profile.low >= 0 and profile.high <= _HUNDRED and _are_percentiles(values):
        what = "percentiles, of which each sample has as many of one height as of another"
    elif profile.whole < 1.0 and (segments := why_segments(values)):
        what = f"{segments}, as copy numbers of segments are"
    if what:
        raise InputError(f"values are {what}, and no expression; if they are, state their scale with --input-scale")


def _are_ranks(values: np.ndarray) -> bool:
    """Whether each sample has nothing but the numbers from 1 on, or their means where genes are equal."""
    for row in finite_rows(values, _MOST_SAMPLES):
        n = len(row)
        if n < _FEW_GENES or row.max() > n or abs(row.sum() / (n * (n + 1) / 2) - 1.0) > _SAME:
            return False
    return True


def _are_percentiles(values: np.ndarray) -> bool:
    """Whether each sample's upper half is spread evenly up to 100; genes without expression share the lower."""
    heights = np.arange(50.0, 100.0, 5.0)
    rows = [row for row in finite_rows(values, _MOST_SAMPLES) if len(row) >= _FEW_GENES]
    off = [float(np.abs(np.quantile(row, heights / _HUNDRED) - heights).max()) for row in rows]
    return bool(off) and max(off) < _OFF
