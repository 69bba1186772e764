"""Parts of an ``.h5ad`` one at a time, so that the rest can stay on disk."""

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import pandas as pd

from clrna.io.hdf5.plain_elements import read_elem, write_elem

__all__ = ["add_columns", "new_matrix", "read_elem", "replace", "simplify_encodings", "write_elem"]

# What anndata writes since 0.11 and 0.10 cannot read.
_NULL = "null"
_NULLABLE_TEXT = "nullable-string-array"
# Values of a matrix that are compressed together: a few hundred kilobytes, whatever its width.
_CHUNK_ROWS = 64
_CHUNK_COLUMNS = 1024


def new_matrix(file: h5py.File, where: str, shape: tuple[int, int]) -> h5py.Dataset:
    """Make room for a float32 matrix, in place of what stands there, and return it to be filled."""
    parent, _, name = where.rpartition("/")
    if parent not in file:
        write_elem(file, parent, {})
    if where in file:
        del file[where]
    chunks = (min(_CHUNK_ROWS, shape[0]), min(_CHUNK_COLUMNS, shape[1]))
    dataset = file[parent].create_dataset(
        name, shape, np.float32, chunks=chunks, compression="gzip", shuffle=True, track_times=False
    )
    dataset.attrs["encoding-type"] = "array"
    dataset.attrs["encoding-version"] = "0.2.0"
    return dataset


def add_columns(frame: h5py.Group, columns: Mapping[str, np.ndarray | pd.Categorical]) -> None:
    """Add columns to a stored data frame, or replace those of the same name."""
    order = [str(name) for name in frame.attrs["column-order"]]
    for name, values in columns.items():
        replace(frame, name, values)
        if name not in order:
            order.append(name)
    frame.attrs["column-order"] = np.array(order, dtype=h5py.string_dtype())


def replace(group: h5py.Group, name: str, value: Any) -> None:
    """Write an element in place of what stands there."""
    if name in group:
        del group[name]
    write_elem(group, name, value)


def simplify_encodings(file: h5py.File) -> None:
    """Rewrite what anndata 0.10 cannot read: leave out None, turn nullable text into categories."""
    found: dict[str, str] = {}

    def collect(where: str, item: h5py.Group | h5py.Dataset) -> None:
        kind = str(item.attrs.get("encoding-type", ""))
        if kind in (_NULL, _NULLABLE_TEXT):
            found[where] = kind

    file.visititems(collect)
    for where, kind in found.items():
        parent, _, name = where.rpartition("/")
        group = file[parent or "/"]
        if kind == _NULL:
            del group[name]
            continue
        text = pd.Series(read_elem(group[name]), dtype=object)
        is_column = name in list(group.attrs.get("column-order", ()))
        replace(group, name, pd.Categorical(text) if is_column else text.fillna("").to_numpy(dtype=object))
