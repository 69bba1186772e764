"""The expression behind the embeddings, of the samples that are scored: from memory, or read from the first file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from clrna.encode.matrix import open_matrix
from clrna.io.h5ad import check_is_h5ad
from clrna.io.join import rows_of_first

Reader = Callable[[NDArray[np.intp]], NDArray | None]

# Samples that are read at once, of which those asked for are kept.
_ROWS = 512


def expression_reader(adata: AnnData, paths: Sequence[Path], study_key: str, scratch: Path) -> Reader:
    """Return what gives the expression of some samples of a joined file.

    Parameters
    ----------
    adata
        The joined samples. Where it has values these are taken.
    paths
        The files that were joined.
    study_key
        As for joining.
    scratch
        Folder for temporary files.

    Returns
    -------
    Takes rows of ``adata`` and returns float32 of shape (rows, genes), None where there is no ``X``.
    """
    if adata.X is not None:
        return lambda rows: _dense(adata.X[rows])
    places = rows_of_first(adata.obs_names, paths, study_key)
    if places is None:
        return lambda rows: None

    def read(rows: NDArray[np.intp]) -> NDArray | None:
        check_is_h5ad(paths[0])
        with h5py.File(paths[0], "r") as file:
            if "X" not in file or str(file["X"].attrs.get("encoding-type")) == "null":
                return None
            matrix = open_matrix(file, None, scratch)
            wanted = places[rows]
            values = np.empty((len(wanted), matrix.shape[1]), dtype=np.float32)
            step = _rows_at_once(file["X"])
            for start in range(0, matrix.shape[0], step):
                here = np.flatnonzero((wanted >= start) & (wanted < start + step))
                if len(here):
                    first, last = int(wanted[here].min()), int(wanted[here].max()) + 1
                    values[here] = matrix.rows(first, last)[wanted[here] - first]
            return values

    return read


def _rows_at_once(stored: h5py.Dataset | h5py.Group) -> int:
    """Return about ``_ROWS`` samples, in whole chunks where there are any: part of a chunk takes as long to unpack."""
    rows = stored.chunks[0] if isinstance(stored, h5py.Dataset) and stored.chunks else 1
    return int(max(1, _ROWS // rows) * rows)


def _dense(part: Any) -> NDArray:
    return np.asarray(part.toarray() if sparse.issparse(part) else part, dtype=np.float32)
