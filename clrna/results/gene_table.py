"""The table of ``clrna-explain``: its columns, and how it is read back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from clrna.constants import ENSEMBL_ID
from clrna.errors import InputError
from clrna.io.text_table import read_table, refuse_empty, require_columns, text_cells, with_numbers
from clrna.quoted import in_quotes

FOR, AGAINST = "for", "against"
# What stands in the column ``against`` where a label is told from the mean of all others.
OTHERS: Final = "all others"
# Of one label or sample, the same in each of its rows.
OF_ALL: Final = ("difference", "baseline", "not_measured")
COLUMNS: Final = (
    "label", "against", "sample", "study", "direction", "rank", "gene", ENSEMBL_ID, "contribution", "value", *OF_ALL,
)  # fmt: skip
_NUMBERS: Final = ("rank", "contribution", "value", *OF_ALL)
_FILLED: Final = ("label", "against", "rank", "gene", "contribution")
_MEND: Final = "it should come from clrna-explain"


def read_gene_tables(paths: Sequence[Path]) -> pd.DataFrame:
    """Read tables of genes, such as those of several studies, one below the other.

    Returns
    -------
    A gene a row with the columns of ``COLUMNS``: text ('' where empty) or float (NaN where empty). Rows of labels,
    whose ``sample`` is '', come from the first table that has that label.

    Raises
    ------
    InputError
        A file is no such table; the text names the column and the value.
    """
    tables: list[pd.DataFrame] = []
    known: set[str] = set()
    for path in paths:
        table = _typed(read_table(path, required=COLUMNS, mend=_MEND, may_be_empty=True), path)
        of_label = table["sample"] == ""
        tables.append(table[~(of_label & table["label"].isin(known))])
        known |= set(table.loc[of_label, "label"])
    return pd.concat(tables, ignore_index=True)


def gene_table_of(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return genes that are in memory as :func:`read_gene_tables` does; errors call them ``path``."""
    require_columns(table, COLUMNS, path, _MEND)
    return _typed(text_cells(table), path)


def _typed(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    odd = table["direction"][~table["direction"].isin((FOR, AGAINST))]
    if len(odd):
        raise InputError(f"{path}: column 'direction' holds {in_quotes(odd.iloc[0])}, not {FOR} or {AGAINST}; {_MEND}")
    refuse_empty(table, _FILLED, path, _MEND)
    return with_numbers(table, _NUMBERS, path, _MEND)
