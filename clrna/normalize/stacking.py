"""Put matrices with the same columns on top of each other, dense or sparse."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse


def stacked(arrays: Sequence[Any]) -> Any:
    """Return the rows of all matrices in their order; sparse (CSR) if any of them is."""
    if any(sparse.issparse(array) for array in arrays):
        return sparse.vstack([sparse.csr_matrix(array) for array in arrays], format="csr")
    return np.concatenate([np.asarray(array) for array in arrays])
