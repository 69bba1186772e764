"""Look at the first lines of a text table: comments, delimiter, header, and which columns hold numbers."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.headerless import header_of
from clrna.io.matrix.not_genes import says_no_gene
from clrna.io.matrix.number_table import distinct_names
from clrna.io.matrix.series_matrix import is_series, read_series_top
from clrna.io.matrix.table_start import find_start
from clrna.io.text.own_tables import refuse_own_table
from clrna.io.text.quoting import header_without_apostrophes, split_lines
from clrna.io.text.text_columns import MISSING_NUMBERS, is_number, text_columns
from clrna.io.text.text_stream import open_text
from clrna.quoted import in_quotes

_TABLES_OF_SOFT: Final = {
    "sample": "in which each sample has a table of its own",
    "platform": "whose first table is the platform's, which is for --gene-map",
}
# Each column takes a tenth of a millisecond, whatever is in it; no study has as many samples.
_MOST_COLUMNS: Final = 300_000
_MOST_LINES: Final = 60
_MOST_BYTES: Final = 16_000_000
_MOST_ANNOTATIONS: Final = 10


@dataclass(frozen=True)
class Head:
    """What stands at the top of a text table.

    Attributes
    ----------
    path
        The file.
    delimiter
        Between fields.
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
        Lines between header and numbers that say something of the columns (GCT 1.3, Firehose's second header
        line): name to values of all columns; empty else.
    platform
        Of a GEO series matrix: the array's name there; '' else.
    sizes
        Of a GCT file: the numbers of rows and of columns of numbers that its second line tells; None else.
    has_end
        Whether a line has to tell the end of the table, as in GEO's files.
    last_line
        Number of the table's last line, from 1, where notes stand below it; None where it ends with the file.
    """

    path: Path
    delimiter: str
    skip: int
    names: list[str]
    rows: list[list[str]]
    text_columns: list[int]
    row_annotations: int = 0
    column_annotations: dict[str, list[str]] = field(default_factory=dict)
    platform: str = ""
    sizes: tuple[int, int] | None = None
    has_end: bool = False
    last_line: int | None = None


def read_head(path: Path, *, matrix: bool = False) -> Head:
    """Look at the top of a text table.

    Parameters
    ----------
    path
        The file.
    matrix
        Whether it is to be an expression matrix, in which lines of text below the header describe the columns.

    Raises
    ------
    InputError
        There is no header, no body, one column only, numbers with a decimal comma, a quote that does not
        close in its line, or a table for each sample.
    """
    lines = _first_lines(path)
    if lines[0].startswith("#1.") and len(lines) > 2:
        return _gct_head(path, lines)
    if is_series(lines[0]):
        top = read_series_top(path)
        if matrix and top.kind in _TABLES_OF_SOFT:
            raise InputError(f"{path}: is a SOFT file of GEO, {_TABLES_OF_SOFT[top.kind]}; give the series matrix")
        text = text_columns(top.names, top.rows, path)
        beside = 1 if matrix else 0
        return Head(
            path, "\t", top.skip, top.names, top.rows, text, beside, top.annotations, top.platform, has_end=True
        )
    start, delimiter = find_start(lines, path)
    header, *rows = split_lines(lines[start:], delimiter, path, start + 1)
    if len(header) > _MOST_COLUMNS:
        raise InputError(f"{path}: has {len(header):,} columns, {_MOST_COLUMNS:,} are read at most; give it in parts")
    lacking = header_of(header, path, rows) if matrix else None
    if lacking:
        rows.insert(0, header)
        return Head(path, delimiter, start, lacking, rows, text_columns(lacking, rows, path))
    if not rows:
        raise InputError(f"{path}: has a header but no lines below it")
    names = _full_header(header, rows)
    refuse_own_table(path, names)
    if len(names) < 2:
        raise InputError(f"{path}: has one column only; fields are separated by tab, comma, semicolon or |")
    names[0] = names[0].removeprefix("#").strip()
    names = header_without_apostrophes(names)
    annotations, of_samples = _column_annotations(names, rows) if matrix else ({}, [])
    rows = rows[len(annotations) :]
    if annotations:
        names = _with_samples_names(names, annotations, of_samples)
    skip = _lines_until(lines, start, 1 + len(annotations))
    return Head(path, delimiter, skip, names, rows, text_columns(names, rows, path if matrix else None), 0, annotations)


def _first_lines(path: Path) -> list[str]:
    with open_text(path) as stream:
        raw, size = [], 0
        for line in itertools.islice(stream, _MOST_LINES):
            raw.append(line)
            size += len(line)
            if size > _MOST_BYTES:
                break
    joined = b"".join(raw)
    try:
        text = joined.decode("utf-8")
    except UnicodeDecodeError:
        text = joined.decode("latin-1")
    lines = [line.rstrip("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError(f"{path}: holds empty lines only")
    if len(lines) == 1 and "\r" in lines[0]:
        raise InputError(f"{path}: its lines end with a carriage return alone, as on old Macs; save it with line feeds")
    return lines


def _lines_until(lines: list[str], start: int, wanted: int) -> int:
    """Return the number of lines that end with the ``wanted``-th line after ``start`` that is not blank."""
    filled = [number for number in range(start, len(lines)) if lines[number].strip()]
    return filled[wanted - 1] + 1


def _full_header(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return one name a column: R leaves out the name of the row names, others end lines with a delimiter."""
    names = [name.strip() for name in header]
    if all(len(row) == len(names) + 1 for row in rows):
        return [*names, ""] if all(row[-1] == "" for row in rows) else ["", *names]
    return names


def _column_annotations(names: list[str], rows: list[list[str]]) -> tuple[dict[str, list[str]], list[int]]:
    """Return the first lines of the body that hold text where all lines below them hold numbers, and these columns.

    Among them may be lines of numbers about the samples, such as their age, but none of a gene.
    """
    begins = {at: begin for at in range(1, len(names)) if (begin := _numbers_begin(rows, at)) <= _MOST_ANNOTATIONS}
    number = max(begins.values(), default=0)
    columns = list(begins)
    while number and number < len(rows) and _names_text_alone(rows[number], columns):
        number += 1
    above = rows[:number]
    if len(columns) < 2 or any(len(row) != len(names) for row in above):
        return {}, []
    # Beside a line of nothing but text, which is above the genes, numbers are of no unknown gene.
    titled = any(all(row[at].strip() and not is_number(row[at].strip()) for at in columns) for row in above)
    if any(_is_of_gene(row, columns, titled=titled) for row in above):
        return {}, []
    keys = distinct_names(row[0].strip() or f"line_{at + 1}" for at, row in enumerate(above))
    return dict(zip(keys, above, strict=True)), columns


def _names_text_alone(row: list[str], columns: list[int]) -> bool:
    """Whether a line holds names of columns of text, and nothing of the samples."""
    words = sum(bool(field.strip()) for field in row)
    empty = all(at < len(row) and not row[at].strip() for at in columns)
    return empty and words > 1 and share_of_genes([row[0].strip()]) == 0.0


def _with_samples_names(names: list[str], annotations: dict[str, list[str]], columns: list[int]) -> list[str]:
    """Return the header, or the line below it that names the samples where the header's names stand twice.

    The two change places: tables of pandas have a line for each level of their columns, and cells that a spreadsheet
    has merged are empty but for the first.
    """
    if len({names[at] for at in columns}) == len(columns) and all(names[at] for at in columns[:-1]):
        return names
    for key, row in list(annotations.items()):
        values = [row[at].strip() for at in columns]
        if len(set(values)) == len(values) and all(values):
            del annotations[key]
            annotations[names[0] or "line_0"] = names
            return [value.strip() for value in row]
    return names


def _numbers_begin(rows: list[list[str]], at: int) -> int:
    """Return the line from which on a column holds numbers or nothing; the number of lines where it holds none."""
    begin, found = 0, False
    for number in range(len(rows) - 1, -1, -1):
        value = rows[number][at].strip() if at < len(rows[number]) else ""
        if value in MISSING_NUMBERS:
            continue
        if not is_number(value):
            begin = number + 1
            break
        found = True
    return begin if found else len(rows) + _MOST_ANNOTATIONS


def _is_of_gene(row: list[str], columns: list[int], *, titled: bool) -> bool:
    """Whether a line holds nothing of a gene, or numbers of what may be one, as its name does not say otherwise."""
    values, name = [row[at].strip() for at in columns], row[0].strip()
    if all(value in MISSING_NUMBERS for value in values):
        return not name or share_of_genes([name]) > 0.0
    if not any(map(is_number, values)) or says_no_gene(name):
        return False
    return not titled or share_of_genes([name]) > 0.0


def _gct_head(path: Path, lines: list[str]) -> Head:
    """Read the three kinds of lines above the body of GCT 1.2 and 1.3 (GenePattern, CMap)."""
    try:
        sizes = [int(word) for word in lines[1].split("\t") if word.strip()]
    except ValueError as error:
        raise InputError(
            f"{path}: second line of a GCT file gives its sizes, not {in_quotes(lines[1][:40])}"
        ) from error
    if len(sizes) < 2 or min(sizes) < 0:
        raise InputError(f"{path}: second line of a GCT file gives its sizes, not {in_quotes(lines[1][:40])}")
    beside, above = (sizes[2], sizes[3]) if len(sizes) >= 4 else (1, 0)
    names = [name.strip() for name in lines[2].split("\t")]
    annotations = [line.split("\t") for line in lines[3 : 3 + above]]
    rows = split_lines(lines[3 + above :], "\t", path, 4 + above)
    if not rows:
        raise InputError(f"{path}: is a GCT file without genes")
    columns = {row[0]: row for row in annotations if len(row) == len(names)}
    text = sorted({*range(1 + beside), *text_columns(names, rows, path)})
    return Head(path, "\t", 3 + above, names, rows, text, 1 + beside, columns, sizes=(sizes[0], sizes[1]))
