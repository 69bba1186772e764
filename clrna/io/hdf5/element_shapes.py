"""Whether all that an ``.h5ad`` holds fits its samples and genes, where it is copied without being read."""

from collections.abc import Mapping
from typing import Final

import h5py
import numpy as np

from clrna.io.hdf5.sparse_parts import form_of
from clrna.quoted import in_quotes, quoted

_OBS, _VAR = "obs", "var"
# What stands at the top of a file, and which axes each element of it, or in it, has.
_WHOLE: Final[Mapping[str, tuple[str, ...]]] = {"X": (_OBS, _VAR), "raw/X": (_OBS,)}
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "layers": (_OBS, _VAR),
    "obsm": (_OBS,),
    "varm": (_VAR,),
    "obsp": (_OBS, _OBS),
    "varp": (_VAR, _VAR),
}
# What AnnData takes there as a group.
_KINDS: Final = ("csr", "csc", "dataframe", "awkward-array")
_TOP: Final = frozenset({"X", "obs", "var", "raw", "uns", *_PARTS})


def misfit(file: h5py.File, n_samples: int, n_genes: int) -> str:
    """Return what does not fit in an open file that has so many samples and genes, '' where all does.

    Elements of which the shape is not told by what is stored, such as ragged arrays, are left alone.
    """
    strangers = sorted(name for name in set(file) - _TOP if not name.startswith("raw."))  # as of anndata before 0.8
    if strangers:
        return f"holds {in_quotes(strangers[0])}, which is no part of AnnData; remove it"
    lengths = {_OBS: n_samples, _VAR: n_genes}
    elements = {name: (file[name], axes) for name, axes in _WHOLE.items() if name in file}
    for where, axes in _PARTS.items():
        if isinstance(group := file.get(where), h5py.Group):
            own = {f"{where}/{quoted(name)}": group[name] for name in group}
            for name, item in own.items():
                if kind := _of_another_kind(item):
                    return f"{name} is {kind}, where AnnData has arrays and tables; remove it"
            elements |= {name: (item, axes) for name, item in own.items()}
    for name, (item, axes) in elements.items():
        shape, wanted = shape_of(item), tuple(lengths[axis] for axis in axes)
        if shape and shape[: len(wanted)] != wanted:
            return f"{name} has the shape {shape}, obs and var {(n_samples, n_genes)}; make the file anew"
    return ""


def _of_another_kind(item: h5py.Group | h5py.Dataset) -> str:
    """Return what an element is that is neither array, matrix nor table, '' where it is one."""
    if isinstance(item, h5py.Dataset):
        return "" if item.shape else "a single value"
    kind, _ = form_of(item)
    return "" if kind.startswith(_KINDS) else f"stored as {in_quotes(kind)}" if kind else "a group"


def shape_of(item: h5py.Group | h5py.Dataset) -> tuple[int, ...]:
    """Return the shape of an array, a sparse matrix or a data frame, empty for all else."""
    if isinstance(item, h5py.Dataset):
        return item.shape or ()
    kind, shape = form_of(item)
    if kind.startswith(("csr", "csc")):
        return shape
    index = item.get(str(np.asarray(item.attrs.get("_index", "")).reshape(-1)[0])) if "_index" in item.attrs else None
    return (len(index),) if kind == "dataframe" and isinstance(index, h5py.Dataset) and index.shape else ()
