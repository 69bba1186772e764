"""Write an ``.h5ad`` whose matrices come block by block, so that nobody holds all of them."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import h5py
import numpy as np
from anndata import AnnData

from clrna.io.hdf5.anndata_errors import elements_named
from clrna.io.hdf5.h5ad import make_plain
from clrna.io.output import beside
from clrna.io.output.atomic import replacing

# Rows of an HDF5 chunk are so many that it stays below the 1 MB that HDF5 keeps of what was read last.
_CHUNK_BYTES = 700_000


def write_blocks(
    path: Path, blocks: Iterable[Mapping[str, np.ndarray]], n_genes: int, describe: Callable[[], AnnData]
) -> None:
    """Write samples as they come.

    Matrices are not compressed: numbers read from text with three digits hardly shrink, and deflating them would
    take several times as long as all the rest.

    Parameters
    ----------
    path
        File to write, whole or not at all.
    blocks
        By name, ``X`` and such as ``layers/tpm``, arrays of shape (samples, genes), float32; the same names in each.
    n_genes
        Number of genes.
    describe
        Called when all samples have come; returns everything else.
    """
    with replacing(path) as temporary:
        with h5py.File(temporary, "w") as file:
            for block in blocks:
                for name, values in block.items():
                    _append(file, name, values, n_genes)
            rest = describe()
            with elements_named(path):
                _add_rest(file, rest, temporary)


def _append(file: h5py.File, name: str, values: np.ndarray, n_genes: int) -> None:
    if name not in file:
        rows = max(1, _CHUNK_BYTES // (4 * n_genes))
        new = file.create_dataset(name, (0, n_genes), np.float32, maxshape=(None, n_genes), chunks=(rows, n_genes))
        new.attrs["encoding-type"] = "array"
        new.attrs["encoding-version"] = "0.2.0"
    matrix = file[name]
    before = len(matrix)
    matrix.resize(before + len(values), axis=0)
    matrix[before:] = values


def _add_rest(file: h5py.File, adata: AnnData, path: Path) -> None:
    """Add all that anndata writes beside the matrices."""
    scratch = beside.note(path.with_name(path.name + ".rest.h5ad"))
    try:
        make_plain(adata)
        adata.write_h5ad(scratch)
        with h5py.File(scratch, "r") as rest:
            for name in rest:
                if name not in file:
                    rest.copy(name, file)
                elif name != "X":
                    file[name].attrs.update(rest[name].attrs)
            file.attrs.update(rest.attrs)
    finally:
        beside.remove(scratch)
