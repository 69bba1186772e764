"""Read a large text matrix of samples x genes in blocks, as MoDaC's ``combined_rnaseq_data`` is one.

The file has a header line (the name of the first column, then one gene a column) and one sample a line. It is
read once, front to back, in blocks of whole lines that threads turn into numbers, so memory is bounded by a few
blocks however long the file is.
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
from clrna.io.decimal_parser import COMPLETE, ODD_FIELD, POWERS_OF_TEN, TOO_FEW, parse_rows

BLOCK_BYTES = 16 << 20
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Header:
    """First line of the matrix: what the first column is called, and the genes in order."""

    first_column: str
    genes: list[str]
    separator: str


@dataclass(frozen=True)
class Block:
    """Some samples in the file's order: names, and values of shape (samples, genes), float32."""

    names: list[str]
    values: np.ndarray


def read_header(path: Path) -> Header:
    """Return the header of a text matrix, tab or comma separated, plain or gzip.

    Raises
    ------
    InputError
        The file is missing, empty, not text, or its first line names no genes.
    """
    with _opened(path) as file:
        return _header_of(file, path)


def read_blocks(path: Path, threads: int = 1, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the samples of a text matrix block by block, in the file's order.

    Parameters
    ----------
    path
        As for :func:`read_header`.
    threads
        Blocks that are turned into numbers at a time.
    block_bytes
        Text in a block, about; memory is some ``2 * (threads + 1)`` times this.

    Raises
    ------
    InputError
        A line has too few or too many fields (a truncated file ends so), a field is no number, or
        there is no sample at all.
    """
    with _opened(path) as file, ThreadPoolExecutor(threads) as pool:
        header = _header_of(file, path)
        pending: deque[Future[Block]] = deque()
        first_line, samples = 2, 0
        for text, lines in _texts(file, path, max(block_bytes, 1)):
            pending.append(pool.submit(_parse, text, lines, header, path, first_line))
            first_line += lines
            samples += lines
            if len(pending) > threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    if not samples:
        raise InputError(f"{path}: has a header and no samples; it is truncated, copy or load it anew")


def _opened(path: Path) -> IO[bytes]:
    if not path.exists():
        raise InputError(f"{path}: no such file")
    with path.open("rb") as file:
        magic = file.read(2)
    if not magic:
        raise InputError(f"{path}: is empty (0 bytes)")
    return gzip.open(path, "rb") if magic == _GZIP_MAGIC else path.open("rb")  # type: ignore[return-value]


def _header_of(file: IO[bytes], path: Path) -> Header:
    try:
        line = _read(file.readline, path).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not a text matrix (byte {error.start} of its first line)") from error
    separator = "\t" if "\t" in line else ","
    first, *genes = (word.strip('"') for word in line.split(separator))
    if not genes:
        raise InputError(f"{path}: its first line names no genes; a header with a sample column and genes is needed")
    return Header(first, genes, separator)


def _texts(file: IO[bytes], path: Path, block_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Yield whole lines, each with its newline, and how many there are."""
    rest = b""
    while True:
        read = _read(lambda: file.read(block_bytes), path)
        if not read:
            break
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
    values = np.empty((lines, len(header.genes)), dtype=np.float32)
    names = np.empty((lines, 2), dtype=np.int64)
    start = done = 0
    while done < lines:
        rows, state, column, _ = parse_rows(
            buffer, start, ord(header.separator), POWERS_OF_TEN, values[done:], names[done:]
        )
        done += rows
        if state == COMPLETE:
            break
        where = f"{path}: line {first_line + done}"
        if state != ODD_FIELD:
            count = column if state == TOO_FEW else "more"
            raise InputError(
                f"{where} has {count} values for {len(header.genes)} genes; it is truncated or damaged, load it anew"
            )
        start = _parse_slowly(text, int(names[done, 0]), header, values[done], where)
        done += 1
    return Block([text[begin:end].decode("utf-8").strip('"') for begin, end in names], values)


def _parse_slowly(text: bytes, begin: int, header: Header, row: np.ndarray, where: str) -> int:
    """Fill ``row`` from a line that holds more than plain decimals; return where the next line begins."""
    end = text.index(b"\n", begin)
    _, *fields = text[begin:end].decode("utf-8").rstrip("\r").split(header.separator)
    if len(fields) != len(row):
        raise InputError(f"{where} has {len(fields)} values for {len(row)} genes; it is truncated or damaged")
    for column, word in enumerate(fields):
        try:
            row[column] = np.nan if word.strip().lower() in MISSING_LABELS else float(word)
        except ValueError as error:
            raise InputError(f"{where}, column {header.genes[column]!r}: {word[:40]!r} is not a number") from error
    return end + 1
