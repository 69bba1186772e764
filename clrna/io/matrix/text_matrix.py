"""Read the body of a text table in bounded memory: numbers become float32 as they are parsed."""

import logging
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
from tqdm import tqdm

from clrna.errors import InputError
from clrna.io.matrix.footnotes import FootnotesError, look_for_footnotes
from clrna.io.matrix.gene_columns import describes_genes, stands_behind
from clrna.io.matrix.number_table import NumberTable
from clrna.io.matrix.text_head import Head, read_head
from clrna.io.text.clean_stream import CleanStream
from clrna.io.text.quoting import column_without_apostrophes, split_line
from clrna.io.text.text_columns import MISSING_NUMBERS, is_description, is_number
from clrna.io.text.text_stream import open_text
from clrna.quoted import in_quotes, reason_of

logger = logging.getLogger("clrna")

_BLOCK_BYTES: Final = 16 << 20
_NARROW: Final = pa.float32()
_COLUMN: Final = re.compile(r"CSV column #(\d+)")
_VALUE: Final = re.compile(r"invalid value '(.*)'")
_FIVE_NUMBERS: Final = re.compile(r"[\d.]+(?:,[\d.]+){4}")
_WIDTH: Final = re.compile(r"Expected (\d+) columns, got (\d+)")


def read_text_matrix(path: Path) -> NumberTable:
    """Read a tab, comma, semicolon or | separated table, or GCT, plain or compressed.

    Raises
    ------
    InputError
        The file is no such table, is cut short, or holds something else than numbers where numbers stand.
    """
    head = read_head(path, matrix=True)
    while True:
        try:
            return _read_as(head)
        except FootnotesError as below:
            logger.info("%s: from line %d on it has notes, such as %s", path, below.line, in_quotes(below.text, 60))
            head = replace(head, last_line=below.line - 1)
        except _MixedColumnError as mixed:
            logger.debug("%s: column %r holds text too, first in %r", path, head.names[mixed.position], mixed.value)
            head = replace(head, text_columns=sorted({*head.text_columns, mixed.position}))


class _MixedColumnError(Exception):
    """A column that describes genes or samples holds text below the lines that were looked at first."""

    def __init__(self, position: int, value: str) -> None:
        super().__init__(value)
        self.position, self.value = position, value


def _read_as(head: Head) -> NumberTable:
    path = head.path
    first = head.row_annotations or 1
    text = sorted({*range(first), *head.text_columns})
    numbers = [position for position in range(len(head.names)) if position not in set(text)]
    width = len(head.names)
    while len(numbers) > 1 and head.names[width - 1] == "" and numbers[-1] == width - 1:
        numbers.pop()  # what delimiters at the end of each line leave
        width -= 1
    if not numbers:
        _refuse_quartiles(head)
        last = next((in_quotes(row[-1]) for row in head.rows if row[-1].strip()), "''")
        raise InputError(
            f"{path}: has no column of numbers, as {last} in {in_quotes(head.names[-1])} is none; give a matrix with "
            "one number for each gene and sample; a table of sample metadata is given with --metadata"
        )
    texts, values = _read_body(head, text, numbers)
    _refuse_other_sizes(head, values.shape)
    _refuse_too_large(head, numbers, values)
    names = [head.names[position] for position in numbers]
    annotations = pd.DataFrame(dict(zip(text, texts, strict=True)))
    annotations.columns = pd.Index([head.names[position] for position in text], dtype=object)
    of_columns = pd.DataFrame(
        {key: [column[position] for position in numbers] for key, column in head.column_annotations.items()}
    )
    return NumberTable(path, names, annotations, values, of_columns, bool(head.row_annotations), platform=head.platform)


def _refuse_quartiles(head: Head) -> None:
    """Raise InputError where each cell holds five numbers."""
    if any(_FIVE_NUMBERS.fullmatch(row[-1].strip()) for row in head.rows):
        raise InputError(
            f"{head.path}: has five numbers a cell, quartiles of a group of samples, as the Expression Atlas writes "
            "them; give its counts of the samples (raw-counts.tsv)"
        )


def _refuse_other_sizes(head: Head, shape: tuple[int, ...]) -> None:
    """Raise InputError where a GCT file has more or fewer rows or columns than its second line tells."""
    if head.sizes is None or shape == head.sizes:
        return
    rows, columns = head.sizes
    beside = len(head.names) - head.row_annotations
    if shape[0] == rows and beside == columns:
        return  # a sample without any value counts as text
    cause = "it is cut short" if shape[0] < rows or beside < columns else "it was put together or cut by hand"
    raise InputError(
        f"{head.path}: its second line tells {rows:,} rows and {columns:,} samples, and there are {shape[0]:,} and "
        f"{shape[1]:,}; {cause}: get it anew, or mend that line"
    )


def _refuse_too_large(head: Head, numbers: list[int], values: np.ndarray) -> None:
    """Raise InputError where a number is finite and beyond float32: it must not pass for a missing one."""
    infinite = np.array([bool(np.isinf(values[:, at]).any()) for at in range(len(numbers))], dtype=bool)
    if not infinite.any():
        return
    columns = [numbers[at] for at in np.flatnonzero(infinite)]
    texts, wide = _read_body(head, [0], columns, pa.float64())
    lost = np.argwhere(np.isfinite(wide) & np.isinf(values[:, infinite]))
    if len(lost):
        row, at = lost[0]
        raise InputError(
            f"{head.path}: column {in_quotes(head.names[columns[at]])} in row {in_quotes(texts[0][row])} is "
            f"{wide[row, at]:.6g}, and no expression value is so large; mend it, or leave it empty where it is missing"
        )


def _read_body(
    head: Head, text: list[int], numbers: list[int], kind: pa.DataType = _NARROW
) -> tuple[list[np.ndarray], np.ndarray]:
    names = [str(position) for position in range(len(head.names))]
    wanted = [names[position] for position in (*text, *numbers)]
    types = {names[position]: pa.string() for position in text} | {names[p]: kind for p in numbers}
    columns: list[list[np.ndarray]] = [[] for _ in text]
    blocks: list[np.ndarray] = []
    with open_text(head.path) as stream:
        for _ in range(head.skip):
            stream.readline()
        clean = CleanStream(stream, head.path, head.delimiter, head.skip, head.last_line)
        try:
            reader = pc.open_csv(
                clean,
                read_options=pc.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
                parse_options=pc.ParseOptions(delimiter=head.delimiter),
                convert_options=pc.ConvertOptions(
                    column_types=types, include_columns=wanted, null_values=list(MISSING_NUMBERS)
                ),
            )
            for batch in tqdm(reader, desc=head.path.name, unit="block", leave=False, disable=not sys.stderr.isatty()):
                for position in range(len(text)):
                    columns[position].append(batch.column(position).to_numpy(zero_copy_only=False))
                blocks.append(_as_block(batch, len(text), len(numbers), kind))
        except pa.ArrowInvalid as error:
            _explain(error, head)
    if head.has_end and not clean.ended:
        raise InputError(f"{head.path}: no line tells the end of its table (!series_matrix_table_end): it is cut short")
    return [column_without_apostrophes(np.concatenate(column)) for column in columns], _joined(blocks)


def _joined(blocks: list[np.ndarray]) -> np.ndarray:
    """Put blocks on top of each other and give each up once it is copied, so that there are never two matrices."""
    values = np.empty((sum(len(block) for block in blocks), blocks[0].shape[1]), dtype=blocks[0].dtype)
    blocks.reverse()
    end = 0
    while blocks:
        block = blocks.pop()
        values[end : end + len(block)] = block
        end += len(block)
    return values


def _as_block(batch: pa.RecordBatch, n_text: int, n_numbers: int, kind: pa.DataType) -> np.ndarray:
    block = np.empty((batch.num_rows, n_numbers), dtype=kind.to_pandas_dtype())
    for position in range(n_numbers):
        block[:, position] = batch.column(n_text + position).to_numpy(zero_copy_only=False)
    return block


def _explain(error: pa.ArrowInvalid, head: Head) -> NoReturn:
    """Turn what the parser says into what to do."""
    message = str(error)
    column, value, width = _COLUMN.search(message), _VALUE.search(message), _WIDTH.search(message)
    if width:
        if head.last_line is None:
            look_for_footnotes(head)
        cause = "it is cut short or damaged" if int(width[2]) < int(width[1]) else "a field holds the delimiter"
        which = _line_of_width(head, int(width[2]))
        raise InputError(f"{head.path}: {which} has {width[2]} fields where the header has {width[1]}; {cause}")
    if column and value:
        position, name = int(column[1]), head.names[int(column[1])]
        if is_description(name, value[1]) or _is_late_text(head, position):
            raise _MixedColumnError(position, value[1])
        raise _no_number(head, position, value[1])
    raise InputError(f"{head.path}: cannot be read as a table ({reason_of(error)})")


def _is_late_text(head: Head, position: int) -> bool:
    """Whether a column that begins to hold text below the first lines stands where annotations do."""
    rows = [[*row, *[""] * (len(head.names) - len(row))] for row in head.rows]
    filled = np.array([any(row[at].strip() not in MISSING_NUMBERS for row in rows) for at in range(len(head.names))])
    about = np.array([describes_genes(name) for name in head.names], dtype=bool)
    samples = filled & ~about
    samples[[0, *head.text_columns]] = False
    return not filled[position] and samples.any() and bool(stands_behind(head.names, samples, about)[position])


def _no_number(head: Head, position: int, value: str) -> InputError:
    """Return the error that names line, row and column of what is no number, and what to do about it."""
    number, fields = _line_with(head, position, value)
    where = f"line {number}, row {in_quotes(fields[0])}, " if fields else ""
    others = [field.strip() for field in fields[1:]]
    about_samples = len(others) > 1 and not any(map(is_number, others))
    if "," in value:
        hint = "write numbers with a decimal point"
    else:
        hint = "give what describes the samples with --metadata" if about_samples else "remove it or write NA"
    column = in_quotes(head.names[position])
    return InputError(f"{head.path}: {where}column {column}: {in_quotes(value, 60)} is no number; {hint}")


def _line_of_width(head: Head, width: int) -> str:
    """Return the first line with so many fields, by its number and how it begins, for an error."""
    with open_text(head.path) as stream:
        for _ in range(head.skip):
            stream.readline()
        for number, line in CleanStream(stream, head.path, head.delimiter, head.skip).lines():
            fields = split_line(line, head.delimiter)
            if len(fields) == width:
                return f"line {number}, which begins with {in_quotes(fields[0], 40)},"
    return "a line"


def _line_with(head: Head, position: int, value: str) -> tuple[int, list[str]]:
    """Return the first line that holds a value in a column, and its number; no fields where none is found."""
    with open_text(head.path) as stream:
        for _ in range(head.skip):
            stream.readline()
        for number, line in CleanStream(stream, head.path, head.delimiter, head.skip).lines():
            if value in line:
                fields = split_line(line, head.delimiter)
                if position < len(fields) and fields[position].strip() == value.strip():
                    return number, fields
    return 0, []
