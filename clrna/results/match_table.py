"""The table of ``clrna-match``: its columns, and how it is read back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from clrna.io.text_table import read_table, refuse_empty, require_columns, text_cells, with_numbers

# In this order; docs/match.md has the same table for readers.
COLUMNS: Final = (
    "sample", "study", "donor", "label", "label_from", "rank", "match", "match_study", "match_donor", "match_label",
    "match_sample_category", "similarity", "rank_in_label", "first_of_label", "as_close_as", "p_same_label",
    "p_replicate", "sample_category",
)  # fmt: skip
# The last came later: tables of before are read without it.
_REQUIRED: Final = COLUMNS[:-1]
_NUMBERS: Final = ("rank", "similarity", "rank_in_label", "first_of_label", "p_same_label", "p_replicate")
_FILLED: Final = ("sample", "rank", "match", "similarity")
_MEND: Final = "it should come from clrna-match"


def read_match_tables(paths: Sequence[Path]) -> pd.DataFrame:
    """Read tables of matches, such as those of several studies, one below the other.

    Returns
    -------
    One row for each sample and match with the columns of ``COLUMNS``: text ('' where empty) or float (NaN where empty).

    Raises
    ------
    InputError
        A file is no such table; the text names the column and the value.
    """
    tables = [_complete(read_table(path, required=_REQUIRED, mend=_MEND, may_be_empty=True), path) for path in paths]
    return pd.concat(tables, ignore_index=True)


def match_table_of(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return matches that are in memory as :func:`read_match_tables` does; errors call them ``path``."""
    require_columns(table, _REQUIRED, path, _MEND)
    return _complete(text_cells(table), path)


def of_same_label(nearest: pd.DataFrame) -> tuple[int, int]:
    """Return how many samples are nearest to one of their label, and of how many: whose label is known on both sides.

    Parameters
    ----------
    nearest
        The rows of rank 1.
    """
    known = nearest[(nearest["label_from"] == "file") & nearest["first_of_label"].notna()]
    return int((known["label"] == known["match_label"]).sum()), len(known)


def _complete(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    refuse_empty(table, _FILLED, path, _MEND)
    return with_numbers(table.assign(**{COLUMNS[-1]: table.get(COLUMNS[-1], "")}), _NUMBERS, path, _MEND)
