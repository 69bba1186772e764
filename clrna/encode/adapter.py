"""What encodes a study by statistics of its own."""

from typing import Protocol

import numpy as np


class Adapter(Protocol):
    """What encodes a study by its own statistics, learned in passes over its samples.

    Attributes
    ----------
    n_passes
        Passes that it takes.
    mean, sd
        What the study is standardized by afterwards, shape (genes,).
    """

    n_passes: int
    mean: np.ndarray
    sd: np.ndarray

    def update(self, number: int, values: np.ndarray) -> None:
        """Take in samples of the study in pass ``number``."""

    def finish(self, number: int) -> None:
        """End pass ``number``."""

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the codes of samples of the study."""
