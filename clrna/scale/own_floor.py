"""Logarithms of counts per million whose pseudo-count depends on the sample, as edgeR and voom take them."""

from typing import Final

import numpy as np

from clrna.scale.detection import ScaleDetection
from clrna.scale.scale_name import EXPRESSION, Scale
from clrna.spread_out import finite_rows

_MOST_SAMPLES: Final = 50
_MILLION: Final = 0.02
_PILED: Final = 0.01
_SAME: Final = 1e-3
_FURTHEST: Final = 16.0
_LARGEST_PSEUDO: Final = 8.0
_CORRECTED: Final = (5e5, 2e6)
_FEWEST: Final = 3
_ALIKE: Final = 0.03  # two decimals leave 1 % of a number


def log_with_own_floor(values: np.ndarray) -> ScaleDetection | None:
    """Recognise log2 values, some negative, that sum to a million without the logarithm.

    voom adds half a read to each count (Law et al. 2014, doi:10.1186/gb-2014-15-2-r29), edgeR's ``cpm(log=TRUE)``
    two reads, in proportion to the sample's library: all genes without reads have one value, another in each sample.

    Parameters
    ----------
    values
        Shape (samples, genes), some negative; what is not finite is left out.

    Returns
    -------
    CPM (TMM where the libraries were corrected) with the samples' median pseudo-count, from which theirs differ by
    fractions of a read in a million; where no zeros are left to tell it, expression of an open unit. None where samples
    do not sum to a million, nor to what their zeros tell.
    """
    sums, floors, piled = [], [], []
    for row in finite_rows(values, _MOST_SAMPLES):
        if not row.size:
            continue
        low, high = row.min(), row.max()
        share = float(np.mean(row < low + _SAME))
        # What was clipped piles up at both ends.
        piled.append(share >= _PILED > float(np.mean(row > high - _SAME)))
        floors.append(2.0**low)
        sums.append(float((2.0**row - (2.0**low if piled[-1] else 0.0)).sum()))
    if not sums:
        return None
    piles = float(np.mean(piled)) > 0.9 and max(floors) < _FURTHEST * min(floors)
    pseudo = float(f"{np.median(floors):.3g}") if piles else 0.0
    if float(np.median(np.abs(np.array(sums) / 1e6 - 1.0))) >= _MILLION:
        return _of_corrected_libraries(np.array(sums), np.array(floors), pseudo) if piles else None
    if pseudo > _LARGEST_PSEUDO:
        return None
    seen = f"; zeros lie at the logarithm of about {pseudo:g}, each sample's own" if piles else ""
    unit = "cpm" if piles else EXPRESSION
    return ScaleDetection(Scale(unit, 2.0, pseudo), f"2**x sums to a million in each sample{seen}")


def _of_corrected_libraries(sums: np.ndarray, floors: np.ndarray, pseudo: float) -> ScaleDetection | None:
    """Recognise edgeR's ``cpm(log=TRUE)`` with factors of libraries, which move a sample's zeros and its sum alike."""
    ratios = sums / floors
    near = _CORRECTED[0] < float(np.median(sums)) < _CORRECTED[1] and pseudo <= _LARGEST_PSEUDO
    if len(sums) < _FEWEST or not near or float(np.ptp(ratios)) > _ALIKE * float(np.median(ratios)):
        return None
    seen = f"2**x sums to about {np.median(sums):.2g}, in each sample as far from a million as its zeros are moved"
    return ScaleDetection(Scale("tmm", 2.0, pseudo), f"{seen}: reads per million, libraries corrected by factors")
