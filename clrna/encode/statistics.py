"""Mean and deviation of each gene over the finite values of a study, block by block."""

import numpy as np


class FiniteStatistics:
    """Count, mean and deviation of each gene, of the values that are finite.

    Blocks are merged as of Chan, Golub and LeVeque, Algorithms for computing the sample variance,
    The American Statistician 37 (1983), doi:10.1080/00031305.1983.10483115, in float64.
    """

    def __init__(self, n_genes: int) -> None:
        self.count = np.zeros(n_genes, dtype=np.int64)
        self._mean = np.zeros(n_genes)
        self._squares = np.zeros(n_genes)

    def update(self, values: np.ndarray) -> None:
        """Take in samples, shape (samples, genes); NaN stands for no value."""
        finite = np.isfinite(values)
        added = finite.sum(axis=0)
        total = self.count + added
        mean = _divide(np.where(finite, values, 0.0).sum(axis=0, dtype=np.float64), added)
        squares = (np.where(finite, values - mean, 0.0) ** 2).sum(axis=0, dtype=np.float64)
        step = np.where(added > 0, mean - self._mean, 0.0)
        self._squares += squares + step**2 * _divide(self.count * added, total)
        self._mean += step * _divide(added, total)
        self.count = total

    @property
    def mean(self) -> np.ndarray:
        """Mean of each gene, float32; NaN where the study has no value of it."""
        return np.where(self.count > 0, self._mean, np.nan).astype(np.float32)

    @property
    def sd(self) -> np.ndarray:
        """Deviation of each gene (divisor n), float32; 0 where the study has no value of it."""
        return np.sqrt(_divide(self._squares, self.count)).astype(np.float32)


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
