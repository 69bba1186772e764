"""The expression behind the embeddings, of the samples that are scored: from memory, or read from the first file."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from clrna.encode.matrix import Matrix, open_matrix
from clrna.errors import InputError
from clrna.io.hdf5.h5ad import check_is_h5ad
from clrna.io.hdf5.opened import opened
from clrna.io.output.scratch import scratch

Reader = Callable[[NDArray[np.intp]], NDArray | None]

# Samples that are read at once, of which those asked for are kept: so few that the allocator keeps their memory.
_ROWS = 256


@contextlib.contextmanager
def expression_reader(
    adata: AnnData,
    path: Path,
    places: NDArray[np.intp] | None,
    genes: NDArray[np.bool_],
    wanted: NDArray[np.intp] | None = None,
) -> Iterator[Reader]:
    """Yield what gives the expression of some samples of a joined file, which is read once.

    It takes rows of ``adata`` and returns float32 of shape (rows, genes asked for), None where there is no ``X``.

    Parameters
    ----------
    adata
        The joined samples. Where it has values these are taken.
    path
        The first of the files that were joined.
    places
        Row of each sample in that file, from :func:`clrna.io.metadata.join.rows_of_first`; None where it is not to be
        read.
    genes
        Which genes to give, shape (genes,): those that all studies measured, what fills the others being no expression.
    wanted
        Rows of ``adata`` that will be asked for, some now and some later; None where all are asked for at once.

    Raises
    ------
    InputError
        ``X`` is damaged, or is not of the samples and genes of the file.
    """
    if adata.X is not None or places is None:
        yield lambda rows: None if adata.X is None else _of_genes(_dense(adata.X[rows]), genes)
        return
    check_is_h5ad(path)
    with scratch("score") as folder, opened(path) as file:
        if "X" not in file or str(file["X"].attrs.get("encoding-type")) == "null":
            yield lambda rows: None
            return
        matrix = open_matrix(file, None, folder)
        if matrix.shape[0] <= places.max() or matrix.shape[1] != adata.n_vars:
            expected = f"{places.max() + 1} samples or more and {adata.n_vars} genes"
            raise InputError(f"{path}: X has {matrix.shape} values, obs and var {expected}; make the file anew")
        step = _rows_at_once(file["X"])
        if wanted is None:
            yield lambda rows: _of_genes(_rows_of(matrix, places[rows], step), genes)
            return
        unpacked = _Unpacked(matrix, step, np.sort(places[wanted]), genes, folder / "expression.float32")
        yield lambda rows: unpacked.rows_at(places[rows])


class _Unpacked:
    """What is wanted of a matrix, read from disk once, and kept in a temporary file of nothing else.

    To unpack it takes longer than all that is done with it.
    """

    def __init__(
        self, matrix: Matrix, step: int, wanted: NDArray[np.intp], genes: NDArray[np.bool_], path: Path
    ) -> None:
        self._matrix, self._step, self._wanted, self._genes, self._path = matrix, step, wanted, genes, path

    def rows_at(self, places: NDArray[np.intp]) -> NDArray:
        """Return the samples that have these places in the matrix."""
        if not self._path.exists():
            self._unpack()
        values = np.empty((len(places), int(self._genes.sum())), dtype=np.float32)
        with self._path.open("rb", buffering=0) as file:
            for row, place in zip(values, np.searchsorted(self._wanted, places), strict=True):
                file.seek(int(place) * row.nbytes)
                file.readinto(row.data)
        return values

    def _unpack(self) -> None:
        with self._path.open("wb") as file:
            for _, block in _blocks(self._matrix, self._wanted, self._step):
                _of_genes(block, self._genes).tofile(file)


def _rows_of(matrix: Matrix, wanted: NDArray[np.intp], step: int) -> NDArray:
    """Return some rows of a matrix on disk, of which ``step`` are read at once."""
    values = np.empty((len(wanted), matrix.shape[1]), dtype=np.float32)
    for here, block in _blocks(matrix, wanted, step):
        values[here] = block
    return values


def _blocks(matrix: Matrix, wanted: NDArray[np.intp], step: int) -> Iterator[tuple[NDArray[np.intp], NDArray]]:
    """Yield some rows of a matrix on disk in its order, with their places in ``wanted``; ``step`` are read at once."""
    for start in range(0, matrix.shape[0], step):
        here = np.flatnonzero((wanted >= start) & (wanted < start + step))
        if len(here):
            first, last = int(wanted[here].min()), int(wanted[here].max()) + 1
            yield here, matrix.rows(first, last)[wanted[here] - first]


def _rows_at_once(stored: h5py.Dataset | h5py.Group) -> int:
    """Return about ``_ROWS`` samples, in whole chunks where there are any: part of a chunk takes as long to unpack."""
    rows = stored.chunks[0] if isinstance(stored, h5py.Dataset) and stored.chunks else 1
    return int(max(1, _ROWS // rows) * rows)


def _of_genes(values: NDArray, genes: NDArray[np.bool_]) -> NDArray:
    return values if genes.all() else np.ascontiguousarray(values[:, genes])


def _dense(part: Any) -> NDArray:
    return np.asarray(part.toarray() if sparse.issparse(part) else part, dtype=np.float32)
