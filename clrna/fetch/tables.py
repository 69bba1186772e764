"""Small tables of metadata, read as text, with errors that name the file."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from clrna.errors import InputError


def read_table(path: Path, separator: str = ",", **settings: object) -> pd.DataFrame:
    """Return a table of text, '' where a field is empty.

    Raises
    ------
    InputError
        It is no such table, or is empty.
    """
    try:
        table = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, **settings)  # type: ignore[call-overload]
    except (ValueError, OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read as a table ({reason}); it is damaged, load it anew") from error
    if table.empty:
        raise InputError(f"{path}: has no rows; it is truncated, load it anew")
    return table


def require_columns(table: pd.DataFrame, names: Iterable[str], path: Path) -> None:
    """Raise InputError unless ``table`` has all these columns."""
    missing = [name for name in names if name not in table]
    if missing:
        has = ", ".join(map(str, table.columns[:12]))
        raise InputError(
            f"{path}: has no column {', '.join(missing)} (it has {has}); its source has changed its form, or it is "
            "another file"
        )
