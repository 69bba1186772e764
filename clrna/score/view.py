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


def stratified_rows(rows: NDArray[np.intp], strata: NDArray, max_samples: int, seed: int) -> NDArray[np.intp]:
    """Return about ``max_samples`` of ``rows``, every stratum in its proportion and with one at least.

    Parameters
    ----------
    rows
        Candidates, in rising order.
    strata
        Stratum of each candidate.
    max_samples
        How many to take at most, but for rounding.
    seed
        Seed of the choice.

    Returns
    -------
    All of ``rows`` if they are few enough, else a choice, in rising order.
    """
    if len(rows) <= max_samples:
        return rows
    generator = np.random.default_rng(seed)
    _, codes = np.unique(strata, return_inverse=True)
    chosen = []
    for code in range(int(codes.max()) + 1):
        members = rows[codes == code]
        size = max(1, round(max_samples * len(members) / len(rows)))
        chosen.append(generator.choice(members, size, replace=False))
    return np.sort(np.concatenate(chosen))
