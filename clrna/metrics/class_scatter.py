"""How classes scatter around their means, what the metrics of compactness are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class Classes:
    """Samples sorted by class, so that weighted means cost one pass over the values.

    An interval asks hundreds of times for the same metric with other weights; what does not depend on
    the weights is done here once.

    Parameters
    ----------
    embedding
        Shape (samples, features).
    labels
        Class of each sample.
    """

    def __init__(self, embedding: NDArray, labels: NDArray) -> None:
        names, codes = np.unique(labels, return_inverse=True)
        self._order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(names)))
        self._parts = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        values = np.asarray(embedding, dtype=np.float64)
        # Centered, since squared distances are computed from squares, which would lose digits far from 0.
        self._values = (values - values.mean(axis=0))[self._order]
        self._squares = np.einsum("ij,ij->i", self._values, self._values)

    def weighted(self, weights: NDArray | None = None) -> "Scatter":
        """Return the scatter with each sample counting as often as its weight says, once if None.

        Parameters
        ----------
        weights
            Shape (samples,), in the order of the embedding. Classes without weight are left out.
        """
        given = np.ones(len(self._order)) if weights is None else np.asarray(weights, dtype=np.float64)
        counts = given[self._order]
        parts = [part for part in self._parts if counts[part].sum() > 0]
        sizes = np.array([counts[part].sum() for part in parts])
        sums = np.array([counts[part] @ self._values[part] for part in parts]).reshape(len(parts), -1)
        means = sums / sizes[:, None]
        return Scatter(self._values, self._squares, counts, parts, sizes, means)


@dataclass(frozen=True)
class Scatter:
    """The classes that carry weight, and how their samples lie around their means."""

    values: NDArray[np.float64]
    squares: NDArray[np.float64]
    counts: NDArray[np.float64]
    parts: list[slice]
    sizes: NDArray[np.float64]  # weight of each class
    means: NDArray[np.float64]  # shape (classes, features)

    @property
    def between(self) -> float:
        """Squared distances of the class means to the mean of all, weighted by the classes' sizes."""
        center = self.sizes @ self.means / self.sizes.sum()
        return float(self.sizes @ ((self.means - center) ** 2).sum(axis=1))

    @property
    def within(self) -> float:
        """Squared distances of the samples to the mean of their class, summed."""
        total = float(self.counts @ self.squares)
        return max(0.0, total - float(self.sizes @ (self.means**2).sum(axis=1)))

    def mean_distances(self) -> NDArray[np.float64]:
        """Return the mean euclidean distance of each class's samples to their mean."""
        result = np.empty(len(self.parts))
        for i, part in enumerate(self.parts):
            mean = self.means[i]
            squared = self.squares[part] - 2.0 * (self.values[part] @ mean) + mean @ mean
            result[i] = self.counts[part] @ np.sqrt(np.maximum(squared, 0.0)) / self.sizes[i]
        return result
