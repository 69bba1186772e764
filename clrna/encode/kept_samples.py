"""What the first pass made of samples, kept so that no second one is needed."""

import tempfile
import weakref
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Bytes that are kept in memory; what is more goes to a temporary file.
_IN_MEMORY = 1 << 25


class KeptSamples:
    """Rows of one width, written once from first to last and read again in the same blocks.

    A few hundred numbers a sample stand for the values of all of its genes, and memory does not grow with the samples.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
        weakref.finalize(self, self._file.close)  # before it is collected, which Python would warn of
        self._blocks: list[tuple[slice, int]] = []

    def append(self, rows: slice, values: NDArray[np.float32]) -> None:
        """Keep those of some samples, shape (samples, width)."""
        self._file.write(np.ascontiguousarray(values, dtype=np.float32).tobytes())
        self._blocks.append((rows, values.shape[1]))

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Yield samples and what was kept of them, block by block."""
        self._file.seek(0)
        for rows, width in self._blocks:
            content = self._file.read((rows.stop - rows.start) * width * np.dtype(np.float32).itemsize)
            yield rows, np.frombuffer(content, dtype=np.float32).reshape(-1, width)
