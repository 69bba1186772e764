"""Read a parquet file as a table of numbers beside columns of text."""

import json
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clrna.errors import InputError
from clrna.io.hdf5.narrowed import refuse_too_large
from clrna.io.matrix.number_table import NumberTable
from clrna.io.matrix.numbers_as_text import among, numbers_as_text
from clrna.io.regular import refuse_no_file
from clrna.io.text.first_bytes import first_bytes
from clrna.quoted import in_quotes, listed, quoted, reason_of

_MAGIC: Final = b"PAR1"
_BATCH_CELLS: Final = 4_000_000
_PLAIN: Final = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal,
    pa.types.is_boolean, pa.types.is_null,
)  # fmt: skip
_DATES: Final = (pa.types.is_timestamp, pa.types.is_date, pa.types.is_time)
# Whatever a damaged file makes pyarrow raise.
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, KeyError, OverflowError)


def is_parquet(path: Path) -> bool:
    """Whether the file begins as parquet does."""
    return path.is_file() and first_bytes(path, len(_MAGIC)) == _MAGIC


def _opened(path: Path) -> pq.ParquetFile:
    refuse_no_file(path)
    return pq.ParquetFile(path)


def read_parquet_matrix(path: Path) -> NumberTable:
    """Read a parquet file, its row names from the pandas index or the first column of text.

    Raises
    ------
    InputError
        The file is cut short or damaged, or has no names of rows or no numbers.
    """
    try:
        with _opened(path) as file:
            schema = file.schema_arrow
            _refuse_twice(schema, path)
            index = _index_columns(schema)
            numbers = [name for name in _numeric(schema) if name not in index]
            texts = [*index, *(name for name in schema.names if name not in {*index, *numbers})]
            if not numbers or not texts:
                lacks = "column of numbers" if not numbers else "column that names the rows"
                raise InputError(f"{path}: has no {lacks} (columns {listed(schema.names)}); keep both")
            annotations = _as_frame(file.read(columns=texts).select(texts), path)
            values = _read_numbers(file, numbers, path)
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{path}: is damaged or cut short ({reason_of(error)}); write or copy it again") from error
    among_text = numbers_as_text(annotations.iloc[:, 1:].drop(columns=index, errors="ignore"), numbers, path)
    if among_text:
        numbers, values = among(numbers, values, among_text, schema.names, path)
        annotations = annotations.drop(columns=list(among_text))
        texts = [name for name in texts if name not in among_text]
    _refuse_null([*numbers, *texts, *annotations.iloc[:, 0].dropna().astype(str)], path)
    annotations.columns = pd.Index(["" if name.startswith("__index_level_") else name for name in texts], dtype=object)
    return NumberTable(path, numbers, annotations, values)


def read_parquet_frame(path: Path) -> pd.DataFrame:
    """Read a parquet file of sample metadata, its index as the first column.

    Raises
    ------
    InputError
        The file is cut short or damaged.
    """
    try:
        with _opened(path) as file:
            _refuse_twice(file.schema_arrow, path)
            table = file.read()
        index = _index_columns(table.schema)
        rest = [position for position, name in enumerate(table.schema.names) if name not in index]
        frame = _as_frame(table.select([*(table.schema.names.index(name) for name in index), *rest]), path)
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{path}: is damaged or cut short ({reason_of(error)}); write or copy it again") from error
    if not len(frame.columns):
        raise InputError(f"{path}: has no columns; write it again")
    return frame


def _refuse_null(names: list[str], path: Path) -> None:
    """Raise InputError where a name holds a null character: libraries compare names up to it, and no file could."""
    odd = next((name for name in names if "\0" in name), None)
    if odd is not None:
        raise InputError(f"{path}: {in_quotes(odd)} holds a null character; rename it")


def _refuse_twice(schema: pa.Schema, path: Path) -> None:
    double = [name for name, count in Counter(schema.names).items() if count > 1]
    if double:
        raise InputError(f"{path}: has column {in_quotes(double[0])} twice; rename or remove one of the two")


def _read_numbers(file: pq.ParquetFile, numbers: list[str], path: Path) -> np.ndarray:
    values = np.empty((file.metadata.num_rows, len(numbers)), dtype=np.float32)
    start = 0
    for batch in file.iter_batches(batch_size=max(1, _BATCH_CELLS // len(numbers)), columns=numbers):
        rows = slice(start, start + batch.num_rows)
        # iter_batches keeps the file's order of columns, whatever was asked for.
        for position, name in enumerate(numbers):
            column = batch.column(name)
            values[rows, position] = column.cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False)
            if np.isinf(values[rows, position]).any():
                wide = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
                refuse_too_large(wide, values[rows, position], f"{path}: column {in_quotes(name)}")
        start += batch.num_rows
    return values


def _index_columns(schema: pa.Schema) -> list[str]:
    """Return the columns in which pandas keeps the index."""
    about = (schema.metadata or {}).get(b"pandas")
    try:
        named = json.loads(about).get("index_columns", []) if about else []
        return [name for name in named if isinstance(name, str) and name in schema.names]
    except (ValueError, AttributeError, TypeError, RecursionError):
        return []  # what another program left there; the columns speak for themselves


def _as_frame(table: pa.Table, path: Path) -> pd.DataFrame:
    """Return columns of text and numbers, dates as text.

    Raises
    ------
    InputError
        A column holds bytes, lists or something else that no cell of a table could.
    """
    columns = {}
    for position, field in enumerate(table.schema):
        column, kind = table.column(position), field.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if any(is_kind(kind) for is_kind in _DATES):
            column = pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
        elif not any(is_kind(kind) for is_kind in _PLAIN):
            raise InputError(
                f"{path}: column {in_quotes(field.name)} holds {quoted(kind)}, which is neither text nor numbers; "
                "leave it out, or write it as text"
            )
        columns[position] = column.to_pandas()
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(table.schema.names, dtype=object)
    return frame


def _numeric(schema: pa.Schema) -> list[str]:
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return [one.name for one in schema if any(kind(one.type) for kind in kinds)]
