"""Expression that a correction shifts and stretches study by study, worked out block by block and never held whole."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Samples that are worked out at once where all are wanted.
_ROWS = 512


@dataclass(frozen=True)
class Adjusted:
    """``values * factor + offset``, with a factor and an offset of each gene in each study.

    Attributes
    ----------
    values
        Expression, shape (samples, genes); not copied.
    codes
        Number of each sample's study, shape (samples,).
    factor, offset
        Shape (studies, genes), float64.
    covariates, effects
        What of a sample is not stretched: ``covariates @ effects * (1 - factor)`` is added; shapes (samples,
        covariates) and (covariates, genes), None for nothing.
    """

    values: NDArray
    codes: NDArray[np.intp]
    factor: NDArray[np.float64]
    offset: NDArray[np.float64]
    covariates: NDArray[np.float64] | None = None
    effects: NDArray[np.float64] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self.values.shape[0], self.values.shape[1]

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.values)

    def __getitem__(self, rows: slice) -> NDArray[np.float64]:
        """Return some samples, float64 of shape (samples, genes)."""
        block = np.array(self.values[rows], dtype=np.float64)
        codes = self.codes[rows]
        for study in np.unique(codes):
            own = codes == study
            part = block[own] * self.factor[study] + self.offset[study]
            if self.covariates is not None and self.effects is not None:
                part += self.covariates[rows][own] @ self.effects * (1.0 - self.factor[study])
            block[own] = part
        return block

    def whole(self) -> NDArray[np.float32]:
        """Return all samples, shape (samples, genes)."""
        result = np.empty(self.shape, dtype=np.float32)
        for start in range(0, len(self), _ROWS):
            result[start : start + _ROWS] = self[start : start + _ROWS]
        return result
