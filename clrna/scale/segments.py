"""Copy numbers of segments, which the portals have beside the expression as matrices of the same genes."""

from typing import Final

import numpy as np

from clrna.spread_out import finite_rows

_FEWEST_GENES: Final = 1_000
_FEWEST_SAMPLES: Final = 3
_MOST_SAMPLES: Final = 20
# Genes of one segment have one value: of 5,000 in the upper quarter hardly a hundred differ. Of expression most do.
_FEW_DIFFERENT: Final = 0.1
# Values that were rounded, or brought to one distribution, are equal in other samples too; those of segments are not.
_OWN: Final = 0.5
# Cells and few reads have as few different numbers, yet most of theirs are the smallest.
_MOST_AT_LOW: Final = 0.2


def why_segments(values: np.ndarray) -> str:
    """Tell copy numbers of segments by the few different values that each sample has.

    Parameters
    ----------
    values
        Shape (samples, genes), logarithms or not, no whole numbers; what is not finite is left out.

    Returns
    -------
    What shows that they are copy numbers; '' where they may be expression.
    """
    if values.shape[1] < _FEWEST_GENES or len(values) < _FEWEST_SAMPLES:
        return ""
    uppers, shares, at_low = [], [], []
    for row in finite_rows(values, _MOST_SAMPLES):
        if len(row) < _FEWEST_GENES:
            continue
        upper = np.sort(row)[-(len(row) // 4) :]
        uppers.append(np.unique(upper))
        shares.append(len(uppers[-1]) / len(upper))
        at_low.append(float(np.mean(row == row.min())))
    if len(uppers) < _FEWEST_SAMPLES or np.median(shares) > _FEW_DIFFERENT or np.median(at_low) > _MOST_AT_LOW:
        return ""
    if len(np.unique(np.concatenate(uppers))) < _OWN * sum(map(len, uppers)):
        return ""
    return f"alike in many genes of a sample, {100 * np.median(shares):.0f} % of the upper quarter differ"
