"""Cells of a table as numbers, one by one and by Python's own rules.

pandas' ``to_numeric`` counts an exponent in 32 bits: ``1e2147483648``, or ``0e999403577276``, ends the process.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def cell_numbers(cells: Iterable[Any]) -> NDArray[np.float64]:
    """Return cells as numbers, NaN where a cell is none, shape (cells,).

    Parameters
    ----------
    cells
        Text, numbers, or nothing (None, NaN). Blanks around a number are allowed, underscores inside are not.
    """
    return np.fromiter(map(_number, cells), dtype=np.float64)


def _number(cell: Any) -> float:
    if isinstance(cell, str) and "_" in cell:
        return math.nan
    try:
        return float(cell)
    except OverflowError:  # a whole number beyond all floats
        return math.inf if cell > 0 else -math.inf
    except (TypeError, ValueError):
        return math.nan
