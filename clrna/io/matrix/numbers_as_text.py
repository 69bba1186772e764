"""Columns of a parquet file that hold numbers as text, which is how pandas writes a column of both."""

import logging
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from clrna.io.hdf5.narrowed import refuse_too_large
from clrna.io.matrix.gene_columns import describes_genes
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.number_table import name_form
from clrna.io.text.cell_numbers import cell_numbers
from clrna.io.text.text_columns import MISSING_NUMBERS, is_description
from clrna.quoted import in_quotes, listed

logger = logging.getLogger("clrna")

_MOSTLY: Final = 0.5


def numbers_as_text(texts: pd.DataFrame, numbers: list[str], path: Path) -> dict[str, np.ndarray]:
    """Return columns that are called as those of numbers are, and hold numbers as text.

    Those that are called unlike them may be of samples or genes, too, or describe the rows: a warning names them.

    Parameters
    ----------
    texts
        The columns of text, without the names of rows.
    numbers
        Names of the columns of numbers.
    path
        The file, for the warning.

    Returns
    -------
    Names, and float64, shape (rows,).
    """
    forms = {name_form(name) for name in numbers}
    found, unlike = {}, []
    for name in map(str, texts):
        known = _known(texts[name])
        if not known or is_description(name, "") or not np.isfinite(cell_numbers(known)).all():
            continue
        if name_form(name) in forms:
            found[name] = cell_numbers(texts[name])
        elif not describes_genes(name) and not _are_identifiers(known):
            unlike.append(name)
    if share_of_genes(numbers) >= _MOSTLY:  # what describes samples is no gene
        unlike = [name for name in unlike if share_of_genes([name]) > 0.0]
    if unlike:
        logger.warning(
            "%s: columns %s hold numbers as text, are called unlike the columns of numbers, and are no values; "
            "if they are, write them as numbers", path, listed(unlike),
        )  # fmt: skip
    return found


def among(
    numbers: list[str], values: np.ndarray, others: dict[str, np.ndarray], order: list[str], path: Path
) -> tuple[list[str], np.ndarray]:
    """Return names and values, a column each, with those of ``others`` among them, in the order of the file."""
    columns = dict(zip(numbers, values.T, strict=True))
    for name, wide in others.items():
        with np.errstate(over="ignore"):
            columns[name] = wide.astype(np.float32)
        refuse_too_large(wide, columns[name], f"{path}: column {in_quotes(name)}")
    names = sorted(columns, key=order.index)
    return names, np.column_stack([columns[name] for name in names])


def _known(column: pd.Series) -> list[str]:
    return [cell for cell in column.dropna() if isinstance(cell, str) and cell.strip() not in MISSING_NUMBERS]


def _are_identifiers(cells: list[str]) -> bool:
    """Whether no two rows share a value, and all are written in digits alone."""
    return all(cell.strip().isdigit() for cell in cells) and len(set(cells)) == len(cells)
