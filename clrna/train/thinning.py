"""A bounded choice of samples in which no group of them outweighs the others more than it must."""

import numpy as np
from numpy.typing import NDArray


def thinned(groups: NDArray[np.integer], most: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of at most ``most`` samples, in their order.

    Parameters
    ----------
    groups
        Number of each sample's group, shape (samples,).
    most
        How many there may be. Of each group as many are taken as of any other, as far as it has them.
    generator
        Which of a group are taken.
    """
    if len(groups) <= most:
        return np.arange(len(groups))
    mixed = generator.permutation(len(groups))
    rank = np.empty(len(groups), dtype=np.intp)
    for group in np.unique(groups):
        own = mixed[groups[mixed] == group]
        rank[own] = np.arange(len(own))
    # Ties of rank go to whoever comes first in the mixed order, not to the first groups.
    order = mixed[np.argsort(rank[mixed], kind="stable")]
    return np.sort(order[:most])
