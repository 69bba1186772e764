"""Expression of samples in a model's genes and units, from an array or from disk, in blocks."""

import logging
import sys
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from clrna.encode.alignment import GeneAlignment
from clrna.encode.conversion import Conversion
from clrna.encode.matrix import Matrix
from clrna.encode.plan import StudyPlan
from clrna.errors import InputError
from clrna.io.plausible import LARGEST, LARGEST_LOGARITHM, fault_beyond
from clrna.scale import ZSCORE, zeros_for_their_logarithm

logger = logging.getLogger("clrna")

Block = tuple[slice, np.ndarray]

# Samples that are brought into a model's genes and units while they lie in the processor's cache.
_FEW = 16


class Rows(Protocol):
    """An array, or what gives slices of its first axis as arrays."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Samples and genes."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> np.ndarray: ...


class ExpressionSource(Protocol):
    """Samples that can be read again and again, from first to last.

    Attributes
    ----------
    present
        Whether the source has each gene of the model, shape (model genes,).
    sample_names
        Name of each sample, for errors.
    """

    present: np.ndarray
    sample_names: np.ndarray

    def blocks(self, purpose: str) -> Iterator[Block]:
        """Yield rows and their values, float32 of shape (rows, model genes), NaN where there is no finite value.

        The values of one block may be overwritten by the next.
        """


class ArraySource:
    """Samples that are in memory, already in the model's genes and units."""

    def __init__(self, values: Rows, chunk_size: int) -> None:
        self.present = np.ones(values.shape[1], dtype=bool)
        self.sample_names = np.arange(len(values)).astype(str)
        self._values = values
        self._chunk_size = chunk_size

    def blocks(self, purpose: str) -> Iterator[Block]:
        """Yield rows and their values, see :class:`ExpressionSource`."""
        for rows in _chunks(len(self._values), self._chunk_size, purpose):
            yield rows, _finite_or_nan(np.array(self._values[rows], dtype=np.float32))


class DiskSource:
    """Samples of a matrix on disk, brought into a model's genes and units as they are read."""

    def __init__(
        self,
        matrix: Matrix,
        alignment: GeneAlignment,
        plan: StudyPlan,
        conversions: Sequence[Conversion],
        sample_names: np.ndarray,
        chunk_size: int,
    ) -> None:
        self.present = alignment.present
        self.sample_names = sample_names
        self._matrix = matrix
        self._alignment = alignment
        self._plan = plan
        self._conversions = conversions
        # The first study whose values are converted as those of each are.
        self._way_of_study = np.array([conversions.index(way) for way in conversions])
        self._chunk_size = chunk_size

    def blocks(self, purpose: str) -> Iterator[Block]:
        """Yield rows and their values, see :class:`ExpressionSource`."""
        room = np.empty((min(self._chunk_size, self._matrix.shape[0]), len(self.present)), dtype=np.float32)
        for rows in _chunks(self._matrix.shape[0], self._chunk_size, purpose):
            yield rows, self._block(rows, room)

    def _block(self, rows: slice, room: np.ndarray) -> np.ndarray:
        """Return values of some samples; what they were made from is let go before anyone works on them."""
        raw = self._matrix.rows(rows.start, rows.stop)
        values = room[: len(raw)]
        for start in range(0, len(raw), _FEW):
            few = slice(start, min(start + _FEW, len(raw)))
            self._fill(values[few], raw[few], slice(rows.start + few.start, rows.start + few.stop))
        return values

    def _fill(self, values: np.ndarray, raw: np.ndarray, rows: slice) -> None:
        """Bring samples into the model's genes and units, all that are converted alike at once."""
        ways = self._way_of_study[self._plan.of_sample[rows]]
        names = self.sample_names[rows]
        for way in np.unique(ways):
            own, conversion = ways == way, self._conversions[way]
            given = raw[own]  # a copy, which is worked on in place
            self._refuse_implausible(given, conversion, names[own])
            values[own] = self._converted(given, conversion)

    def _refuse_implausible(self, raw: np.ndarray, conversion: Conversion, names: np.ndarray) -> None:
        is_linear = conversion.source.base is None and conversion.source.unit != ZSCORE
        fault = fault_beyond(raw, LARGEST if is_linear else LARGEST_LOGARITHM, self._alignment.symbols, names)
        if fault:
            raise InputError(fault)

    def _converted(self, raw: np.ndarray, conversion: Conversion) -> np.ndarray:
        zeros_for_their_logarithm(raw, conversion.source)
        with np.errstate(divide="ignore", invalid="ignore"):
            return _finite_or_nan(conversion.apply(_finite_or_nan(raw), self._alignment))


def _chunks(n_samples: int, size: int, purpose: str) -> Iterator[slice]:
    chunks = [slice(start, min(start + size, n_samples)) for start in range(0, n_samples, size)]
    if not sys.stderr.isatty():
        yield from chunks
        return
    from tqdm import tqdm  # only where its bar is seen: it takes as long to import as one sample to encode

    with tqdm(total=n_samples, desc=purpose, unit="sample", leave=False) as bar:
        for rows in chunks:
            yield rows
            bar.update(rows.stop - rows.start)


def _finite_or_nan(values: np.ndarray) -> np.ndarray:
    finite = np.isfinite(values)
    if not finite.all():
        values[~finite] = np.nan
    return values
