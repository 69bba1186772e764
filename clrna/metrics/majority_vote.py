"""The class that most neighbours have."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.neighbors import NO_NEIGHBOR

NO_CLASS = -1


def majority_vote(neighbors: NDArray[np.intp], classes: NDArray[np.intp], n_classes: int) -> NDArray[np.intp]:
    """Return the class that most of each sample's neighbours have.

    Where several classes have as many votes the one whose neighbour is closest wins.

    Parameters
    ----------
    neighbors
        Row numbers in ``classes``, closest first, -1 for none; shape (samples, neighbours).
    classes
        Class of each reference sample, from 0.
    n_classes
        Number of classes.

    Returns
    -------
    Class of each sample, -1 where it has no neighbour.
    """
    votes = np.zeros((len(neighbors), n_classes))
    rows = np.arange(len(neighbors))
    for place in range(neighbors.shape[1] - 1, -1, -1):
        there = neighbors[:, place] != NO_NEIGHBOR
        voters, voted = rows[there], classes[neighbors[there, place]]
        votes[voters, voted] = np.floor(votes[voters, voted]) + 1
        # A fraction that is larger the closer the class's best neighbour is decides between equal counts.
        votes[voters, voted] += 1.0 / (place + 2)
    if n_classes == 0:
        return np.full(len(neighbors), NO_CLASS)
    return np.where(votes.max(axis=1) > 0, votes.argmax(axis=1), NO_CLASS)
