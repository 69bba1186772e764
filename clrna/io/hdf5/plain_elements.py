"""The plain elements of an ``.h5ad``, read and written by h5py alone; anndata is loaded for all others.

To load anndata takes longer than a sample takes to encode. What stands here is its layout of arrays, texts, categories,
data frames and mappings, as https://anndata.readthedocs.io/en/stable/fileformat-prose.html has it; a test holds the
bytes against anndata's own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import h5py
import numpy as np
import pandas as pd

_NUMBERS: Final = (bool, int, float, np.bool_, np.integer, np.floating)
_TYPE, _VERSION = "encoding-type", "encoding-version"


class _NotPlainError(Exception):
    """There is something that anndata has to read or write."""


def read_elem(stored: h5py.Group | h5py.Dataset) -> Any:
    """Return an element as anndata reads it, with whatever errors anndata has."""
    try:
        return _read(stored)
    except Exception:  # noqa: BLE001 - what is damaged or unknown is told by anndata, in its words
        try:
            from anndata.io import read_elem as read
        except ImportError:  # anndata 0.10
            from anndata.experimental import read_elem as read
        return read(stored)


def write_elem(group: h5py.Group, name: str, value: Any) -> None:
    """Write an element as anndata writes it, in place of what stands there."""
    if _is_plain(value):
        if name in group:
            del group[name]
        _write(group, name, value)
        return
    try:
        from anndata.io import write_elem as write
    except ImportError:  # anndata 0.10
        from anndata.experimental import write_elem as write
    write(group, name, value)


def _read(stored: h5py.Group | h5py.Dataset) -> Any:
    kind = (str(stored.attrs.get(_TYPE)), str(stored.attrs.get(_VERSION)))
    reader = _READERS.get(kind)
    if reader is None:
        raise _NotPlainError
    return reader(stored)


def _read_frame(group: h5py.Group) -> pd.DataFrame:
    columns, index = _texts(group, "column-order"), _text(group.attrs["_index"])
    content = {name: _read(group[name]) for name in columns}
    frame = pd.DataFrame(content, index=_read(group[index]), columns=columns or None)
    if index != "_index":
        frame.index.name = index
    return frame


def _read_categorical(group: h5py.Group) -> pd.Categorical:
    codes, categories = _read(group["codes"]), _read(group["categories"])
    return pd.Categorical.from_codes(codes, categories=categories, ordered=bool(group.attrs["ordered"]))


def _read_mapping(group: h5py.Group) -> dict[str, Any]:
    return {name: _read(item) for name, item in dict(group).items()}


def _texts(group: h5py.Group, name: str) -> list[str]:
    return [_text(item) for item in group.attrs[name]]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _NotPlainError
    return value


_READERS: Final[Mapping[tuple[str, str], Callable[[Any], Any]]] = {
    ("array", "0.2.0"): lambda stored: stored[()],
    ("string-array", "0.2.0"): lambda stored: stored.asstr()[()],
    ("string", "0.2.0"): lambda stored: stored.asstr()[()],
    ("numeric-scalar", "0.2.0"): lambda stored: stored[()].item(),
    ("categorical", "0.2.0"): _read_categorical,
    ("dataframe", "0.2.0"): _read_frame,
    ("dict", "0.1.0"): _read_mapping,
}


def _is_plain(value: Any) -> bool:
    if type(value) is dict:
        return all(type(name) is str and name and "/" not in name and _is_plain(item) for name, item in value.items())
    if type(value) is np.ndarray:
        of_text = value.dtype.kind == "O" and all(isinstance(item, str) for item in value.flat)
        return value.ndim > 0 and (of_text or value.dtype.kind in "biufU")
    if type(value) is pd.Categorical:
        return _is_plain(value.categories.to_numpy())
    return isinstance(value, (str, *_NUMBERS))


def _write(group: h5py.Group, name: str, value: Any) -> None:
    text = h5py.string_dtype()
    version = "0.2.0"
    if isinstance(value, dict):
        kind, version = "dict", "0.1.0"
        inner = group.require_group(name)
        for key, item in value.items():
            _write(inner, key, item)
    elif isinstance(value, pd.Categorical):
        kind = "categorical"
        inner = group.require_group(name)
        inner.attrs["ordered"] = bool(value.ordered)
        _write(inner, "codes", value.codes)
        _write(inner, "categories", value.categories.to_numpy())
    elif isinstance(value, np.ndarray) and value.dtype.kind in "OU":
        kind = "string-array"
        group.create_dataset(name, data=value.astype(text), dtype=text)
    elif isinstance(value, np.ndarray):
        kind = "array"
        group.create_dataset(name, data=value, shape=value.shape, dtype=value.dtype)
    elif isinstance(value, str):
        kind = "string"
        group.create_dataset(name, data=np.array(value, dtype=text))
    else:
        kind = "numeric-scalar"
        group.create_dataset(name, data=np.array(value))
    attributes = group[name].attrs
    attributes.setdefault(_TYPE, kind)
    attributes.setdefault(_VERSION, version)
