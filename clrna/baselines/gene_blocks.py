"""Expression some genes at a time, so that what is computed gene by gene holds little of it in float64."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Values of a block of genes that are held in float64 at once.
_VALUES_IN_MEMORY = 4_000_000


def gene_blocks(values: NDArray) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield which genes a block holds, and their values, a copy, shape (samples, genes of the block).

    Parameters
    ----------
    values
        Expression, shape (samples, genes).
    """
    step = max(1, _VALUES_IN_MEMORY // len(values))
    for start in range(0, values.shape[1], step):
        genes = slice(start, min(start + step, values.shape[1]))
        yield genes, np.array(values[:, genes], dtype=np.float64)
