"""The part of the samples that one set of scores is computed on."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.metrics.neighbors import nearest_neighbors

Nearest = tuple[NDArray[np.intp], NDArray[np.float64]]


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
    _found: dict[tuple[bytes, bool, int], Nearest] = field(default_factory=dict, repr=False, compare=False)

    @property
    def labelled(self) -> NDArray[np.intp]:
        """Rows that have a label."""
        return np.flatnonzero(self.labels != UNLABELLED)

    def nearest(self, rows: NDArray[np.intp], size: int, *, of_other_donors: bool = False) -> Nearest:
        """Return the nearest others of some samples among each other; metrics that ask for the same share the search.

        Parameters
        ----------
        rows
            Which samples.
        size
            Neighbours of each.
        of_other_donors
            Whether no sample of its own donor is a neighbour, or none but itself is left out.

        Returns
        -------
        As :func:`clrna.metrics.neighbors.nearest_neighbors`, row numbers within ``rows``.
        """
        key = (rows.tobytes(), of_other_donors, size)
        if key not in self._found:
            values = self.embedding[rows]
            groups = self.owners[rows] if of_other_donors else np.arange(len(rows))
            self._found[key] = nearest_neighbors(values, values, size, self.distance, groups, groups)
        return self._found[key]
