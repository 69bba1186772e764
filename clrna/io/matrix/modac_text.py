"""Read a large text matrix in blocks, as MoDaC's ``combined_rnaseq_data`` is one.

The file has header lines, then one sample (or gene) a line: a name, then numbers. It is read once, front to back, in
blocks of whole lines that threads turn into numbers, so memory is bounded by a few blocks however long the file is.
"""

import gzip
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from clrna.constants import MISSING_LABELS
from clrna.errors import InputError
from clrna.io.regular import refuse_no_file
from clrna.io.text.decimal_parser import COMPLETE, ODD_FIELD, POWERS_OF_TEN, TOO_FEW, parse_rows
from clrna.quoted import in_quotes

BLOCK_BYTES = 16 << 20
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Layout:
    """How lines are made up.

    Attributes
    ----------
    header_lines
        Lines before the first one with numbers.
    text_columns
        Fields of a line before its first number.
    columns_line
        Which of the header lines, from 0, names the columns.
    """

    header_lines: int = 1
    text_columns: int = 1
    columns_line: int = 0


@dataclass(frozen=True)
class Header:
    """The lines before the numbers, split into fields.

    Attributes
    ----------
    lines
        Fields of each line.
    separator
        What stands between fields.
    layout
        As given.
    """

    lines: list[list[str]]
    separator: str
    layout: Layout

    @property
    def columns(self) -> list[str]:
        """What the columns of numbers are called: the genes, where samples are in rows."""
        return self.lines[self.layout.columns_line][self.layout.text_columns :]


@dataclass(frozen=True)
class Block:
    """Some lines in the file's order: names, and values of shape (lines, columns), float32."""

    names: list[str]
    values: np.ndarray


def read_header(path: Path, layout: Layout | None = None) -> Header:
    """Return the header of a text matrix, tab or comma separated, plain or gzip.

    Raises
    ------
    InputError
        The file is missing, empty, not text, or its first line names no columns.
    """
    with _opened(path) as file:
        return _header_of(file, path, layout or Layout())


def read_blocks(
    path: Path, threads: int = 1, layout: Layout | None = None, block_bytes: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Yield the lines of a text matrix block by block, in the file's order.

    Parameters
    ----------
    path
        As for :func:`read_header`.
    threads
        Blocks that are turned into numbers at a time.
    layout
        How lines are made up; one header line and one name where None.
    block_bytes
        Text in a block, about; memory is some ``2 * (threads + 1)`` times this.

    Raises
    ------
    InputError
        A line has too few or too many fields (a truncated file ends so), a field is no number, or
        there is no line of numbers at all.
    """
    with _opened(path) as file, ThreadPoolExecutor(threads) as pool:
        header = _header_of(file, path, layout or Layout())
        pending: deque[Future[Block]] = deque()
        first_line = header.layout.header_lines + 1
        empty = True
        for text, lines in _texts(file, path, max(block_bytes, 1)):
            pending.append(pool.submit(_parse, text, lines, header, path, first_line))
            first_line += lines
            empty = False
            if len(pending) > threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    if empty:
        raise InputError(f"{path}: has a header and nothing else; it is truncated, copy or load it anew")


def _opened(path: Path) -> IO[bytes]:
    if not path.exists():
        raise InputError(f"{path}: no such file")
    refuse_no_file(path)
    with path.open("rb") as file:
        magic = file.read(2)
    if not magic:
        raise InputError(f"{path}: is empty (0 bytes)")
    return gzip.open(path, "rb") if magic == _GZIP_MAGIC else path.open("rb")  # type: ignore[return-value]


def _header_of(file: IO[bytes], path: Path, layout: Layout) -> Header:
    texts = [_decoded(_read(file.readline, path), path).rstrip("\r\n") for _ in range(layout.header_lines)]
    separator = "\t" if "\t" in texts[layout.columns_line] else ","
    header = Header([[word.strip('"') for word in text.split(separator)] for text in texts], separator, layout)
    if not header.columns:
        raise InputError(f"{path}: its header names no columns of numbers, such as genes; it is empty or another file")
    return header


def _texts(file: IO[bytes], path: Path, block_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Yield whole lines, each with its newline, and how many there are."""
    rest = b""
    while read := _read(lambda: file.read(block_bytes), path):
        text = rest + read
        end = text.rfind(b"\n") + 1
        text, rest = text[:end], text[end:]
        if text:
            yield text, text.count(b"\n")
    if rest.strip():
        yield rest + b"\n", 1


def _read(reader: Callable[[], bytes], path: Path) -> bytes:
    try:
        return reader()
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read to its end ({error}); it is damaged, copy or load it anew") from error


def _parse(text: bytes, lines: int, header: Header, path: Path, first_line: int) -> Block:
    buffer = np.frombuffer(text, dtype=np.uint8)
    values = np.empty((lines, len(header.columns)), dtype=np.float32)
    names = np.empty((lines, 2), dtype=np.int64)
    start = done = 0
    while done < lines:
        rows, state, column = parse_rows(
            buffer, start, ord(header.separator), header.layout.text_columns, POWERS_OF_TEN, values[done:], names[done:]
        )
        done += rows
        if state == COMPLETE:
            break
        where = f"{path}: line {first_line + done}"
        if state != ODD_FIELD:
            count = column if state == TOO_FEW else "more"
            raise InputError(f"{where} has {count} values for {values.shape[1]} columns; it is damaged, load it anew")
        start = _parse_slowly(text, int(names[done, 0]), header, values[done], where)
        done += 1
    return Block([_decoded(text[begin:end], path).strip('"') for begin, end in names], values)


def _parse_slowly(text: bytes, begin: int, header: Header, row: np.ndarray, where: str) -> int:
    """Fill ``row`` from a line that holds more than plain decimals; return where the next line begins."""
    end = text.index(b"\n", begin)
    fields = text[begin:end].decode("utf-8", "replace").rstrip("\r").split(header.separator)
    fields = fields[header.layout.text_columns :]
    if len(fields) != len(row):
        raise InputError(f"{where} has {len(fields)} values for {len(row)} columns; it is damaged, load it anew")
    for column, word in enumerate(fields):
        text_of_number = word.strip().strip('"')
        try:
            row[column] = np.nan if text_of_number.lower() in MISSING_LABELS else float(text_of_number)
        except ValueError as error:
            raise InputError(
                f"{where}, column {in_quotes(header.columns[column])}: {in_quotes(word[:40])} is not a number"
            ) from error
    return end + 1


def _decoded(text: bytes, path: Path) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not a text matrix; it is another kind of file, or damaged") from error
