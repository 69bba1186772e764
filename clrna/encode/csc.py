"""Turn a matrix stored gene by gene into one stored sample by sample, on disk."""

import functools
from pathlib import Path

import h5py
import numpy as np

from clrna.errors import InputError
from clrna.io.hdf5.narrowed import refuse_stored
from clrna.io.hdf5.sparse_parts import indices_fault, starts_fault
from clrna.quoted import reason_of

# Values read at once, and values sorted at once: some 50 bytes of memory each.
_READ = 1 << 19
_SORTED = 1 << 19
_VALUE = np.dtype([("sample", np.int32), ("gene", np.int32), ("value", np.float32)])


def rows_from_csc(group: h5py.Group, shape: tuple[int, int], scratch: Path, name: str) -> h5py.Group:
    """Write a CSC matrix as CSR into a scratch file, in bounded memory.

    The values are first dealt out to files, one for the next few samples each, and every file is then
    sorted by itself. On disk that takes 20 bytes for each value.

    Parameters
    ----------
    group
        The CSC matrix: ``data``, ``indices`` and ``indptr``.
    shape
        Samples and genes.
    scratch
        Folder to write into.
    name
        What to call the matrix in errors.

    Returns
    -------
    The CSR matrix, a group of the open scratch file.

    Raises
    ------
    InputError
        The parts of the matrix do not fit together.
    """
    try:
        gene_starts = group["indptr"][:]
        fault = starts_fault(gene_starts, shape[1], len(group["data"]), len(group["indices"]))
        if fault:
            raise InputError(f"{name} {fault}")
        counts = _values_per_sample(group, shape[0], name)
    except (KeyError, OSError) as error:
        raise InputError(f"{name} is damaged ({reason_of(error)}); make the file anew") from error
    starts = np.concatenate([[0], np.cumsum(counts)])
    file_of_sample = starts[:-1] // _SORTED
    _deal_out(group, gene_starts, file_of_sample, scratch, name)
    return _collect(starts, file_of_sample, scratch)


def _values_per_sample(group: h5py.Group, n_samples: int, name: str) -> np.ndarray:
    counts = np.zeros(n_samples, dtype=np.int64)
    for start in range(0, len(group["indices"]), _READ):
        samples = group["indices"][start : start + _READ]
        fault = indices_fault(samples, n_samples, "samples")
        if fault:
            raise InputError(f"{name} {fault}")
        counts += np.bincount(samples, minlength=n_samples)
    return counts


def _place(values: np.ndarray, at: int) -> tuple[int, int]:
    return int(values["sample"][at]), int(values["gene"][at])


def _deal_out(group: h5py.Group, gene_starts: np.ndarray, file_of_sample: np.ndarray, scratch: Path, name: str) -> None:
    """Append each value to the file of its sample, genes ascending."""
    data = group["data"].astype(np.float32)
    for start in range(0, len(group["indices"]), _READ):
        samples = group["indices"][start : start + _READ]
        values = np.empty(len(samples), dtype=_VALUE)
        values["sample"] = samples
        values["gene"] = np.searchsorted(gene_starts, np.arange(start, start + len(samples)), side="right") - 1
        values["value"] = data[start : start + _READ]
        here = slice(start, start + _READ)
        refuse_stored(group["data"], here, values["value"], name, functools.partial(_place, values))
        files = file_of_sample[samples]
        values = values[np.argsort(files, kind="stable")]
        names, firsts = np.unique(np.sort(files), return_index=True)
        for number, part in zip(names, np.split(values, firsts[1:]), strict=True):
            with (scratch / f"{number}.values").open("ab") as file:
                part.tofile(file)


def _collect(starts: np.ndarray, file_of_sample: np.ndarray, scratch: Path) -> h5py.Group:
    """Sort each file by sample, and write one after the other as CSR."""
    rows = h5py.File(scratch / "by_sample.h5", "w").create_group("rows")
    rows["indptr"] = starts
    rows.create_dataset("data", (starts[-1],), np.float32)
    rows.create_dataset("indices", (starts[-1],), np.int32)
    for number in np.unique(file_of_sample):
        path = scratch / f"{number}.values"
        if not path.exists():  # samples without a value
            continue
        values = np.fromfile(path, dtype=_VALUE)
        values = values[np.argsort(values["sample"], kind="stable")]
        first = int(starts[values["sample"][0]])
        rows["data"][first : first + len(values)] = values["value"]
        rows["indices"][first : first + len(values)] = values["gene"]
        path.unlink()
    return rows
