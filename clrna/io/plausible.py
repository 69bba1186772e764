"""Values that no expression data hold: one of them spoils the statistics of its whole study."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from clrna.quoted import quoted

Names = Sequence[str] | np.ndarray | pd.Index

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
        beyond = block > largest
        if not beyond.any():
            continue
        beyond &= np.isfinite(block)
        if used is not None:
            beyond &= used[start : start + step, None]
        if beyond.any():
            row, column = np.argwhere(beyond)[0]
            return start + int(row), int(column)
    return None


def fault_beyond(
    values: np.ndarray,
    largest: float,
    genes: Names,
    samples: Names | None = None,
    used: np.ndarray | None = None,
) -> str:
    """Return what to say of the first such value, with its gene and sample; '' where there is none.

    Parameters
    ----------
    values, largest, used
        As for :func:`first_beyond`.
    genes, samples
        Their names; those that have none are told by their number.
    """
    at = first_beyond(values, largest, used)
    if at is None:
        return ""
    sample, gene = (_name(names, number) for names, number in zip((samples, genes), at, strict=True))
    return f"gene {gene} of sample {sample} is {_what_is_beyond(float(values[at]), largest)}"


def _name(names: Names | None, number: int) -> str:
    return quoted(names[number]) if names is not None and str(names[number]) else f"number {number + 1}"


def _what_is_beyond(value: float, largest: float) -> str:
    if largest == LARGEST_LOGARITHM:
        what, mend = (
            "no logarithm, ratio or z-score",
            "mend it, or run clrna-normalize where all are counts",
        )
    else:
        what, mend = "no expression value", "mend it, or leave it empty where it is missing"
    return f"{value:.6g}, and {what} is beyond {largest:g}; {mend}"
