"""Quotes in lines of text: a quoted field ends in its own line, or it is none."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from clrna.errors import InputError

_QUOTE = '"'
_APOSTROPHE = "'"


class UnclosedQuoteError(ValueError):
    """A quote opens a field that does not close in its line."""


def split_line(line: str, delimiter: str) -> list[str]:
    """Split one line into its fields.

    Parameters
    ----------
    line
        Without its end.
    delimiter
        Between fields. Where it is a tab, a quote that does not close right before the next tab is a
        character like others, as programs that separate by tabs do not quote.

    Raises
    ------
    UnclosedQuoteError
        The delimiter is no tab, and a quote opens a field that does not end within the line.
    """
    if _QUOTE not in line:
        return line.split(delimiter)
    fields = _split_quoted(line, delimiter)
    if fields is not None:
        return fields
    if delimiter != "\t":
        raise UnclosedQuoteError
    return [_unquoted(field) for field in line.split(delimiter)]


def without_apostrophes(fields: Sequence[str]) -> list[str]:
    """Return fields without single quotes, where these stand about all that are not empty, or before all of them.

    Some programs quote so, and a spreadsheet's text begins so. Other apostrophes (``5'tag``) belong to names.
    """
    known = [field.strip() for field in fields if field.strip()]
    if not known or not all(field.startswith(_APOSTROPHE) for field in known):
        return list(fields)
    if all(len(field) > 2 and field.endswith(_APOSTROPHE) for field in known):
        return [field.strip()[1:-1] for field in fields]
    if any(_APOSTROPHE in field[1:] or len(field) == 1 for field in known):
        return list(fields)
    return [field.strip()[1:] for field in fields]


def header_without_apostrophes(names: Sequence[str]) -> list[str]:
    """Return the names of columns so, from the first one on that begins with an apostrophe: others may have none."""
    first = next((at for at, name in enumerate(names) if name.startswith(_APOSTROPHE)), len(names))
    return [*names[:first], *without_apostrophes(names[first:])]


def column_without_apostrophes(values: np.ndarray) -> np.ndarray:
    """Return a column of text, in which None and NaN are missing, so; itself where it holds no such quotes."""
    first = next((value for value in values if isinstance(value, str) and value.strip()), "")
    if not first.strip().startswith(_APOSTROPHE):
        return values  # as all but few do: nobody needs to look at the rest
    known = np.array([isinstance(value, str) for value in values], dtype=bool)
    plain = values.copy()
    plain[known] = without_apostrophes(values[known].tolist())
    return plain


def split_lines(lines: Sequence[str], delimiter: str, path: Path, first: int) -> list[list[str]]:
    """Split lines that are not blank into fields; ``first`` is the number of the first line, from 1.

    Raises
    ------
    InputError
        A quote opens a field that does not end within its line.
    """
    rows = []
    for number, line in enumerate(lines, start=first):
        if line.strip():
            try:
                rows.append(split_line(line, delimiter))
            except UnclosedQuoteError:
                raise unclosed(path, number) from None
    return rows


def unclosed(path: Path, number: int) -> InputError:
    """Return the error that names the line."""
    return InputError(
        f'{path}: line {number}: a quote (") opens a field that does not end in this line; remove the quote, or the '
        "line breaks within the field"
    )


def as_regular(line: bytes, delimiter: bytes) -> bytes | None:
    """Return a line with quotes so that every reader of CSV splits it as :func:`split_line` does.

    Returns
    -------
    The line itself where its quotes are regular, None where :func:`split_line` would raise.
    """
    if _is_regular(line, delimiter):
        return line
    if delimiter != b"\t":
        return None
    fields = (_unquoted(field) for field in line.decode().split("\t"))
    return "\t".join(_quoted(field) if _QUOTE in field else field for field in fields).encode()


def _is_regular(line: bytes, delimiter: bytes) -> bool:
    """Whether each quote that begins a field has a partner before the field's end."""
    at = line.find(b'"')
    while at >= 0:
        if at > 0 and line[at - 1 : at] != delimiter:
            at = line.find(b'"', at + 1)  # within a field: a character
            continue
        end = line.find(b'"', at + 1)
        while end >= 0 and line[end + 1 : end + 2] == b'"':
            end = line.find(b'"', end + 2)
        if end < 0 or line[end + 1 : end + 2] not in (delimiter, b""):
            return False
        at = line.find(b'"', end + 1)
    return True


def _split_quoted(line: str, delimiter: str) -> list[str] | None:
    """Split a line whose quotes are regular; None where they are not."""
    fields, start = [], 0
    while start <= len(line):
        if line.startswith(_QUOTE, start):
            end = line.find(_QUOTE, start + 1)
            while end >= 0 and line.startswith(_QUOTE, end + 1):
                end = line.find(_QUOTE, end + 2)
            if end < 0 or line[end + 1 : end + 2] not in (delimiter, ""):
                return None
            fields.append(line[start + 1 : end].replace(_QUOTE * 2, _QUOTE))
            start = end + 2
        else:
            end = line.find(delimiter, start)
            end = len(line) if end < 0 else end
            fields.append(line[start:end])
            start = end + 1
    return fields


def _unquoted(field: str) -> str:
    whole = len(field) > 1 and field.startswith(_QUOTE) and field.endswith(_QUOTE)
    return field[1:-1].replace(_QUOTE * 2, _QUOTE) if whole else field


def _quoted(field: str) -> str:
    return _QUOTE + field.replace(_QUOTE, _QUOTE * 2) + _QUOTE
