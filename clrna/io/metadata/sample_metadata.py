"""Read tables of sample metadata."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from clrna.errors import InputError, UsageError
from clrna.io.hdf5.frame_check import RESERVED
from clrna.io.matrix.number_table import distinct_names
from clrna.io.matrix.parquet_matrix import is_parquet, read_parquet_frame
from clrna.io.matrix.series_matrix import begins_as_series, read_series_samples
from clrna.io.matrix.text_head import Head, read_head
from clrna.io.metadata.condensed_sdrf import is_condensed, of_samples
from clrna.io.text.characteristics import with_characteristics
from clrna.io.text.clean_stream import CleanStream
from clrna.io.text.quoting import column_without_apostrophes, split_line
from clrna.io.text.text_stream import open_text
from clrna.plural import plural
from clrna.quoted import in_quotes, listed

logger = logging.getLogger("clrna")

# Fields that all lines together may lack at their ends: a header of megabytes above thousands of short lines would
# else become a table of terabytes.
_MOST_LACKING: Final = 10_000_000
# As many lines of next to nothing fill gigabytes, and a few kilobytes unpack to them.
_MOST_ROWS: Final = 5_000_000
# The widest tables of samples have some hundred columns, those of expression tens of thousands. Each column becomes
# up to three objects of a file that may hold 20,000 (clrna.io.hdf5.hdf5_guard).
_MOST_COLUMNS: Final = 5_000


@dataclass(frozen=True)
class SampleTable:
    """A table of sample metadata before anybody knows which study it is of.

    Attributes
    ----------
    path
        The file.
    frame
        Its columns as text, missing values as NaN, equal rows once.
    key
        The column that holds the sample's name.
    chosen
        Whether the user named that column.
    """

    path: Path
    frame: pd.DataFrame
    key: str
    chosen: bool = False

    def by(
        self, column: str, rows: np.ndarray | None = None, decides: Callable[[str], bool] | None = None
    ) -> pd.DataFrame:
        """Return rows by the names in a column; the other columns follow.

        Parameters
        ----------
        column
            Holds the names.
        rows
            Which rows to take, shape (rows,), bool; all if None.
        decides
            Whether a column, by its name, may not say two things of one sample; of others such values are left out.
            All do if None.

        Raises
        ------
        InputError
            A name has two rows that differ.
        """
        frame = self.frame if rows is None else self.frame[rows]
        return _by_sample(frame, column, self.path, decides)


def read_sample_table(path: Path, sample_column: str | None = None) -> SampleTable:
    """Read a table of sample metadata.

    Parameters
    ----------
    path
        Text separated by tab, comma, semicolon or |, plain or compressed, a GEO series matrix, or parquet.
    sample_column
        The column that holds the sample's name; the first one if None.

    Raises
    ------
    InputError
        The file is missing, empty or damaged, or has more columns than a table of samples.
    UsageError
        ``sample_column`` is not there.
    """
    frame = _read_frame(path)
    if not len(frame.columns):
        raise InputError(f"{path}: no column has a name or a value; the first is expected to name the samples")
    if frame.shape[1] > _MOST_COLUMNS:
        raise InputError(
            f"{path}: has {frame.shape[1]:,} columns, and no table of samples has more than {_MOST_COLUMNS:,}; "
            "if it is one and no expression, keep those that are needed"
        )
    frame.columns = pd.Index([str(name).strip() for name in frame.columns], dtype=object)
    column = sample_column or str(frame.columns[0])
    if column not in frame:
        names = listed(frame.columns, 10)
        raise UsageError(f"--sample-column {column}: {path} has no such column; it has {names}")
    if RESERVED in frame.columns.drop(column):
        raise InputError(f"{path}: has column '{RESERVED}', which AnnData keeps for itself; rename or remove it")
    frame = frame[frame[column].notna()].drop_duplicates().reset_index(drop=True)
    return SampleTable(path, frame, column, sample_column is not None)


def read_sample_metadata(path: Path, sample_column: str | None = None) -> pd.DataFrame:
    """Read a table of sample metadata in which each sample has one row.

    Parameters
    ----------
    path, sample_column
        As in :func:`read_sample_table`.

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
    table = read_sample_table(path, sample_column)
    return table.by(table.key)


def _read_frame(path: Path) -> pd.DataFrame:
    if is_parquet(path):
        return read_parquet_frame(path)
    if begins_as_series(path):
        frame = pd.DataFrame(read_series_samples(path), dtype=object)
        return frame.where(frame != "", np.nan)
    head = read_head(path)
    if is_condensed(head.names):
        return of_samples(pd.DataFrame([head.names, *_rows_below(head, path)], dtype=object))
    return with_characteristics(read_text_frame(path))


def read_text_frame(path: Path) -> pd.DataFrame:
    """Read a table of text, missing values as NaN; of columns without a name and value nothing is left.

    Raises
    ------
    InputError
        It is no table, or a line has more fields than the header.
    """
    head = read_head(path)
    frame = pd.DataFrame(_rows_below(head, path), columns=range(len(head.names)), dtype=object)
    frame = frame.where(frame != "", np.nan)
    frame = pd.DataFrame({at: column_without_apostrophes(frame[at].to_numpy(dtype=object)) for at in frame})
    # What delimiters at the end of each line leave has no name and no value.
    kept = [at for at, name in enumerate(head.names) if name or frame[at].notna().any()]
    return frame[kept].set_axis(distinct_names([head.names[at] for at in kept]), axis=1)


def _rows_below(head: Head, path: Path) -> list[list[str]]:
    """Return the lines below the header, each of its width."""
    width, lacking = len(head.names), 0
    rows: list[list[str]] = []
    with open_text(path) as stream:
        for _ in range(head.skip):
            stream.readline()
        for number, line in CleanStream(stream, path, head.delimiter, head.skip).lines():
            row = split_line(line, head.delimiter)
            short = len(row) < width and '"' in line  # a quoted field that goes on in the next line
            if short or any(field.strip() for field in row[width:]):
                raise InputError(
                    f"{path}: cannot be read as a table of sample metadata: line {number} has {len(row)} fields where "
                    f"the header has {width}; a field holds {'a line break' if short else 'the delimiter'}"
                )
            if not any(field.strip() for field in row):
                continue
            lacking += max(0, width - len(row))
            if lacking > _MOST_LACKING:
                raise InputError(
                    f"{path}: is no table of sample metadata: line {number} has {plural(len(row), 'field')} where the "
                    f"header has {width}, and others lack as many; remove the columns that hold nothing"
                )
            rows.append([*row[:width], *[""] * (width - len(row))])
            if len(rows) > _MOST_ROWS:
                raise InputError(
                    f"{path}: has more than {_MOST_ROWS:,} lines, and no table of samples or genes is so long"
                )
    return rows


def _by_sample(
    frame: pd.DataFrame, column: str, path: Path, decides: Callable[[str], bool] | None = None
) -> pd.DataFrame:
    if RESERVED in frame.columns.drop(column):
        raise InputError(f"{path}: has column '{RESERVED}', which AnnData keeps for itself; rename or remove it")
    frame = frame[frame[column].notna()].drop_duplicates()
    names = frame[column].astype(str).str.strip()
    if names.duplicated().any() and decides is not None:
        frame = _without_contradictions(frame, names, path, decides)
        names = frame[column].astype(str).str.strip()
    if names.duplicated().any():
        raise InputError(
            f"{path}: {_doubles(names)}{_where(frame, names)}; keep one row a sample, name the right column with "
            f"--sample-column (now {in_quotes(column)}), or, where studies name samples alike, add a column 'study' "
            "with the names of the studies"
        )
    # One by one, for pandas has another opinion with each version of what replacing does to a column's type.
    rest = frame.drop(columns=column).apply(lambda values: values.map(lambda value: np.nan if value == "" else value))
    return rest.set_axis(pd.Index(names.to_numpy(dtype=object), dtype=object), axis=0)


def _without_contradictions(
    frame: pd.DataFrame, names: pd.Series, path: Path, decides: Callable[[str], bool]
) -> pd.DataFrame:
    """Return one row a sample where its rows differ in nothing that decides: a line for each treatment or run."""
    differing = _differing(frame, names)
    contradicted = differing.any(axis=0)
    if any(decides(str(name)) for name in contradicted.index[contradicted]):
        return frame
    shown = listed(contradicted.index[contradicted], 5, marks=True)
    what = plural(int(differing.any(axis=1).sum()), "sample has", "samples have")
    if shown:
        logger.warning("%s: %s several rows that differ in %s; there, nothing is taken of them", path, what, shown)
    first = frame.astype(object).groupby(names.to_numpy(), sort=False).first()  # of each column the first known value
    return first.mask(differing.loc[first.index].to_numpy()).reset_index(drop=True)


def _differing(frame: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return for each sample which columns its rows differ in; where one says nothing, it contradicts none."""
    return frame.groupby(names.to_numpy(), sort=False).nunique(dropna=True) > 1


def _where(frame: pd.DataFrame, names: pd.Series) -> str:
    differing = _differing(frame, names).any(axis=0)
    return f" in {listed(differing.index[differing], 3, marks=True)}" if differing.any() else ""


def _doubles(names: pd.Series) -> str:
    double: Sequence[str] = names[names.duplicated()].unique().tolist()
    what = plural(len(double), "sample has", "samples have")
    return f"{what} two rows that differ ({listed(double, marks=True)})"
