"""The tables that the package carries in ``clrna/data``."""

import importlib.resources
from collections.abc import Collection

import pandas as pd


def packaged_table(name: str, *, comment: str | None = "#", columns: Collection[str] | None = None) -> pd.DataFrame:
    """Return one of the package's tables, every cell as text, '' where it is empty.

    Parameters
    ----------
    name
        File in ``clrna/data``, tab-separated with a header; a name that ends in ``.gz`` is unpacked.
    comment
        What begins a comment; None where the sign may stand in a cell.
    columns
        Those that are wanted; all if None.
    """
    resource = importlib.resources.files("clrna") / "data" / name
    with importlib.resources.as_file(resource) as path:
        return pd.read_csv(
            path,
            sep="\t",
            dtype=str,
            keep_default_na=False,
            comment=comment,
            quoting=3,
            usecols=None if columns is None else list(columns),
        )
