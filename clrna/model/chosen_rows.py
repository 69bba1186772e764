"""A bounded random choice of rows that come in blocks."""

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
        keys = np.concatenate([self._keys, self._generator.random(len(rows))])
        kept = np.argsort(keys, kind="stable")[:_MOST_SAMPLES]
        self.rows = np.concatenate([self.rows, rows])[kept]
        self._keys = keys[kept]
