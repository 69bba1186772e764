"""Mean of each gene over the finite values of a study, block by block."""

import numpy as np


class FiniteMean:
    """Count and mean of each gene, of the values that are finite, summed in float64.

    Parameters
    ----------
    n_genes
        Width of the blocks.
    """

    def __init__(self, n_genes: int) -> None:
        self.count = np.zeros(n_genes, dtype=np.int64)
        self._sum = np.zeros(n_genes)

    def update(self, values: np.ndarray) -> None:
        """Take in samples, shape (samples, genes); NaN stands for no value."""
        self.count += np.isfinite(values).sum(axis=0)
        self._sum += np.nansum(values, axis=0, dtype=np.float64)

    @property
    def mean(self) -> np.ndarray:
        """Mean of each gene, float64; NaN where there is no value of it."""
        return np.divide(self._sum, self.count, out=np.full(len(self._sum), np.nan), where=self.count > 0)
