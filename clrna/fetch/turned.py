"""Tables with a gene a line, turned into samples through a file on disk: memory does not grow with the table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clrna.io.matrix.modac_text import Layout, read_blocks, read_header

# A piece of a line that is read for them is then a page of memory or less, and a block some 60 MB.
_SAMPLES_AT_A_TIME = 256


@dataclass(frozen=True)
class GeneLines:
    """A table with a gene a line.

    Attributes
    ----------
    names
        The text at the beginning of each line, its fields separated as they are in the file.
    columns
        Names of the columns of numbers: the samples.
    values
        On disk, shape (genes, samples), float32.
    """

    names: list[str]
    columns: list[str]
    values: np.ndarray

    def samples(self, chosen: Sequence[int]) -> Iterator[np.ndarray]:
        """Yield some samples at a time, in the order of ``chosen``, arrays of shape (samples, genes)."""
        for start in range(0, len(chosen), _SAMPLES_AT_A_TIME):
            some = np.asarray(chosen[start : start + _SAMPLES_AT_A_TIME])
            yield np.ascontiguousarray(self.values[:, some].T)


def read_gene_lines(path: Path, layout: Layout, threads: int, scratch: Path) -> GeneLines:
    """Read a table of numbers with a gene a line, plain or gzip.

    Parameters
    ----------
    path, layout, threads
        As for :func:`clrna.io.matrix.modac_text.read_blocks`.
    scratch
        File for the numbers, which must stay as long as the result is used; one that is there is replaced.

    Raises
    ------
    InputError
        As :func:`clrna.io.matrix.modac_text.read_blocks`.
    """
    columns = read_header(path, layout).columns
    names: list[str] = []
    scratch.unlink(missing_ok=True)  # not overwritten: another result may still lie in it
    with scratch.open("wb") as file:
        for block in read_blocks(path, threads, layout):
            names += block.names
            file.write(np.ascontiguousarray(block.values).data)
    return GeneLines(names, columns, np.memmap(scratch, np.float32, "r", shape=(len(names), len(columns))))
