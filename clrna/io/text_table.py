"""Tab-separated tables that other steps wrote, read as text with errors a user can act on."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from clrna.errors import InputError


def read_table(path: Path, *, required: Sequence[str], maker: str) -> pd.DataFrame:
    """Read a TSV file, every cell as text, '' where it is empty.

    Parameters
    ----------
    path
        UTF-8 text with a header line.
    required
        Columns that must be there.
    maker
        What writes such files, for the errors.

    Raises
    ------
    InputError
        The file is missing, empty, not text, no table, without rows or lacks a column.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file")
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, index_col=False)
    except pd.errors.EmptyDataError as error:
        raise InputError(f"{path}: is empty; it should come from {maker}") from error
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: is not a tab-separated table ({reason}); it should come from {maker}") from error
    missing = [name for name in required if name not in table]
    if missing:
        there = ", ".join(map(str, table.columns[:12]))
        raise InputError(
            f"{path}: has no column {', '.join(map(repr, missing))} (it has {there}); it should come from {maker}"
        )
    if table.empty:
        raise InputError(f"{path}: has a header but no rows; it should come from {maker}")
    return table
