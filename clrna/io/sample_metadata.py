"""Read tables of sample metadata."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.errors import InputError, UsageError
from clrna.io.parquet_matrix import is_parquet, read_parquet_frame
from clrna.io.text_head import read_head
from clrna.io.text_stream import open_text


def read_sample_metadata(path: Path, sample_column: str | None = None) -> pd.DataFrame:
    """Read a table of sample metadata.

    Parameters
    ----------
    path
        Text separated by tab, comma, semicolon or |, plain or compressed, or parquet.
    sample_column
        The column that holds the sample's name; the first one if None.

    Returns
    -------
    Text columns, missing values as NaN, with the samples' names as index, each once.

    Raises
    ------
    InputError
        The file is missing, empty or damaged, or says two things of one sample.
    UsageError
        ``sample_column`` is not there.
    """
    frame = read_parquet_frame(path) if is_parquet(path) else _read_text(path)
    frame.columns = pd.Index([str(name).strip() for name in frame.columns], dtype=object)
    column = sample_column or str(frame.columns[0])
    if column not in frame:
        names = ", ".join(str(name) for name in frame.columns[:10])
        raise UsageError(f"--sample-column {column}: {path} has no such column; it has {names}")
    return _by_sample(frame, column, path)


def _read_text(path: Path) -> pd.DataFrame:
    head = read_head(path)
    with open_text(path) as stream:
        for _ in range(head.skip):
            stream.readline()
        try:
            return pd.read_csv(
                stream, sep=head.delimiter, header=None, names=head.names, index_col=False, dtype=str,
                keep_default_na=False, na_values=[""], encoding=head.encoding, quoting=csv.QUOTE_MINIMAL,
                on_bad_lines="error",
            )  # fmt: skip
        except (pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
            reason = " ".join(str(error).split())[:150]
            raise InputError(f"{path}: cannot be read as a table of sample metadata ({reason})") from error


def _by_sample(frame: pd.DataFrame, column: str, path: Path) -> pd.DataFrame:
    frame = frame[frame[column].notna()].drop_duplicates()
    names = frame[column].astype(str).str.strip()
    if names.duplicated().any():
        double = names[names.duplicated()].unique()
        raise InputError(
            f"{path}: {len(double)} samples have two rows that differ ({', '.join(map(repr, double[:5]))}); "
            f"keep one row a sample, or name the right column with --sample-column (now {column!r})"
        )
    rest = frame.drop(columns=column).replace({"": np.nan})
    return rest.set_axis(pd.Index(names.to_numpy(dtype=object), dtype=object), axis=0)
