"""A stream of text that any reader of tables splits right: UTF-8, and no quoted field over two lines."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from clrna.io.text.quoting import as_regular, unclosed

_BLOCK: Final = 4 << 20
_NEWLINE: Final = ord("\n")
_TABLE_END: Final = re.compile(rb"^![a-z_]+_table_end", re.MULTILINE)


class CleanStream:
    """Reads whole lines from a binary stream and mends them; for :mod:`pyarrow.csv`.

    Parameters
    ----------
    stream
        Open text, decompressed, at the beginning of a line.
    path
        For errors.
    delimiter
        Between fields.
    line
        Number of lines before the first one.
    last
        Number of the line after which nothing is read, None for all.

    Attributes
    ----------
    ended
        Whether the line has come that ends a table in a file of GEO.
    """

    closed = False

    def __init__(self, stream: BinaryIO, path: Path, delimiter: str, line: int, last: int | None = None) -> None:
        self._last = last
        self._stream, self._path, self._delimiter, self._line = stream, path, delimiter.encode(), line
        self._rest = b""
        self.ended = False
        # How a line may begin that holds nothing: without these a block needs no look at its lines.
        self._odd_begins = (b" ", b"\r", b"#", self._delimiter)

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes of mended text, nothing at its end."""
        if size < 0:
            return self._rest + b"".join(iter(lambda: self._next_block(_BLOCK), b""))
        if not self._rest:
            # A little less than asked for, as the last line is read to its end: most blocks go out uncut.
            self._rest = self._next_block(max(1, size - size // 8))
        text, self._rest = self._rest[:size], self._rest[size:]
        return text

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield each line that is not blank, without its end, and its number from 1."""
        number = self._line
        while block := self._next_block(_BLOCK):
            for line in block.decode().split("\n")[: -1 if block.endswith(b"\n") else None]:
                number += 1
                if line.strip():
                    yield number, line.rstrip("\r")

    def close(self) -> None:
        """Do nothing: whoever opened the stream closes it."""

    def _next_block(self, size: int) -> bytes:
        block = b"" if self.ended else self._stream.read(size)
        if not block:
            return b""
        if not block.endswith(b"\n"):
            block += self._stream.readline()
        if self._last is not None:
            block = self._until_last(block, self._last - self._line)
        if b"!" in block:
            block = self._until_end(block)
        if self._may_hold_nothing(block):
            block = b"\n".join(map(self._without_empty, block.split(b"\n")))
        if b'"' in block or not _is_utf8(block):
            block = b"\n".join(self._mended(line, at) for at, line in enumerate(block.split(b"\n"), self._line + 1))
        self._line += block.count(b"\n")
        return block

    def _until_last(self, block: bytes, lines: int) -> bytes:
        """Cut off what stands below the last line of the table."""
        if block.count(b"\n") < lines:
            return block
        self.ended = True
        return b"".join(block.splitlines(keepends=True)[:lines])

    def _until_end(self, block: bytes) -> bytes:
        """Cut off what stands below the table in a file of GEO."""
        found = _TABLE_END.search(block)
        if found is None:
            return block
        self.ended = True
        return block[: found.start()]

    def _may_hold_nothing(self, block: bytes) -> bool:
        """Whether a line begins as only lines without a value do; one pass, as matrices have gigabytes."""
        text = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(text[:-1] == _NEWLINE)
        begins = {*block[:1], *np.unique(text[ends + 1]).tolist()}
        return any(ord(begin) in begins for begin in self._odd_begins)

    def _without_empty(self, line: bytes) -> bytes:
        """Return a line, an empty one in place of delimiters without a value or a comment."""
        if line[:1] == b"#":
            return line if self._delimiter in line else b""
        return line if line[:1] not in self._odd_begins or line.strip(b" \r" + self._delimiter) else b""

    def _mended(self, line: bytes, number: int) -> bytes:
        if not _is_utf8(line):
            line = line.decode("latin-1").encode()
        if b'"' not in line:
            return line
        end = b"\r" if line.endswith(b"\r") else b""
        regular = as_regular(line.removesuffix(b"\r"), self._delimiter)
        if regular is None:
            raise unclosed(self._path, number)
        return regular + end


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
