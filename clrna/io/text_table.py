"""Tables of one known form, read as text with errors that a user can act on.

What users bring in any form, matrices and tables of sample metadata, is read by :mod:`clrna.io.matrix.text_matrix` and
:mod:`clrna.io.metadata.sample_metadata`, which find the form out.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from clrna.errors import InputError
from clrna.io.text.cell_numbers import cell_numbers
from clrna.io.text.text_stream import open_text
from clrna.quoted import in_quotes, listed, reason_of

# No number of a table of ours comes near it, and an axis with it cannot be drawn.
_LARGEST = 1e100
_MOST_COLUMNS = 5_000
# How to mend a table that was loaded from its source.
LOAD_ANEW = "it is damaged, or its source has changed its form: load it anew"


def read_table(
    path: Path,
    *,
    separator: str = "\t",
    required: Iterable[str] = (),
    mend: str = LOAD_ANEW,
    may_be_empty: bool = False,
) -> pd.DataFrame:
    """Read a table, every cell as text, '' where it is empty.

    Parameters
    ----------
    path
        UTF-8 text with a header line, plain or compressed by gzip or zstd, whatever its name.
    separator
        What stands between two cells.
    required
        Columns that must be there.
    mend
        End of every error: where such a table comes from, or what to do.
    may_be_empty
        Whether a header without rows will do.

    Raises
    ------
    InputError
        The file is missing, empty, not text, no table, without rows or lacks a column.
    """
    try:
        # Before pandas names columns, in a time that grows as the square of their number.
        _refuse_wide(path, separator)
        _refuse_twice(path, separator)
        with open_text(path) as stream:
            table = pd.read_csv(stream, sep=separator, dtype=str, keep_default_na=False, index_col=False)
    except pd.errors.EmptyDataError as error:
        raise InputError(f"{path}: is empty; {mend}") from error
    except InputError as error:
        raise InputError(f"{error}; {mend}") from error
    except (ValueError, OverflowError) as error:
        reason = reason_of(error)
        raise InputError(f"{path}: cannot be read as a table ({reason}); {mend}") from error
    require_columns(table, required, path, mend)
    if table.empty and not may_be_empty:
        raise InputError(f"{path}: has a header but no rows; {mend}")
    return table


def _refuse_wide(path: Path, separator: str) -> None:
    """Raise InputError where the header, which may follow empty lines, has more names than any table of ours."""
    with open_text(path) as stream:
        header = next((line for line in stream if line.strip(b"\r\n")), b"")
    if header.count(separator.encode()) >= _MOST_COLUMNS:
        raise InputError(f"{path}: has more than {_MOST_COLUMNS:,} columns, which no such table has")


def _refuse_twice(path: Path, separator: str) -> None:
    """Raise InputError where the header has a name twice, which reading the table makes two names of."""
    with open_text(path) as stream:
        header = pd.read_csv(stream, sep=separator, dtype=str, keep_default_na=False, header=None, nrows=1).iloc[0]
    double = header[header.duplicated() & (header != "")]
    if len(double):
        raise InputError(f"{path}: has column {in_quotes(double.iloc[0])} twice; keep one of the two")


def require_columns(table: pd.DataFrame, names: Iterable[str], path: Path, mend: str = LOAD_ANEW) -> None:
    """Raise InputError unless ``table``, read from ``path``, has all these columns."""
    missing = [name for name in names if name not in table]
    if missing:
        there = listed(table.columns, 12)
        raise InputError(f"{path}: has no column {', '.join(map(repr, missing))} (it has {there}); {mend}")


def refuse_empty(table: pd.DataFrame, names: Iterable[str], path: Path, mend: str) -> None:
    """Raise InputError where a cell of one of these columns of a table of text is empty."""
    for name in names:
        at = (table[name].str.strip() == "").to_numpy().nonzero()[0]
        if len(at):
            where = f"row {at[0] + 1:,} of {len(table):,}"
            raise InputError(f"{path}: column {in_quotes(name)} is empty in {where}; {mend}")


def text_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in memory as :func:`read_table` would read it: every cell as text, '' where it is empty."""
    return table.astype(object).where(table.notna(), "").astype(str).reset_index(drop=True)


def with_numbers(table: pd.DataFrame, names: Iterable[str], path: Path, mend: str) -> pd.DataFrame:
    """Return a table of text with some columns as numbers, NaN where a cell is empty.

    Raises
    ------
    InputError
        A cell holds something else, or a number far beyond any of ours; the text names the column and what it holds.
    """
    return table.assign(**{name: column_numbers(table[name], path, mend=mend) for name in names})


def column_numbers(
    column: pd.Series, path: Path, *, mend: str, nothing: Iterable[str] = ("", "nan"), largest: float = _LARGEST
) -> pd.Series:
    """Return a column of text as numbers, NaN where a cell is one of ``nothing``.

    Raises
    ------
    InputError
        As of :func:`with_numbers`.
    """
    values = pd.Series(cell_numbers(column), column.index)
    odd = column[(values.isna() & ~column.str.strip().str.lower().isin(nothing)) | (values.abs() > largest)]
    if len(odd):
        raise InputError(
            f"{path}: column {in_quotes(column.name)} holds {in_quotes(odd.iloc[0])}, a number is needed; {mend}"
        )
    return values
