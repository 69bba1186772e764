"""Check the parts of a sparse matrix before they are used: the code that uses them trusts them.

``indptr`` says where each row begins (each column of a CSC matrix), ``indices`` in which column each value stands. One
that points outside is followed into memory that is not the matrix's.
"""

import sys
from collections.abc import Mapping
from typing import Any, Final

import h5py
import numpy as np

from clrna.errors import InputError
from clrna.quoted import quoted

_FIT: Final = "is damaged: its data, indices and indptr do not fit together; make the file anew"
_PARTS: Final = ("data", "indices", "indptr")


def is_sparse(value: object) -> bool:
    """Whether a value is one of scipy's sparse matrices; nothing is where that part of scipy is not loaded."""
    module = sys.modules.get("scipy.sparse")
    return module is not None and bool(module.issparse(value))


def starts_fault(starts: np.ndarray, n_lines: int, n_data: int, n_indices: int) -> str:
    """Return what is wrong with where the lines begin, '' where nothing is.

    Parameters
    ----------
    starts
        ``indptr``.
    n_lines
        Rows of a CSR matrix, columns of a CSC matrix.
    n_data, n_indices
        Lengths of ``data`` and ``indices``.
    """
    if starts.ndim != 1 or starts.dtype.kind not in "iu" or len(starts) != n_lines + 1:
        return _FIT
    if int(starts[0]) != 0 or not int(starts[-1]) == n_data == n_indices or (starts[1:] < starts[:-1]).any():
        return _FIT
    return ""


def indices_fault(indices: np.ndarray, n_across: int, across: str = "columns") -> str:
    """Return what is wrong with where values stand, '' where nothing is."""
    if indices.dtype.kind not in "iu":
        return _FIT
    if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < n_across:
        return f"is damaged: it points outside its {n_across} {across}; make the file anew"
    return ""


def refuse_outside(name: str, value: Any) -> None:
    """Raise InputError where a CSR or CSC matrix in memory points outside itself; all other values are left alone.

    Unsigned indices, which scipy reads from a file as they are but cannot work with, become signed ones, in place.

    Parameters
    ----------
    name
        File and object, for the error.
    value
        A matrix, a mapping of values, or anything else.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            refuse_outside(f"{name}/{quoted(key)}", inner)
    elif is_sparse(value) and value.format in ("csr", "csc"):
        by_row = value.format == "csr"
        fault = indices_fault(value.indices, value.shape[1 if by_row else 0], "columns" if by_row else "rows")
        if fault:
            raise InputError(f"{name} {fault}")
        if "u" in (value.indices.dtype.kind, value.indptr.dtype.kind):
            value.indices, value.indptr = value.indices.astype(np.int64), value.indptr.astype(np.int64)


def form_of(group: h5py.Group) -> tuple[str, tuple[int, ...]]:
    """Return what kind of matrix a group says that it holds, and its shape, empty where it does not say."""
    # The second name of each is what anndata wrote before version 0.7.
    kind = str(group.attrs.get("encoding-type", group.attrs.get("h5sparse_format", "")))
    shape = np.atleast_1d(group.attrs.get("shape", group.attrs.get("h5sparse_shape", ())))
    if shape.dtype.kind not in "iu":
        shape = np.array((), dtype=int)
    return kind, tuple(int(length) for length in shape)


def pointers_fault(group: h5py.Group) -> str:
    """Return what is wrong with a stored matrix as far as its pointers tell, '' where nothing is or it is no matrix."""
    kind, shape = form_of(group)
    if kind[:3] not in ("csr", "csc"):
        return ""
    parts = [group.get(name) for name in _PARTS]
    if len(shape) != 2 or min(shape) < 0 or any(not isinstance(part, h5py.Dataset) or part.ndim != 1 for part in parts):
        return _FIT
    data, indices, starts = parts
    if indices.dtype.kind not in "iu" or data.dtype.kind not in "fiub":
        return _FIT
    n_lines = shape[0] if kind.startswith("csr") else shape[1]
    if len(starts) != n_lines + 1:
        return _FIT
    return starts_fault(starts[:], n_lines, len(data), len(indices))
