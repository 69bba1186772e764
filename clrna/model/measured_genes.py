"""Which genes a study has measured, told from its values."""

import numpy as np
from numpy.typing import NDArray

# Samples below which a study's constant gene may well be one that is measured.
_FEW = 3


def measured_genes(least: NDArray, most: NDArray, n_samples: int) -> NDArray[np.bool_]:
    """Return which genes have values that are not all one filling, shape (genes,).

    Where a merged file lacks a gene of a study it is filled with a constant. The study's smallest value is none: a
    gene that no sample expresses was measured.

    Parameters
    ----------
    least, most
        Of each gene over the study's samples, shape (genes,); not finite where a gene has no value.
    n_samples
        How many those are; of fewer than three nothing can be told.
    """
    known = np.isfinite(least)
    if n_samples >= _FEW and known.any():
        known &= (most > least) | (least <= least[known].min())
    return known
