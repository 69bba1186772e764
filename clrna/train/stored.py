"""Expression that is read from its file once more when a training is over, instead of being kept beside it."""

import os
import tempfile
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clrna.cores import available_memory
from clrna.encode.matrix import Matrix, open_matrix
from clrna.io.hdf5.opened import opened

# Part of the memory that there is which a matrix may take; beyond that it lies in a temporary file.
_SHARE = 0.5
# Samples that are read at once.
_ROWS = 512


class StoredMatrix:
    """``X``, or a layer, of a file that stays open, so that it is the same however the file's name is used meanwhile.

    Parameters
    ----------
    path
        An ``.h5ad`` that was checked.
    layer
        Name of a layer; ``X`` if None.

    Raises
    ------
    InputError
        As of :func:`clrna.encode.matrix.open_matrix`.
    """

    def __init__(self, path: Path, layer: str | None) -> None:
        self._file = opened(path)
        # Only a matrix that is stored gene by gene is copied to there.
        scratch = tempfile.TemporaryDirectory()
        weakref.finalize(self, scratch.cleanup)  # before it is collected, which Python would warn of
        self._matrix = open_matrix(self._file, layer, Path(scratch.name))

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self._matrix.shape

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return samples ``start`` to ``stop`` as float32 of shape (samples, genes)."""
        return self._matrix.rows(start, stop)

    def read(self) -> NDArray[np.float32]:
        """Return all samples, float32 of shape (samples, genes), in memory or, where they are too many, in a file."""
        values = room_for(self.shape)
        for start in range(0, len(values), _ROWS):
            values[start : start + _ROWS] = self.rows(start, min(start + _ROWS, len(values)))
        return values


class ChosenSamples:
    """Some samples of a matrix on disk, as an array that is read in slices.

    Parameters
    ----------
    matrix
        All samples.
    rows
        Which of them, ascending.
    """

    def __init__(self, matrix: Matrix, rows: NDArray[np.intp]) -> None:
        self._matrix = matrix
        self._rows = rows
        self.shape = (len(rows), matrix.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice) -> NDArray:
        wanted = self._rows[part]
        found = np.empty((len(wanted), self.shape[1]), dtype=np.float32)
        done = 0
        while done < len(wanted):
            first = int(wanted[done])
            near = wanted[done : int(np.searchsorted(wanted, first + _ROWS))] - first
            rows = self._matrix.rows(first, first + int(near[-1]) + 1)
            found[done : done + len(near)] = rows if len(rows) == len(near) else rows[near]
            done += len(near)
        return found


def room_for(shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return room for a matrix: in memory where it takes no more than half of what there is, else in a temporary file.

    The file has no name and goes when the array does. What was written to it need not stay in memory.

    Raises
    ------
    OSError
        The disk is full.
    """
    size = shape[0] * shape[1] * np.dtype(np.float32).itemsize
    if size <= _SHARE * available_memory():
        return np.empty(shape, dtype=np.float32)
    with tempfile.TemporaryFile() as file:
        os.posix_fallocate(file.fileno(), 0, size)  # else a full disk would end the process
        return np.memmap(file, np.float32, "r+", shape=shape)
