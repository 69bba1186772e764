"""A first column that is a sample, since another column names the genes: at the end of the table, or in its midst."""

import logging
from dataclasses import replace
from typing import Final

import numpy as np

from clrna.io.matrix.gene_columns import describes_genes
from clrna.io.matrix.number_table import NumberTable
from clrna.io.text.cell_numbers import cell_numbers
from clrna.quoted import in_quotes

logger = logging.getLogger("clrna")

_NAMELESS: Final = ("", "unnamed: 0", "x", "...1", "index", "id", "row", "rowname", "row.names")
_REPEATED: Final = 0.02


def with_first_sample(table: NumberTable) -> NumberTable:
    """Return a table of genes in rows with its first column among the numbers where that is a sample.

    Parameters
    ----------
    table
        As it lies in the file; another column than the first one names its genes.

    Returns
    -------
    The same table where the first column is text, has no name of its own, or holds numbers of probes, genes or rows:
    whole ones, hardly any of which stands twice.
    """
    name = str(table.annotations.columns[0])
    if name.strip().lower() in _NAMELESS or describes_genes(name) or len(table.column_annotations):
        return table
    numbers = cell_numbers(table.annotations.iloc[:, 0])
    texts = table.annotations.iloc[:, 0]
    known = np.isfinite(numbers)
    if known.sum() < 2 or (~known & texts.notna().to_numpy()).any():
        return table
    some = numbers[known]
    whole = bool((some == np.rint(some)).all())
    if whole and len(np.unique(some)) >= (1.0 - _REPEATED) * len(some):
        return table
    logger.info("%s: column %s, the first, is a sample, as another one names the genes", table.path, in_quotes(name))
    return replace(
        table,
        columns=[name, *table.columns],
        annotations=table.annotations.iloc[:, 1:],
        values=np.column_stack([numbers, table.values]),
    )
