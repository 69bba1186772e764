"""Turn a matrix stored gene by gene into one stored sample by sample, on disk."""

from pathlib import Path

import h5py
import numpy as np

from clrna.errors import InputError

# Values read at once, and values sorted in memory at once (about 16 and 20 bytes each).
_READ = 1 << 20
_SORTED = 1 << 23


def rows_from_csc(group: h5py.Group, shape: tuple[int, int], scratch: Path, name: str) -> h5py.Group:
    """Write a CSC matrix as CSR into a scratch file, in bounded memory.

    The matrix is read once to count the values of each sample, and once more for every eight million
    values: each time those of the next samples are picked out.

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
        gene_starts, n_values = group["indptr"][:], len(group["data"])
        counts = _values_per_sample(group, shape[0])
    except (KeyError, OSError, ValueError) as error:
        raise InputError(f"{name} is damaged ({' '.join(str(error).split())[:200]}); make the file anew") from error
    if len(gene_starts) != shape[1] + 1 or not gene_starts[-1] == n_values == counts.sum():
        raise InputError(f"{name} is damaged: its data, indices and indptr do not fit together; make the file anew")
    starts = np.concatenate([[0], np.cumsum(counts)])
    rows = h5py.File(scratch / "by_sample.h5", "w").create_group("rows")
    rows["indptr"] = starts
    rows.create_dataset("data", (starts[-1],), np.float32)
    rows.create_dataset("indices", (starts[-1],), np.int32)
    first = 0
    while first < shape[0]:
        last = max(int(np.searchsorted(starts, starts[first] + _SORTED, side="right")) - 1, first + 1)
        part = slice(int(starts[first]), int(starts[last]))
        rows["data"][part], rows["indices"][part] = _samples(group, gene_starts, first, last)
        first = last
    return rows


def _values_per_sample(group: h5py.Group, n_samples: int) -> np.ndarray:
    counts = np.zeros(n_samples, dtype=np.int64)
    for start in range(0, len(group["indices"]), _READ):
        counts += np.bincount(group["indices"][start : start + _READ], minlength=n_samples)
    return counts


def _samples(group: h5py.Group, gene_starts: np.ndarray, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values and genes of samples ``first`` to ``last``, sample by sample, genes ascending."""
    samples, genes, values = [], [], []
    for start in range(0, len(group["indices"]), _READ):
        sample = group["indices"][start : start + _READ]
        inside = np.flatnonzero((sample >= first) & (sample < last))
        samples.append(sample[inside])
        genes.append((np.searchsorted(gene_starts, start + inside, side="right") - 1).astype(np.int32))
        values.append(group["data"].astype(np.float32)[start : start + _READ][inside])
    order = np.argsort(np.concatenate(samples), kind="stable")
    return np.concatenate(values)[order], np.concatenate(genes)[order]
