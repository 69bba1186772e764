"""A sample of the samples, where there are too many to draw or to score."""

import numpy as np
from numpy.typing import NDArray


def stratified_sample(strata: NDArray, at_most: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Choose samples so that small groups stay there.

    Parameters
    ----------
    strata
        Group of each sample, shape (samples,), e.g. study and label together.
    at_most
        How many to choose; all where there are no more.
    seed
        Of the draw within each group.

    Returns
    -------
    Positions in ascending order. Each group keeps its share, rounded up, so that none vanishes while
    there is room for one of each; what that makes too many is taken from the largest groups.
    """
    total = len(strata)
    if total <= at_most:
        return np.arange(total)
    generator = np.random.default_rng(seed)
    _, group, sizes = np.unique(strata.astype(str), return_inverse=True, return_counts=True)
    quota = np.ceil(sizes * (at_most / total)).astype(int)
    while quota.sum() > at_most:
        largest = int(quota.argmax())
        quota[largest] -= 1
    chosen = [
        generator.choice(np.flatnonzero(group == number), size=count, replace=False)
        for number, count in enumerate(quota)
        if count
    ]
    return np.sort(np.concatenate(chosen))


def by_study_and_label(studies: NDArray, labels: NDArray) -> NDArray:
    """Return the group of each sample in which study and label go together."""
    return np.array([f"{study}\t{label}" for study, label in zip(studies, labels, strict=True)])
