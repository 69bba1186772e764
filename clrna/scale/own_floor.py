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
    CPM with the samples' median pseudo-count, from which theirs differ by fractions of a read in a million; where no
    zeros are left to tell it, expression of an open unit. None where samples do not sum to a million.
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
    if not sums or float(np.median(np.abs(np.array(sums) / 1e6 - 1.0))) >= _MILLION:
        return None
    piles = float(np.mean(piled)) > 0.9 and max(floors) < _FURTHEST * min(floors)
    pseudo = float(f"{np.median(floors):.3g}") if piles else 0.0
    if pseudo > _LARGEST_PSEUDO:
        return None
    seen = f"; zeros lie at the logarithm of about {pseudo:g}, each sample's own" if piles else ""
    unit = "cpm" if piles else EXPRESSION
    return ScaleDetection(Scale(unit, 2.0, pseudo), f"2**x sums to a million in each sample{seen}")
