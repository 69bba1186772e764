"""Standardize genes: to mean 0 and deviation 1 by statistics that are gathered block by block."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clrna.model.row_view import RowView

# A gene varies if its deviation is more than this share of its mean (or of 1): less is rounding of float32.
_RESOLUTION = 1e-6
# Samples that are converted to float64 at once.
_ROWS = 128
# Samples that several steps are taken with while they lie in the processor's cache.
FEW_ROWS = 8


class GeneStatistics:
    """Count, mean and deviation of each gene over samples that come in blocks.

    Blocks are merged in float64, so that the result does not depend on how the samples are cut into
    blocks but for rounding.

    Parameters
    ----------
    n_genes
        Width of the blocks.

    References
    ----------
    Chan, Golub & LeVeque 1983, Algorithms for computing the sample variance: analysis and
    recommendations, doi:10.1080/00031305.1983.10483115.
    """

    def __init__(self, n_genes: int) -> None:
        self.n = 0
        self._mean = np.zeros(n_genes)
        self._squares = np.zeros(n_genes)

    def update(self, values: NDArray | RowView) -> None:
        """Take in samples, shape (samples, genes), finite."""
        for start in range(0, len(values), _ROWS):
            self._merge(np.array(values[start : start + _ROWS], dtype=np.float64))

    def _merge(self, block: NDArray[np.float64]) -> None:
        total = self.n + len(block)
        mean = block.mean(axis=0)
        step = mean - self._mean
        # In place: to ask the system for memory takes longer than to fill it.
        block -= mean
        block *= block
        self._squares += block.sum(axis=0) + step**2 * (self.n * len(block) / total)
        self._mean += step * (len(block) / total)
        self.n = total

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of each gene, shape (genes,); 0 before the first sample."""
        return self._mean.copy()

    @property
    def sd(self) -> NDArray[np.float64]:
        """Deviation of each gene (divisor n), shape (genes,); 0 before the first sample."""
        return np.sqrt(self._squares / max(self.n, 1))

    @property
    def squares(self) -> NDArray[np.float64]:
        """Sum of the squares of each gene about its mean, shape (genes,); 0 before the first sample."""
        return self._squares.copy()

    @classmethod
    def of_rows(cls, values: NDArray | RowView, rows: NDArray) -> "GeneStatistics":
        """Return those of some samples, which are taken a block at a time.

        Parameters
        ----------
        values
            Shape (samples, genes), finite.
        rows
            Numbers of the samples, or a mask.
        """
        found = cls(values.shape[1])
        found.update(RowView(values, np.flatnonzero(rows) if rows.dtype == bool else rows))
        return found


def varies(mean: ArrayLike, sd: ArrayLike) -> NDArray[np.bool_]:
    """Return which genes have a deviation that is more than rounding, shape (genes,)."""
    return np.asarray(sd) > _RESOLUTION * np.maximum(np.abs(mean), 1.0)


def standardize(values: NDArray, mean: ArrayLike, sd: ArrayLike) -> NDArray[np.float32]:
    """Return ``(values - mean) / sd``, 0 for genes that do not vary.

    Parameters
    ----------
    values
        Expression, shape (samples, genes).
    mean, sd
        Of each gene, shape (genes,), in the units of ``values``.
    """
    varying = varies(mean, sd)
    scale = np.divide(1.0, sd, out=np.zeros(len(varying)), where=varying)
    out = np.array(values, dtype=np.float32)
    out -= np.asarray(mean, dtype=np.float32)
    out *= scale.astype(np.float32)
    return out


def standardize_samples(values: NDArray, out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Return each sample less its mean and divided by its deviation over the genes that it has.

    Parameters
    ----------
    values
        Expression, shape (samples, genes), NaN where there is none.
    out
        Where to write, of the same shape; may be ``values``. A new array where not given.

    Returns
    -------
    Shape (samples, genes), NaN where there was none; 0 where a sample does not vary.
    """
    rows = np.asarray(values, dtype=np.float32)
    scores = np.empty(rows.shape, dtype=np.float32) if out is None else out
    for start in range(0, len(rows), FEW_ROWS):
        few = slice(start, start + FEW_ROWS)
        scores[few] = _standardized(rows[few])
    return scores


def _standardized(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    known = np.isfinite(rows)
    counts = np.maximum(known.sum(axis=1, keepdims=True), 1)
    whole = bool(known.all())
    filled = rows if whole else np.where(known, rows, 0)
    mean = filled.sum(axis=1, keepdims=True, dtype=np.float64) / counts
    rest = filled - mean
    if not whole:
        rest[~known] = 0.0
    sd = np.sqrt((rest**2).sum(axis=1, keepdims=True) / counts)
    varying = sd > _RESOLUTION * np.maximum(np.abs(mean), 1.0)
    rest *= varying
    rest /= np.where(varying, sd, 1.0)
    if not whole:
        rest[~known] = np.nan
    return rest
