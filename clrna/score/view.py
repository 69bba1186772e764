"""The part of the samples that one set of scores is computed on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED


@dataclass(frozen=True)
class View:
    """Some samples of one embedding, and what the cluster and mixing metrics need to know of them."""

    embedding: NDArray  # shape (samples, features)
    labels: NDArray  # text, '' where there is none
    studies: NDArray  # text
    owners: NDArray[np.intp]  # donor of each, as numbers
    label_key: str
    n_neighbors: int
    distance: str
    expression: NDArray | None = None  # principal components of the expression of the same samples
    expression_reason: str = ""  # why there are none

    @property
    def labelled(self) -> NDArray[np.intp]:
        """Rows that have a label."""
        return np.flatnonzero(self.labels != UNLABELLED)
