"""GEO's text files: lines that begin with ``!`` about series and samples, around a table."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.text.characteristics import add_characteristics, says_what
from clrna.io.text.quoting import split_line, split_lines
from clrna.io.text.text_stream import open_text

_TABLE_BEGIN: Final = "_table_begin"
_SAMPLE: Final = "!Sample_"
_PLATFORM: Final = "!Series_platform_id"
_CHARACTERISTICS: Final = "characteristics_ch"
_DESCRIPTION: Final = "description"
_ACCESSION: Final = "geo_accession"
_KEPT: Final = frozenset({"title", _ACCESSION, "source_name_ch1", "organism_ch1", "platform_id"})
_MOST_LINES: Final = 100_000
_FIRST_ROWS: Final = 60


@dataclass
class SeriesTop:
    """What stands above the body of the table.

    Attributes
    ----------
    skip
        Lines before the first one of the body.
    names
        Of the table's columns.
    rows
        The first lines of the body.
    annotations
        What the file says of each column: key to values, one a column; '' for the first.
    platform
        GEO's name of the array, '' where the file does not say it.
    kind
        What its first table is of, by the line above it: ``series_matrix``, ``dataset``, ``sample``, ``platform``.
    """

    skip: int
    names: list[str]
    rows: list[list[str]]
    annotations: dict[str, list[str]] = field(default_factory=dict)
    platform: str = ""
    kind: str = ""


def is_series(first_line: str) -> bool:
    """Whether a file begins as GEO's series matrices and SOFT files do."""
    return first_line.startswith(
        ("!Series_", "!Sample_", "!series_", "!Platform_", "^PLATFORM", "^DATABASE", "^SERIES", "^SAMPLE")
    )


def begins_as_series(path: Path) -> bool:
    """Whether the first line of a text file is one of GEO's."""
    with open_text(path) as stream:
        return is_series(_text(stream.readline()))


def read_series_top(path: Path) -> SeriesTop:
    """Read the lines above the table of a GEO file.

    Raises
    ------
    InputError
        There is no table, or none with values, as for most series of RNA-Seq.
    """
    said, platform, number, kind, below = _above_table(path)
    if below is None:
        raise InputError(f"{path}: is a GEO file without a table (no line ends with {_TABLE_BEGIN})")
    below = list(itertools.takewhile(lambda line: not line.lower().startswith("!"), below))
    header, *rows = split_lines(below, "\t", path, number + 1) or [[]]
    if not rows:
        raise InputError(
            f"{path}: is a GEO series matrix without values; take the matrix from the series' supplementary files, and "
            "this file's samples as --metadata"
        )
    names = [name.strip() for name in header]
    annotations = {key: ["", *values] for key, values in said.items() if len(values) == len(names) - 1}
    return SeriesTop(number + 1, names, rows, annotations, platform, kind)


def read_series_samples(path: Path) -> dict[str, list[str]]:
    """Return what a GEO series matrix says of its samples, whether or not it holds values.

    Parameters
    ----------
    path
        The series matrix.

    Returns
    -------
    Column to values, one a sample: first ``geo_accession``, then what is kept of the lines about samples.

    Raises
    ------
    InputError
        No line names the samples, as in the table of a platform.
    """
    said, *_ = _above_table(path)
    names = said.pop(_ACCESSION, [])
    if not any(names):
        raise InputError(f"{path}: is a GEO file that names no sample (no line begins with {_SAMPLE}{_ACCESSION})")
    return {_ACCESSION: names, **{key: values for key, values in said.items() if len(values) == len(names)}}


def _above_table(path: Path) -> tuple[dict[str, list[str]], str, int, str, list[str] | None]:
    """Return what is said of samples, the platform, the number of lines, and kind and top of the table if any."""
    said: dict[str, list[str]] = {}
    number, platform = 0, ""
    with open_text(path) as stream:
        for raw in itertools.islice(stream, _MOST_LINES):
            number += 1
            line = _text(raw)
            if line.startswith("!") and line.lower().rstrip().endswith(_TABLE_BEGIN):
                kind = line[1:].lower().rstrip().removesuffix(_TABLE_BEGIN)
                return said, platform, number, kind, [_text(one) for one in itertools.islice(stream, 1 + _FIRST_ROWS)]
            if line.startswith(_SAMPLE):
                _add(said, split_line(line, "\t"))
            elif line.startswith(_PLATFORM):
                platform = split_line(line, "\t")[-1].strip()
    return said, platform, number, "", None


def _add(said: dict[str, list[str]], fields: list[str]) -> None:
    """Take a line about samples in: ``tissue: kidney`` under ``tissue``, what is kept of the rest under its name."""
    key, values = fields[0].removeprefix(_SAMPLE), [value.strip() for value in fields[1:]]
    if key.startswith(_CHARACTERISTICS):
        add_characteristics(said, values)
    elif key in _KEPT:
        said.setdefault(key, values)
    elif key == _DESCRIPTION:
        _add_description(said, values)


def _add_description(said: dict[str, list[str]], values: list[str]) -> None:
    """Take a description in where it may name the samples: as a column of the supplementary table, or ``key: name``."""
    if len({value for value in values if value}) < max(2, len(values)):
        return
    if all(map(says_what, values)):
        add_characteristics(said, values)
    else:
        at = sum(key == _DESCRIPTION or key.startswith(f"{_DESCRIPTION}_") for key in said)
        said.setdefault(f"{_DESCRIPTION}_{at + 1}" if at else _DESCRIPTION, values)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return raw.decode("latin-1").rstrip("\r\n")
