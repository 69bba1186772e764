"""Principal components of the expression of some samples, for PCR's comparison with before."""

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from clrna.baselines.principal_components import pca
from clrna.score.mixing import PCR_COMPONENTS


def components_of(adata: AnnData, rows: NDArray[np.intp], seed: int) -> tuple[NDArray | None, str]:
    """Return leading principal components of ``X``, or None and the reason why there are none.

    Parameters
    ----------
    adata
        The first file.
    rows
        Samples to take.
    seed
        Seed of the solver.

    Returns
    -------
    Array of shape (rows, components) and '', or None and a reason.
    """
    if adata.X is None:
        return None, "the file has no X to compare with"
    part = adata.X[rows]
    values = np.asarray(part.toarray() if sparse.issparse(part) else part, dtype=np.float32)
    if not np.isfinite(values).all():
        return None, f"X holds {int((~np.isfinite(values)).sum())} values that are not finite; run clrna-normalize"
    if len(values) < 2:
        return None, "there is only one sample"
    return pca(values, min(PCR_COMPONENTS, len(values) - 1, values.shape[1]), seed), ""
