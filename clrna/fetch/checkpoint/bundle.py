"""Tensor bundles: ``PREFIX.index`` says where in ``PREFIX.data-*`` each variable of a checkpoint lies.

References
----------
tensorflow/core/protobuf/tensor_bundle.proto and tensorflow/core/util/tensor_bundle in TensorFlow's source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clrna.errors import InputError
from clrna.fetch.checkpoint.crc import masked_crc32c
from clrna.fetch.checkpoint.table import table_entries
from clrna.fetch.checkpoint.wire import Fields, integer, messages, read_message

# Field numbers in tensor_bundle.proto, tensor_shape.proto and versions.proto.
_HEADER_SHARDS, _HEADER_ENDIANNESS, _HEADER_VERSION, _VERSION_MIN_CONSUMER = 1, 2, 3, 2
_ENTRY_DTYPE, _ENTRY_SHAPE, _ENTRY_SHARD, _ENTRY_OFFSET, _ENTRY_SIZE, _ENTRY_CRC, _ENTRY_SLICES = range(1, 8)
_SHAPE_DIMENSION, _DIMENSION_SIZE = 2, 1
_KNOWN_VERSION = 1
# DataType in types.proto; what a network of numbers is made of.
_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}


@dataclass(frozen=True)
class BundleEntry:
    """Where a variable lies, and what it is.

    Attributes
    ----------
    dtype
        TensorFlow's number of the type.
    shape
        Sizes of its dimensions.
    shard, offset, size
        File, first byte and number of bytes.
    crc
        Masked CRC-32C of those bytes.
    partitioned
        Whether it was saved in slices, which have entries of their own.
    """

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int
    partitioned: bool


class Bundle:
    """A checkpoint on disk, whose variables are read one by one.

    Parameters
    ----------
    index
        The ``.index`` file.
    shards
        The ``.data-*`` files by number; found beside the index where None.

    Raises
    ------
    InputError
        The index is missing or damaged, or a data file is missing or too short.
    """

    def __init__(self, index: Path, shards: Mapping[int, Path] | None = None) -> None:
        if not index.is_file():
            raise InputError(f"{index}: no such file; a checkpoint needs its .index file")
        self.path = index
        try:
            count, self.entries = _read_index(index.read_bytes())
        except ValueError as error:
            raise InputError(f"{index}: is not a TensorFlow checkpoint index, or is damaged ({error})") from error
        self.shards = dict(shards or {n: _shard_beside(index, n, count) for n in range(count)})
        self._check_shards(count)

    def read(self, name: str) -> np.ndarray:
        """Return a variable, its checksum verified.

        Raises
        ------
        InputError
            There is no such variable, it is of no numeric type, or its bytes are not those that were written.
        """
        if name not in self.entries:
            raise InputError(f"{self.path}: has no variable {name!r}; it has {', '.join(sorted(self.entries)[:8])}")
        entry = self.entries[name]
        if entry.partitioned or entry.dtype not in _DTYPES:
            what = "is saved in slices" if entry.partitioned else f"has TensorFlow's type {entry.dtype}"
            raise InputError(f"{self.path}: variable {name!r} {what}, which is not read here")
        dtype = np.dtype(_DTYPES[entry.dtype])
        if int(np.prod(entry.shape, dtype=np.int64)) * dtype.itemsize != entry.size:
            raise InputError(f"{self.path}: variable {name!r} of shape {entry.shape} has {entry.size} bytes; damaged")
        shard = self.shards[entry.shard]
        with shard.open("rb") as file:
            file.seek(entry.offset)
            data = file.read(entry.size)
        if masked_crc32c(data) != entry.crc:
            raise InputError(f"{shard}: the checksum (CRC-32C) of variable {name!r} is wrong; load the file anew")
        return np.frombuffer(data, dtype=dtype).reshape(entry.shape)

    def _check_shards(self, count: int) -> None:
        needed = [0] * count
        for name, entry in self.entries.items():
            if entry.shard >= count:
                raise InputError(f"{self.path}: variable {name!r} lies in data file {entry.shard} of {count}; damaged")
            needed[entry.shard] = max(needed[entry.shard], entry.offset + entry.size)
        for number in range(count):
            shard = self.shards.get(number)
            if shard is None or not shard.is_file():
                where = shard or _shard_beside(self.path, number, count)
                raise InputError(f"{where}: no such file; the checkpoint {self.path.name} needs it")
            if shard.stat().st_size < needed[number]:
                size = shard.stat().st_size
                raise InputError(f"{shard}: has {size} of {needed[number]} bytes; it is truncated, load it anew")


def _read_index(data: bytes) -> tuple[int, dict[str, BundleEntry]]:
    items = dict(table_entries(data))
    if b"" not in items:
        raise ValueError("it has no header")
    header = read_message(items.pop(b""))
    if integer(header, _HEADER_ENDIANNESS) != 0:
        raise ValueError("it was written on a big-endian machine")
    for version in messages(header, _HEADER_VERSION):
        if integer(version, _VERSION_MIN_CONSUMER) > _KNOWN_VERSION:
            raise ValueError("it was written by a newer TensorFlow than this reader knows")
    shards = integer(header, _HEADER_SHARDS)
    if not 0 < shards < 100_000:
        raise ValueError(f"it names {shards} data files")
    return shards, {key.decode("utf-8"): _entry(read_message(value)) for key, value in items.items()}


def _entry(fields: Fields) -> BundleEntry:
    shapes = messages(fields, _ENTRY_SHAPE)
    dimensions = messages(shapes[-1], _SHAPE_DIMENSION) if shapes else []
    entry = BundleEntry(
        dtype=integer(fields, _ENTRY_DTYPE),
        shape=tuple(integer(dimension, _DIMENSION_SIZE) for dimension in dimensions),
        shard=integer(fields, _ENTRY_SHARD),
        offset=integer(fields, _ENTRY_OFFSET),
        size=integer(fields, _ENTRY_SIZE),
        crc=integer(fields, _ENTRY_CRC),
        partitioned=bool(fields.get(_ENTRY_SLICES)),
    )
    if min(entry.shard, entry.offset, entry.size, *entry.shape, 0) < 0:
        raise ValueError("an entry has negative numbers")
    return entry


def _shard_beside(index: Path, number: int, count: int) -> Path:
    return index.with_name(f"{index.name.removesuffix('.index')}.data-{number:05d}-of-{count:05d}")
