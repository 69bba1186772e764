"""What is packed on its way (gzip, deflate), unpacked as it comes: all of its parts, and to its end."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

_GZIP: Final = zlib.MAX_WBITS | 16
_MOST_AT_ONCE: Final = 1 << 20


class CutError(Exception):
    """What is packed ends before its end."""


def unpacked(chunks: Iterable[bytes], way: str) -> Iterator[bytes]:
    """Yield what ``chunks`` hold, a megabyte at a time at most.

    Parameters
    ----------
    chunks
        The packed bytes.
    way
        ``gzip``, of which several may stand one after the other, as bgzip writes them, or ``deflate``, which servers
        send with zlib's header or without.

    Raises
    ------
    zlib.error
        They are not packed so.
    CutError
        They end too early.
    """
    unpacker = None
    for chunk in chunks:
        left = chunk
        while left:
            if unpacker is None:
                unpacker = zlib.decompressobj(_GZIP if way == "gzip" else _deflate(left))
            yield unpacker.decompress(left, _MOST_AT_ONCE)
            left = unpacker.unconsumed_tail
            if unpacker.eof:
                left, unpacker = unpacker.unused_data, None
    if unpacker is not None:
        yield unpacker.flush()
        if not unpacker.eof:
            raise CutError


def _deflate(start: bytes) -> int:
    """Return what tells zlib whether its own header comes: that is a multiple of 31, with 8 in its lower half."""
    has_header = start[0] & 15 == 8 and (len(start) < 2 or int.from_bytes(start[:2], "big") % 31 == 0)
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
