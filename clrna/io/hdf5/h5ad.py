"""Read and write ``.h5ad``, with errors a user can act on and encodings that older readers know."""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import h5py
import numpy as np
import pandas as pd

from clrna.constants import UNS
from clrna.errors import InputError
from clrna.io.hdf5.anndata_errors import element_of, elements_named, why_not_read
from clrna.io.hdf5.element_shapes import misfit, shape_of
from clrna.io.hdf5.frame_check import check_frame
from clrna.io.hdf5.hdf5_guard import check_hdf5
from clrna.io.hdf5.narrowed import as_float32
from clrna.io.hdf5.opened import opened
from clrna.io.hdf5.sparse_parts import refuse_outside
from clrna.io.output.atomic import replacing
from clrna.io.provenance import records_fault
from clrna.io.regular import refuse_no_file
from clrna.io.text.first_bytes import first_bytes
from clrna.quoted import in_quotes, listed, quoted
from clrna.stages import stage

if TYPE_CHECKING:
    from anndata import AnnData

logger = logging.getLogger("clrna")

# What other programs write as HDF5, by what is in it.
_OTHER_HDF5 = {
    "est_counts": "it is kallisto's: give abundance.tsv",
    "matrix/barcodes": "it is 10x Genomics': read it with scanpy.read_10x_h5 and write that as h5ad",
    "row_attrs": "it is a loom file: read it with scanpy.read_loom and write that as h5ad",
}

Compression = Literal["gzip", "lzf", "none"]


def without_values(adata: "AnnData") -> "AnnData":
    """Return what is known of samples and genes, their embeddings and ``uns``, without any expression."""
    from anndata import AnnData  # takes as long to load as a sample to encode, which needs none of it

    return AnnData(obs=adata.obs, var=adata.var, obsm=dict(adata.obsm), uns=dict(adata.uns))


@stage("reading")
def read_h5ad(path: Path, *, backed: bool = False) -> "AnnData":
    """Read an AnnData file.

    Parameters
    ----------
    path
        An ``.h5ad`` file.
    backed
        Leave ``X`` on disk.

    Raises
    ------
    InputError
        The file is missing, empty, truncated, damaged, not HDF5, HDF5 but not AnnData, or holds no
        samples or genes.
    """
    import anndata  # takes as long to load as a sample to encode, which needs none of it

    check_is_h5ad(path)
    refuse_no_file(path)
    try:
        adata = anndata.read_h5ad(path, backed="r" if backed else None)
    except Exception as error:  # anndata raises what h5py, pandas or its own registry happens to raise
        where = element_of(error)
        said = f"{where} {why_not_read(error)}" if where else _misfit_of(path) or why_not_read(error)
        raise InputError(f"{path}: {said}") from error
    _refuse_outside(adata, path, backed=backed)
    check_frame(adata.obs, "obs", path)
    check_frame(adata.var, "var", path)
    fault = records_fault(adata.uns.get(UNS, {}))
    if fault:
        raise InputError(f"{path}: {fault}")
    if adata.n_obs == 0 or adata.n_vars == 0:
        raise InputError(f"{path}: holds {adata.n_obs} samples x {adata.n_vars} genes, nothing to work on")
    return adata


def _misfit_of(path: Path) -> str:
    """Return which element keeps anndata from reading a file, where that did not say it, '' where none is found."""
    with opened(path) as file:
        lengths = [shape_of(file[name]) for name in ("obs", "var")]
        return misfit(file, lengths[0][0], lengths[1][0]) if all(lengths) else ""


def _refuse_outside(adata: "AnnData", path: Path, *, backed: bool) -> None:
    """Raise InputError where a sparse matrix of the file points outside itself."""
    if not backed:
        refuse_outside(f"{path}: X", adata.X)
        if adata.raw is not None:
            refuse_outside(f"{path}: raw/X", adata.raw.X)
    for name in ("layers", "obsm", "varm", "obsp", "varp", "uns"):
        refuse_outside(f"{path}: {name}", getattr(adata, name))


def is_h5ad(path: Path) -> bool:
    """Whether the file is HDF5, by its content."""
    # Reading comes first: what the library says where it cannot read fills a line and names no file.
    return path.is_file() and bool(first_bytes(path)) and bool(h5py.is_hdf5(path))


def check_is_h5ad(path: Path) -> None:
    """Raise InputError unless ``path`` is a readable HDF5 file with the groups of AnnData, all of it in the file."""
    if not path.exists():
        raise InputError(f"{path}: no such file")
    refuse_no_file(path)
    if path.stat().st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes)")
    if not first_bytes(path) or not h5py.is_hdf5(path):
        raise InputError(f"{path}: is not an h5ad (HDF5) file; clrna-normalize turns text and parquet into one")
    check_hdf5(path)
    with opened(path) as file:
        missing = [name for name in ("obs", "var") if name not in file]
        # A file may hold its values in layers alone.
        layers = file.get("layers")
        missing += ["X"] if "X" not in file and not (isinstance(layers, h5py.Group) and len(layers)) else []
        other = next((what for inside, what in _OTHER_HDF5.items() if inside in file), "")
    if missing:
        what = other or f"it has no {', '.join(missing)}"
        raise InputError(f"{path}: is HDF5 but not AnnData, {what}")


@contextlib.contextmanager
def named(path: Path) -> Iterator[None]:
    """Have every InputError of the block say that it is of the file ``path``."""
    try:
        yield
    except InputError as error:
        if path.name in str(error):
            raise
        raise InputError(f"{path}: {error}") from error


@stage("writing")
def write_h5ad(adata: "AnnData", path: Path, compression: Compression = "gzip", inputs: Sequence[Path] = ()) -> None:
    """Write ``adata`` to ``path``, whole or not at all, so that anndata 0.10 and Galaxy read it.

    ``adata`` itself is changed by :func:`make_plain`. Plain HDF5 libraries read gzip and none. An element that cannot
    be written is told by the one of ``inputs`` that holds it.
    """
    with elements_named(path, inputs), replacing(path) as temporary:
        write_scratch(adata, temporary, compression)
    logger.info("wrote %s: %d samples x %d genes", path, adata.n_obs, adata.n_vars)


def write_scratch(adata: "AnnData", path: Path, compression: Compression = "gzip") -> None:
    """Write ``adata`` as :func:`write_h5ad` does to a temporary file, whose name no log tells."""
    make_plain(adata)
    adata.write_h5ad(path, compression=None if compression == "none" else compression)


def make_plain(adata: "AnnData") -> None:
    """Bring ``adata`` to encodings that anndata 0.10 and Galaxy read, in place.

    Strings become plain or categorical strings, nullable types become numpy's, None is left out of
    ``uns``, text in ``uns`` is kept.
    """
    for frame in (adata.obs, adata.var):
        _plain_columns(frame, list(frame.columns))
    for tables in (adata.obsm, adata.varm):
        for name in [name for name, value in tables.items() if isinstance(value, pd.DataFrame)]:
            tables[name] = _plain_table(tables[name])
    adata.obs_names = pd.Index(adata.obs_names.astype(str), dtype=object, name=adata.obs_names.name)
    adata.var_names = pd.Index(adata.var_names.astype(str), dtype=object, name=adata.var_names.name)
    adata.uns = _plain_entries(dict(adata.uns))


def matrix_of(adata: "AnnData", layer: str | None, path: Path) -> np.ndarray:
    """Return ``X``, or a layer, as a dense float32 array of shape (samples, genes).

    Raises
    ------
    InputError
        There is no such layer, or no ``X``, or it is no matrix of real numbers that fit.
    """
    where = "X" if layer is None else f"layer {in_quotes(layer)}"
    return as_float32(stored_values(adata, layer, path), f"{path}: {where}", adata.obs_names, adata.var_names)


def stored_values(adata: "AnnData", layer: str | None, path: Path) -> Any:
    """Return ``X``, or a layer, as it is held; errors as of :func:`matrix_of`."""
    if layer is not None and layer not in adata.layers:
        names = listed(list(adata.layers), 10) or "none"
        raise InputError(f"{path}: --layer {quoted(layer)}: no such layer; the file has {names}")
    values = adata.X if layer is None else adata.layers[layer]
    if values is None:
        names = listed(list(adata.layers), 10) or "none"
        raise InputError(f"{path}: has no X; name one of its layers with --layer ({names})")
    return values


def _plain_columns(frame: pd.DataFrame, names: list[str]) -> None:
    for name in names:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = column.cat.categories
            if not pd.api.types.is_numeric_dtype(categories):
                frame[name] = column.cat.rename_categories(pd.Index(categories.astype(str), dtype=object))
        elif isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
            text = column.astype(object).where(column.notna(), None)
            frame[name] = pd.Categorical(text.map(str, na_action="ignore"))
        elif pd.api.types.is_extension_array_dtype(column.dtype):
            # pandas' nullable numbers: Int64 becomes int64, boolean bool; a missing one can only be kept as a float.
            plain = {"boolean": "bool"}.get(column.dtype.name, column.dtype.name.lower())
            frame[name] = column.astype(np.dtype("float64" if column.isna().any() else plain))


def _plain_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of which pandas' own types, but for categories, have become numpy's."""
    types = {name: kind for name, kind in frame.dtypes.items() if not isinstance(kind, pd.CategoricalDtype)}
    names = [str(name) for name, kind in types.items() if pd.api.types.is_extension_array_dtype(kind)]
    if not names or not frame.columns.is_unique:  # anndata refuses columns that stand twice
        return frame
    plain = frame.copy()
    _plain_columns(plain, names)
    return plain


def _plain_entries(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain_entry(value) for key, value in mapping.items() if value is not None}


def _plain_entry(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain_entries(value)
    if isinstance(value, pd.DataFrame):
        return _plain_table(value)
    if isinstance(value, pd.api.extensions.ExtensionArray) and isinstance(value.dtype, pd.StringDtype):
        return np.asarray(value.fillna(""), dtype=object)
    return value
