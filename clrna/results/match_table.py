"""The table of ``clrna-match``: its columns, and how it is read back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from clrna.io.text_table import read_table, require_columns, text_cells, with_numbers

# In this order; docs/match.md has the same table for readers.
COLUMNS: Final = (
    "sample", "study", "donor", "sample_category", "label", "label_from", "rank", "match", "match_study", "match_donor",
    "match_label", "match_sample_category", "similarity", "rank_in_label", "first_of_label", "as_close_as",
    "p_same_label", "p_replicate",
)  # fmt: skip
_NUMBERS: Final = ("rank", "similarity", "rank_in_label", "first_of_label", "p_same_label", "p_replicate")
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
    tables = [
        with_numbers(read_table(path, required=COLUMNS, mend=_MEND, may_be_empty=True), _NUMBERS, path, _MEND)
        for path in paths
    ]
    return pd.concat(tables, ignore_index=True)


def match_table_of(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return matches that are in memory as :func:`read_match_tables` does; errors call them ``path``."""
    require_columns(table, COLUMNS, path, _MEND)
    return with_numbers(text_cells(table), _NUMBERS, path, _MEND)
