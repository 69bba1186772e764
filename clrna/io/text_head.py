"""Look at the first lines of a text table: comments, delimiter, header, and which columns hold numbers."""

import csv
import io
import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.text_stream import open_text

MISSING_NUMBERS: Final = ("", "NA", "NaN", "nan", "NULL", "null", "None", "na", "n/a", "N/A", "#N/A", "-", ".")
_DELIMITERS: Final = ("\t", ",", ";", "|")
_MOST_LINES: Final = 60
_MOST_BYTES: Final = 16_000_000
_LONGEST_FIELD: Final = 2**31 - 1
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True)
class Head:
    """What stands at the top of a text table.

    Attributes
    ----------
    path
        The file.
    delimiter
        Between fields.
    encoding
        ``utf-8``, or ``latin-1`` where the text is not UTF-8.
    skip
        Lines before the first one of the body.
    names
        Names of all columns.
    rows
        The first lines of the body, split into fields.
    text_columns
        Positions of the columns that hold no numbers.
    row_annotations
        Of a GCT 1.3 file: number of columns beside the values; 0 else.
    column_annotations
        Of a GCT 1.3 file: the annotation of its columns, name to values of all columns; empty else.
    """

    path: Path
    delimiter: str
    encoding: str
    skip: int
    names: list[str]
    rows: list[list[str]]
    text_columns: list[int]
    row_annotations: int = 0
    column_annotations: dict[str, list[str]] = field(default_factory=dict)


def read_head(path: Path) -> Head:
    """Look at the top of a text table.

    Raises
    ------
    InputError
        There is no header, no body, one column only, or numbers with a decimal comma.
    """
    lines, encoding = _first_lines(path)
    if lines[0].startswith("#1.") and len(lines) > 2:
        return _gct_head(path, lines, encoding)
    comments = _count_comments(lines)
    delimiter = _delimiter_of(lines[comments:], path)
    header, *rows = _fields(lines[comments:], delimiter)
    if not rows:
        raise InputError(f"{path}: has a header but no lines below it")
    names = _full_header(header, rows)
    if len(names) < 2:
        raise InputError(f"{path}: has one column only; fields are separated by tab, comma, semicolon or |")
    names[0] = names[0].removeprefix("#").strip()
    return Head(path, delimiter, encoding, comments + 1, names, rows, _text_columns(rows, len(names), path))


def _first_lines(path: Path) -> tuple[list[str], str]:
    with open_text(path) as stream:
        raw, size = [], 0
        for line in itertools.islice(stream, _MOST_LINES):
            raw.append(line)
            size += len(line)
            if size > _MOST_BYTES:
                break
    joined = b"".join(raw)
    try:
        text, encoding = joined.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = joined.decode("latin-1"), "latin-1"
    lines = [line.rstrip("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError(f"{path}: holds empty lines only")
    return lines, encoding


def _count_comments(lines: list[str]) -> int:
    """Count the lines above the header: empty ones and ``#`` comments, but not a header that starts with ``#``."""
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not line.startswith("#"):
            return number
        below = lines[number + 1] if number + 1 < len(lines) else ""
        tabs = line.count("\t")
        if tabs and not below.startswith("#") and tabs == below.count("\t"):
            return number
    return len(lines) - 1


def _delimiter_of(lines: list[str], path: Path) -> str:
    """Return the delimiter that splits the first lines into the most fields, equally many a line."""
    sample = lines[:20]
    best, most = "", 1
    for delimiter in _DELIMITERS:
        counts = [len(row) for row in _fields(sample, delimiter)]
        if min(counts) > most and max(counts) - min(counts) <= 1:
            best, most = delimiter, min(counts)
    if best:
        return best
    if any("\t" in line or "," in line for line in sample):
        # Lines of unequal length; which one is short is said when the body is read.
        return max(_DELIMITERS, key=sample[0].count)
    raise InputError(f"{path}: no delimiter found; fields are separated by tab, comma, semicolon or |")


def _fields(lines: list[str], delimiter: str) -> list[list[str]]:
    kept = [line for line in lines if line.strip()]
    # A line that lacks the delimiter is one field, and lines of 20,000 genes are longer than csv allows by default.
    csv.field_size_limit(_LONGEST_FIELD)
    return list(csv.reader(io.StringIO("\n".join(kept), newline=""), delimiter=delimiter))


def _full_header(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return one name a column: R leaves out the name of the row names, others end lines with a delimiter."""
    names = [name.strip() for name in header]
    if all(len(row) == len(names) + 1 for row in rows):
        return [*names, ""] if all(row[-1] == "" for row in rows) else ["", *names]
    return names


def _text_columns(rows: list[list[str]], n_columns: int, path: Path) -> list[int]:
    text = []
    for position in range(n_columns):
        values = [row[position].strip() for row in rows if position < len(row)]
        known = [value for value in values if value not in MISSING_NUMBERS]
        if known and not any(_is_number(value) for value in known):
            _refuse_decimal_comma(known, path)
            text.append(position)
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refuse_decimal_comma(values: list[str], path: Path) -> None:
    if any(_DECIMAL_COMMA.fullmatch(value) for value in values):
        example = next(value for value in values if _DECIMAL_COMMA.fullmatch(value))
        raise InputError(
            f"{path}: numbers have a comma ({example!r}); write them with a decimal point and without "
            "thousands separators"
        )


def _gct_head(path: Path, lines: list[str], encoding: str) -> Head:
    """Read the three kinds of lines above the body of GCT 1.2 and 1.3 (GenePattern, CMap)."""
    try:
        sizes = [int(word) for word in lines[1].split("\t") if word.strip()]
    except ValueError as error:
        raise InputError(f"{path}: second line of a GCT file gives its sizes, not {lines[1][:40]!r}") from error
    beside, above = (sizes[2], sizes[3]) if len(sizes) >= 4 else (1, 0)
    names = [name.strip() for name in lines[2].split("\t")]
    annotations = [line.split("\t") for line in lines[3 : 3 + above]]
    rows = [line.split("\t") for line in lines[3 + above :]]
    if not rows:
        raise InputError(f"{path}: is a GCT file without genes")
    columns = {row[0]: row for row in annotations if len(row) == len(names)}
    text = sorted({*range(1 + beside), *_text_columns(rows, len(names), path)})
    return Head(path, "\t", encoding, 3 + above, names, rows, text, 1 + beside, columns)
