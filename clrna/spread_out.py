"""Some of many samples, evenly spread over all: enough to tell what all are like."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def spread_out(number: int, most: int) -> NDArray[np.intp]:
    """Return the numbers of up to ``most`` of so many things, from the first to the last, ascending.

    Parameters
    ----------
    number
        How many there are.
    most
        How many are wanted.
    """
    return np.unique(np.linspace(0, number - 1, min(most, number)).astype(np.intp))


def finite_rows(values: NDArray, most: int) -> Iterator[NDArray[np.float64]]:
    """Yield what is finite of up to ``most`` samples, spread over all, in float64.

    Parameters
    ----------
    values
        Shape (samples, genes).
    most
        How many samples are wanted.
    """
    for index in spread_out(len(values), most):
        row = values[index].astype(np.float64)
        yield row[np.isfinite(row)]
