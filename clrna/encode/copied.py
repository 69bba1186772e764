"""Whether what is copied from an input as it stands, without being used, can be read by the steps that come after."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import h5py

from clrna.encode import elements
from clrna.errors import InputError
from clrna.io.hdf5.anndata_errors import element_of, why_not_read
from clrna.io.hdf5.sparse_parts import form_of

_MAPPINGS: Final = ("layers", "obsm", "varm", "obsp", "varp")
_SINGLE: Final = ("uns", "X", "raw/X", "raw/var", "raw/varm")
# How matrices of numbers are stored, which need not be read: '' is anndata's way before 0.7.
_OF_ARRAYS: Final = (("array", "0.2.0"), ("", ""))
_OF_SPARSE: Final = (("csr_matrix", "0.1.0"), ("csc_matrix", "0.1.0"))


def check_copied(file: h5py.File, path: Path) -> None:
    """Raise InputError where an element of an input is nothing that AnnData's library can read.

    Parameters
    ----------
    file, path
        The open file and its name.
    """
    for where, item in _elements(file):
        if not _holds_numbers(item):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # anndata's about files of its older versions, which are read well
                    elements.read_elem(item)
            except Exception as error:  # anndata raises what h5py, pandas or its own registry happens to raise
                raise InputError(f"{path}: {element_of(error) or where} {why_not_read(error)}") from error


def _elements(file: h5py.File) -> Iterator[tuple[str, h5py.Group | h5py.Dataset]]:
    yield from ((where, file[where]) for where in _SINGLE if where in file)
    for above in _MAPPINGS:
        if isinstance(group := file.get(above), h5py.Group):
            yield from ((f"{above}/{name}", group[name]) for name in group)


def _holds_numbers(item: h5py.Group | h5py.Dataset) -> bool:
    """Whether an element is a matrix of numbers of a kind that all readers know."""
    stored = (form_of(item)[0], str(item.attrs.get("encoding-version", "")))
    values = item if isinstance(item, h5py.Dataset) else item.get("data")
    known = _OF_ARRAYS if isinstance(item, h5py.Dataset) else _OF_SPARSE
    return stored in known and isinstance(values, h5py.Dataset) and values.dtype.kind in "biufc"
