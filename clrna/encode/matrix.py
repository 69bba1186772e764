"""An expression matrix on disk, read a few samples at a time."""

from pathlib import Path
from typing import Final, Protocol

import h5py
import numpy as np

from clrna.encode.csc import rows_from_csc
from clrna.errors import InputError
from clrna.io.hdf5.hdf5_guard import elsewhere, linked_elsewhere
from clrna.io.hdf5.narrowed import refuse_other_kinds, refuse_stored
from clrna.io.hdf5.sparse_parts import form_of, indices_fault, starts_fault
from clrna.quoted import listed, quoted, reason_of

# What anndata writes an array as; nothing before version 0.7.
_READABLE: Final = "readable are arrays, CSR and CSC; write it as one of them"
_SPARSE: Final = frozenset({"csr", "csc", "csr_matrix", "csc_matrix"})
_DENSE: Final = frozenset({"", "array"})


class Matrix(Protocol):
    """What the rest of the package needs to know of a matrix on disk."""

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return samples ``start`` to ``stop`` as float32 of shape (samples, genes)."""


class DenseMatrix:
    """A matrix stored as one array."""

    def __init__(self, dataset: h5py.Dataset, name: str) -> None:
        refuse_other_kinds(dataset.dtype, dataset.shape, name)
        self._dataset = dataset
        self._name = name

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self._dataset.shape

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return samples ``start`` to ``stop`` as float32 of shape (samples, genes)."""
        try:
            values = self._dataset.astype(np.float32)[start:stop]
            part = slice(start, stop)
            refuse_stored(self._dataset, part, values, self._name, lambda row, gene: (start + row, gene))
            return values
        except OSError as error:
            raise _damaged(self._name, error) from error


class CsrMatrix:
    """A matrix of which the values other than 0 are stored, sample by sample."""

    def __init__(self, group: h5py.Group, shape: tuple[int, int], name: str) -> None:
        try:
            self._data, self._indices, self._starts = group["data"], group["indices"], group["indptr"][:]
        except (KeyError, OSError) as error:
            raise _damaged(name, error) from error
        fault = starts_fault(self._starts, shape[0], len(self._data), len(self._indices))
        if fault:
            raise InputError(f"{name} {fault}")
        self._shape = shape
        self._name = name

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self._shape

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return samples ``start`` to ``stop`` as float32 of shape (samples, genes)."""
        starts = self._starts[start : stop + 1]
        part = slice(int(starts[0]), int(starts[-1]))
        try:
            data, indices = self._data.astype(np.float32)[part], self._indices[part]
            refuse_stored(
                self._data, part, data, self._name,
                lambda at: (start + int(np.searchsorted(starts - starts[0], at, side="right")) - 1, int(indices[at])),
            )  # fmt: skip
        except OSError as error:
            raise _damaged(self._name, error) from error
        fault = indices_fault(indices, self._shape[1], "genes")
        if fault:
            raise InputError(f"{self._name} {fault}")
        from scipy import sparse  # takes as long to load as many samples to encode, most of which are dense

        shape = (len(starts) - 1, self._shape[1])
        return sparse.csr_matrix((data, indices, starts - starts[0]), shape=shape).toarray()


def open_matrix(file: h5py.File, layer: str | None, scratch: Path) -> Matrix:
    """Return ``X``, or a layer, of an open ``.h5ad``.

    Parameters
    ----------
    file
        The open file.
    layer
        Name of a layer; ``X`` if None.
    scratch
        Folder for a temporary copy of a matrix that is stored gene by gene (CSC).

    Raises
    ------
    InputError
        There is no such matrix, it is in no format that CLRNA reads, or it is damaged. The file's name is
        part of the message.
    """
    where = "X" if layer is None else f"layers/{layer}"
    name = f"{file.filename}: {where}"
    layers = file.get("layers")
    names = listed(list(layers) if isinstance(layers, h5py.Group) else [], 10) or "none"
    if layer is None and (where not in file or str(file[where].attrs.get("encoding-type")) == "null"):
        raise InputError(f"{file.filename}: has no X; name one of its layers with --layer ({names})")
    if where not in file:
        raise InputError(f"{file.filename}: --layer {layer}: no such layer; the file has {names}")
    reason = linked_elsewhere(file.get(where, getlink=True)) or elsewhere(stored := file[where])
    if reason:
        raise InputError(f"{name} {reason}")
    if isinstance(stored, h5py.Dataset):
        told = stored.attrs.get("encoding-type", "")
        told = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        if told not in _DENSE:
            raise InputError(f"{name} is stored as {quoted(told)}, {_READABLE}")
        return DenseMatrix(stored, name)
    kind, shape = form_of(stored)
    if len(shape) != 2 or kind not in _SPARSE:
        raise InputError(f"{name} is stored as {quoted(kind) or 'an unknown kind'}, {_READABLE}")
    if kind.startswith("csr"):
        return CsrMatrix(stored, shape, name)
    return CsrMatrix(rows_from_csc(stored, shape, scratch, name), shape, name)


def _damaged(name: str, error: BaseException) -> InputError:
    return InputError(f"{name} is damaged or truncated ({reason_of(error)}); copy or make it anew")
