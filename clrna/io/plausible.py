"""Values that no expression data hold: one of them spoils the statistics of its whole study."""

from typing import Final

import numpy as np

# No logarithm to the base 2 of a number that computers hold is larger, nor are ratios of them or z-scores.
LARGEST_LOGARITHM: Final = 1024.0
# Counts, intensities and the like: well above any, and sums and squares of such values still fit float32.
LARGEST: Final = 1e15
_CELLS: Final = 1 << 20


def first_beyond(values: np.ndarray, largest: float, used: np.ndarray | None = None) -> tuple[int, int] | None:
    """Return row and column of the first finite value that is larger than ``largest`` or below its negative.

    Parameters
    ----------
    values
        Of shape (samples, genes).
    largest
        :data:`LARGEST`, or :data:`LARGEST_LOGARITHM` where the values are on one of the contract's scales.
    used
        Rows that are looked at; all of them if None.
    """
    step = max(1, _CELLS // max(1, values.shape[1]))
    for start in range(0, len(values), step):
        block = np.abs(values[start : start + step])
        beyond = np.isfinite(block) & (block > largest)
        if used is not None:
            beyond &= used[start : start + step, None]
        if beyond.any():
            row, column = np.argwhere(beyond)[0]
            return start + int(row), int(column)
    return None


def what_is_beyond(value: float, largest: float) -> str:
    """Return what to say of such a value."""
    if largest == LARGEST_LOGARITHM:
        what, mend = (
            "no logarithm, ratio or z-score",
            "mend it, or run clrna-normalize where all are counts",
        )
    else:
        what, mend = "no expression value", "mend it, or leave it empty where it is missing"
    return f"{value:.6g}, and {what} is beyond {largest:g}; {mend}"
