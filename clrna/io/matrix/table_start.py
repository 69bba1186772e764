"""Where the table in a text file begins, and what separates its fields."""

import re
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.text.quoting import UnclosedQuoteError, split_line
from clrna.io.text.text_columns import is_number

_DELIMITERS: Final = ("\t", ",", ";", "|")
_EXCEL: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_SAMPLE: Final = 20
_MOST_TITLES: Final = 10


def find_start(lines: list[str], path: Path) -> tuple[int, str]:
    """Return the number of lines above the header, and the delimiter.

    Above the header may stand empty lines, ``#`` comments, the line with which Excel names the delimiter
    (``sep=;``), and lines of a title, which have far fewer fields than the table.

    Raises
    ------
    InputError
        No delimiter splits the lines into fields.
    """
    start = _count_comments(lines)
    excel = _EXCEL.fullmatch(lines[start].strip())
    if excel and start + 1 < len(lines):
        return _below_titles(lines, start + 1, excel[1]), excel[1]
    lines = _without_notes(lines, start)
    for skipped in range(min(_MOST_TITLES, len(lines) - start)):
        below = lines[start + skipped :]
        delimiter, fields = _consistent(below)
        if not delimiter or not below[0].strip() or _is_title(below, delimiter, fields):
            continue
        above = [line for line in lines[start : start + skipped] if line.strip()]
        if all(_filled(line, delimiter) <= max(1, fields // 2) or _is_prose(line, delimiter) for line in above):
            return start + skipped, delimiter
    sample = lines[start : start + _SAMPLE]
    if any(delimiter in line for line in sample for delimiter in _DELIMITERS):
        # Lines of unequal length; which one is short is said when the body is read.
        return start, max(_DELIMITERS, key=sample[0].count)
    if _are_r_rows(sample):
        return start, " "
    raise InputError(f"{path}: no delimiter found; fields are separated by tab, comma, semicolon or |")


def _without_notes(lines: list[str], start: int) -> list[str]:
    """Return the lines above the last empty one where those above are a table, and those below have no field more.

    In a short table the notes below it are among the lines by which the delimiter is told.
    """
    empty = next((at for at in range(len(lines) - 1, start + 2, -1) if not lines[at].strip()), 0)
    delimiter, fields = _consistent(lines[start:empty]) if empty else ("", 0)
    below = [line for line in lines[empty + 1 :] if line.strip()]
    notes = bool(delimiter) and fields > 1 and all(_filled(line, delimiter) == 1 for line in below)
    return lines[:empty] if notes else lines


def _are_r_rows(lines: list[str]) -> bool:
    """Whether lines are separated by single spaces, as R's write.table does: each has a number, or a quote first."""
    rows = [_fields(line.rstrip("\r"), " ") for line in lines if line.strip()]
    widths = {len(row) for row in rows[1:]}
    if len(rows) < 2 or len(widths) > 1 or "" in rows[0]:
        return False
    # Prose has as many words in two lines by chance, and no number in each.
    width = widths.pop()
    numbers = all(any(map(is_number, row[1:])) for row in rows[1:])
    numbers |= all(line.startswith('"') for line in lines if line.strip())  # R quotes text
    return width > 2 and len(rows[0]) in (width, width - 1) and numbers


def _count_comments(lines: list[str]) -> int:
    """Count the lines above the header: empty ones and ``#`` comments, but not a header that starts with ``#``."""
    seen: set[int] = set()
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not line.startswith("#"):
            return number
        below = lines[number + 1] if number + 1 < len(lines) else ""
        tabs = line.count("\t")
        # Where lines above it have as many fields, they all are comments on the columns, as cBioPortal writes them.
        if tabs and tabs not in seen and not below.startswith("#") and tabs == below.count("\t"):
            return number
        seen.add(tabs)
    return len(lines) - 1


def _consistent(lines: list[str]) -> tuple[str, int]:
    """Return the delimiter that splits the lines into the most fields, equally many a line; '' if none does."""
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    best, most = "", 1
    for delimiter in _DELIMITERS:
        counts = [_count(line, delimiter) for line in sample]
        if counts and min(counts) > most and max(counts) - min(counts) <= 1:
            best, most = delimiter, min(counts)
    return best, most


def _below_titles(lines: list[str], start: int, delimiter: str) -> int:
    """Return where the header is: below lines that have one field or none where the table has several."""
    width = max(_count(line, delimiter) for line in lines[start : start + _SAMPLE])
    for at in range(start, min(start + _MOST_TITLES, len(lines) - 1)):
        if width <= 2 or _filled(lines[at], delimiter) > 1:
            return at
    return start


def _is_title(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether the first line is a title: one field, or prose or few fields above a line of names, as a header is."""
    apart = len(lines) > 1 and not lines[1].strip()  # of two columns, only an empty line tells it from a header
    if (width > 2 or apart) and _filled(lines[0], delimiter) <= 1:
        return True
    header, first = ([*(line for line in lines[1:] if line.strip(delimiter + " \r")), "", ""])[:2]
    names, values = (_fields(line, delimiter)[1:] for line in (header, first))
    # Where no number follows it may be a table of text, whose header is as good as its lines.
    if not any(map(is_number, values)) or any(map(is_number, names)) or _is_prose(header, delimiter):
        return False
    return _filled(lines[0], delimiter) <= width // 2 or _is_prose(lines[0], delimiter)


def _is_prose(line: str, delimiter: str) -> bool:
    """Whether a delimiter of the line ends a part of a sentence: a space follows, as it hardly does between names."""
    return any(field.startswith(" ") and field.strip() for field in _fields(line, delimiter)[1:])


def _filled(line: str, delimiter: str) -> int:
    """Return the number of fields; spreadsheets fill a title up with delimiters, which do not count."""
    return _count(line.rstrip(delimiter + " \r"), delimiter)


def _count(line: str, delimiter: str) -> int:
    return len(_fields(line, delimiter))


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return split_line(line, delimiter)
    except UnclosedQuoteError:
        return line.split(delimiter)
