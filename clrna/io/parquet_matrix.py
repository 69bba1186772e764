"""Read a parquet file as a table of numbers beside columns of text."""

import json
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clrna.errors import InputError
from clrna.io.number_table import NumberTable

_MAGIC: Final = b"PAR1"
_BATCH_CELLS: Final = 4_000_000


def is_parquet(path: Path) -> bool:
    """Whether the file begins as parquet does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == _MAGIC


def read_parquet_matrix(path: Path) -> NumberTable:
    """Read a parquet file, its row names from the pandas index or the first column of text.

    Raises
    ------
    InputError
        The file is cut short or damaged, or has no names of rows or no numbers.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            index = _index_columns(schema)
            numbers = [name for name in _numeric(schema) if name not in index]
            texts = [*index, *(name for name in schema.names if name not in {*index, *numbers})]
            if not numbers or not texts:
                lacks = "column of numbers" if not numbers else "column that names the rows"
                raise InputError(f"{path}: has no {lacks} (columns {', '.join(schema.names[:5])}); keep both")
            annotations = file.read(columns=texts).to_pandas(ignore_metadata=True)[texts]
            values = _read_numbers(file, numbers)
    except (pa.ArrowInvalid, OSError) as error:
        reason = " ".join(str(error).split())[:150]
        raise InputError(f"{path}: is damaged or cut short ({reason}); write or copy it again") from error
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
        frame = pq.read_table(path).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        reason = " ".join(str(error).split())[:150]
        raise InputError(f"{path}: is damaged or cut short ({reason}); write or copy it again") from error
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


def _read_numbers(file: pq.ParquetFile, numbers: list[str]) -> np.ndarray:
    values = np.empty((file.metadata.num_rows, len(numbers)), dtype=np.float32)
    start = 0
    for batch in file.iter_batches(batch_size=max(1, _BATCH_CELLS // len(numbers)), columns=numbers):
        rows = slice(start, start + batch.num_rows)
        # iter_batches keeps the file's order of columns, whatever was asked for.
        for position, name in enumerate(numbers):
            column = batch.column(name)
            values[rows, position] = column.cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False)
        start += batch.num_rows
    return values


def _index_columns(schema: pa.Schema) -> list[str]:
    """Return the columns in which pandas keeps the index."""
    about = (schema.metadata or {}).get(b"pandas")
    named = json.loads(about).get("index_columns", []) if about else []
    return [name for name in named if isinstance(name, str) and name in schema.names]


def _numeric(schema: pa.Schema) -> list[str]:
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return [one.name for one in schema if any(kind(one.type) for kind in kinds)]
