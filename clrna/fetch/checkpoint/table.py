"""Sorted string tables as LevelDB and TensorFlow write them: the ``.index`` of a checkpoint is one.

References
----------
https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from collections.abc import Iterator

import pyarrow

from clrna.fetch.checkpoint.crc import masked_crc32c
from clrna.fetch.checkpoint.wire import read_varint

_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
_TRAILER_BYTES = 5
_STORED, _SNAPPY = 0, 1


def table_entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a table in order, each block's checksum verified before it is used.

    Raises
    ------
    ValueError
        It is no table, is truncated or damaged; the text says where.
    """
    if len(data) < _FOOTER_BYTES:
        raise ValueError(f"{len(data)} bytes are too few for a table")
    footer = data[-_FOOTER_BYTES:]
    if int.from_bytes(footer[-8:], "little") != _MAGIC:
        raise ValueError("it does not end as a table does; it is truncated or another kind of file")
    position = _skip_handle(footer)
    for _, handle in _entries(_block(data, *_handle(footer, position))):
        yield from _entries(_block(data, *_handle(handle, 0)))


def _skip_handle(footer: bytes) -> int:
    _, position = read_varint(footer, 0)
    _, position = read_varint(footer, position)
    return position


def _handle(data: bytes, position: int) -> tuple[int, int]:
    offset, position = read_varint(data, position)
    size, _ = read_varint(data, position)
    return offset, size


def _block(data: bytes, offset: int, size: int) -> bytes:
    end = offset + size + _TRAILER_BYTES
    if end > len(data):
        raise ValueError(f"a block ends at byte {end} of {len(data)}")
    content, kind = data[offset : offset + size], data[offset + size]
    stored = int.from_bytes(data[offset + size + 1 : end], "little")
    if masked_crc32c(content, bytes([kind])) != stored:
        raise ValueError(f"the checksum (CRC-32C) of the block at byte {offset} is wrong")
    if kind == _STORED:
        return content
    if kind == _SNAPPY:
        length, _ = read_varint(content, 0)
        return bytes(pyarrow.decompress(content, decompressed_size=length, codec="snappy", asbytes=True))
    raise ValueError(f"the block at byte {offset} is compressed in an unknown way ({kind})")


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(block) < 4:
        raise ValueError("a block is too short")
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise ValueError("a block has more restart points than it has room for")
    key, position = b"", 0
    while position < end:
        shared, position = read_varint(block, position)
        fresh, position = read_varint(block, position)
        size, position = read_varint(block, position)
        if shared > len(key) or position + fresh + size > end:
            raise ValueError("an entry reaches beyond its block")
        key = key[:shared] + block[position : position + fresh]
        position += fresh
        yield key, block[position : position + size]
        position += size
