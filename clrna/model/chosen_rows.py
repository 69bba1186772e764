"""A bounded random choice of rows that come in blocks."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# Samples of a study that its classes are estimated from; more would not tell them better.
_MOST_SAMPLES = 2000
_SEED = 0


class ChosenRows:
    """Rows that were chosen so far; which do not depend on how they were cut into blocks.

    Attributes
    ----------
    rows
        Shape (rows, width).
    """

    def __init__(self, width: int) -> None:
        self.rows = np.zeros((0, width))
        self._keys = np.zeros(0)
        self._generator = np.random.default_rng(_SEED)

    def update(self, rows: NDArray) -> None:
        """Take in a block."""
        self.take(len(rows), rows.__getitem__)

    def take(self, n_rows: int, rows_of: Callable[[NDArray[np.intp]], NDArray]) -> None:
        """Take in a block of ``n_rows`` rows, of which only those are made that are chosen.

        Parameters
        ----------
        n_rows
            Rows of the block.
        rows_of
            Makes the rows of the block that it is given the numbers of, in their order.
        """
        before = len(self._keys)
        keys = np.concatenate([self._keys, self._generator.random(n_rows)])
        kept = np.argsort(keys, kind="stable")[:_MOST_SAMPLES]
        new = np.sort(kept[kept >= before])
        if not new.size:
            return
        place = np.arange(len(keys))
        place[new] = before + np.arange(len(new))
        self.rows = np.concatenate([self.rows, rows_of(new - before)])[place[kept]]
        self._keys = keys[kept]
