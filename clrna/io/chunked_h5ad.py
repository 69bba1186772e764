"""Write an ``.h5ad`` whose matrix comes block by block, so that nobody holds all of it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import h5py
import numpy as np
from anndata import AnnData

from clrna.io.atomic import replacing
from clrna.io.h5ad import make_plain

# Rows of an HDF5 chunk are so many that it stays below the 1 MB that HDF5 keeps of what was read last.
_CHUNK_BYTES = 700_000


def write_blocks(path: Path, blocks: Iterable[np.ndarray], n_genes: int, describe: Callable[[], AnnData]) -> None:
    """Write samples as they come.

    The matrix is not compressed: numbers read from text with three digits hardly shrink, and deflating them would
    take several times as long as all the rest.

    Parameters
    ----------
    path
        File to write, whole or not at all.
    blocks
        Arrays of shape (samples, genes), float32.
    n_genes
        Number of genes.
    describe
        Called when all samples have come; returns all but ``X``.
    """
    rows = max(1, _CHUNK_BYTES // (4 * max(n_genes, 1)))
    with replacing(path) as temporary:
        with h5py.File(temporary, "w") as file:
            matrix = file.create_dataset(
                "X", (0, n_genes), np.float32, maxshape=(None, n_genes), chunks=(rows, n_genes)
            )
            matrix.attrs["encoding-type"] = "array"
            matrix.attrs["encoding-version"] = "0.2.0"
            n_samples = 0
            for block in blocks:
                matrix.resize(n_samples + len(block), axis=0)
                matrix[n_samples:] = block
                n_samples += len(block)
            _add_rest(file, describe(), temporary)


def _add_rest(file: h5py.File, adata: AnnData, beside: Path) -> None:
    """Add all that anndata writes beside ``X``."""
    scratch = beside.with_name(beside.name + ".rest.h5ad")
    make_plain(adata)
    try:
        adata.write_h5ad(scratch)
        with h5py.File(scratch, "r") as rest:
            for name in rest:
                if name != "X":
                    rest.copy(name, file)
            for name, value in rest.attrs.items():
                file.attrs[name] = value
    finally:
        scratch.unlink(missing_ok=True)
