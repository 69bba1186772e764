"""Long tables, a line for each gene and sample, are made a matrix."""

import logging
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from clrna.errors import InputError
from clrna.io.matrix.comparison_columns import of_comparisons
from clrna.io.matrix.gene_columns import describes_genes
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.long_keys import Keys, keys_of
from clrna.io.matrix.mutations_and_guides import refuse_mutations_and_guides
from clrna.io.matrix.number_table import NumberTable
from clrna.io.matrix.unit_columns import names_unit
from clrna.quoted import in_quotes, listed

logger = logging.getLogger("clrna")

_MOST_NUMBERS: Final = 12
_MOST_TEXTS: Final = 40


def of_long_table(table: NumberTable) -> NumberTable:
    """Return the matrix of a table with a line for each gene and sample; other tables come back as they are.

    Parameters
    ----------
    table
        As it lies in the file.

    Returns
    -------
    Genes in rows. Columns that say one thing of each sample are in ``column_annotations``, those that say one thing
    of each gene beside the genes. Of several columns of numbers those that are called as a unit are read, and samples
    are called after them (``S1_TPM``).

    Raises
    ------
    InputError
        A table has a line for each mutation, guide of a screen or result of a test, or several numbers a line.
    """
    refuse_mutations_and_guides(table)
    if table.genes_in_rows or len(table.columns) > _MOST_NUMBERS or not 1 <= table.annotations.shape[1] <= _MOST_TEXTS:
        return table
    long = _with_first_number(table)
    keys = keys_of(long)
    return table if keys is None else _as_matrix(long, keys)


def _as_matrix(table: NumberTable, keys: Keys) -> NumberTable:
    gene, sample = keys.gene, keys.sample
    about_gene, about_sample, values = _sorted_columns(table, keys)
    read = _read_columns(table, keys, values)
    units = [table.columns[at] if names_unit(table.columns[at]) else "" for at in read]
    names = [f"{name}_{unit}" if unit else str(name) for name in sample.names for unit in units]
    shape = (len(gene.names), len(sample.names), len(read))
    matrix = np.full(shape, np.nan, dtype=np.float32)
    matrix[gene.codes, sample.codes] = table.values[:, read]
    annotations = about_gene.copy()
    annotations.insert(0, gene.name, gene.names.to_numpy(dtype=object), allow_duplicates=True)
    of_samples = about_sample.loc[about_sample.index.repeat(len(read))].reset_index(drop=True)
    logger.info(
        "%s: is a long table, with a line for each of %d genes (%s) and %d samples (%s)",
        table.path, len(gene.names), in_quotes(gene.name), len(sample.names), in_quotes(sample.name),
    )  # fmt: skip
    of_genes = share_of_genes(gene.names.tolist()) > 0.0
    wide = np.ascontiguousarray(matrix.reshape(shape[0], -1))
    return NumberTable(table.path, names, annotations, wide, of_samples, of_genes)


def _with_first_number(table: NumberTable) -> NumberTable:
    """Return a table whose first column, which is read as text, is one of numbers where it holds such."""
    texts = table.annotations
    numbers = pd.to_numeric(texts.iloc[:, 0], errors="coerce").to_numpy(dtype=np.float32)
    if texts.shape[1] < 3 or not np.isfinite(numbers).all() or len(np.unique(numbers)) == len(numbers):
        return table
    name = str(texts.columns[0])
    values = np.concatenate([numbers[:, np.newaxis], table.values], axis=1)
    return replace(table, columns=[name, *table.columns], annotations=texts.iloc[:, 1:], values=values)


def _sorted_columns(table: NumberTable, keys: Keys) -> tuple[pd.DataFrame, pd.DataFrame, list[int]]:
    """Return what is said of each gene, what of each sample, and the positions of the columns of values."""
    about_gene, about_sample, values, others = {}, {}, [], []
    texts = table.annotations
    columns = [(str(texts.columns[at]), texts.iloc[:, at].to_numpy(dtype=object)) for at in range(texts.shape[1])]
    columns += [(name, table.values[:, at]) for at, name in enumerate(table.columns)]
    for at, (name, column) in enumerate(columns, -texts.shape[1]):
        if name in (keys.gene.name, keys.sample.name):
            continue
        codes = pd.factorize(column)[0]
        by_sample, by_gene = (_first_of_each(codes, groups) for groups in (keys.sample.codes, keys.gene.codes))
        if by_sample is not None:
            about_sample[name] = column[by_sample]
        elif by_gene is not None:
            about_gene[name] = column[by_gene]
        elif at >= 0 and not describes_genes(name):
            values.append(at)
        else:
            others.append(name)
    if others:
        logger.info("%s: columns %s describe neither genes nor samples and are left out", table.path, listed(others))
    return (
        pd.DataFrame(about_gene, index=range(len(keys.gene.names))),
        pd.DataFrame(about_sample, index=range(len(keys.sample.names))),
        values,
    )


def _first_of_each(codes: np.ndarray, groups: np.ndarray) -> np.ndarray | None:
    """Return a line of each group, None where a group's lines differ."""
    lines = np.unique(groups, return_index=True)[1]
    return lines if (codes == codes[lines][groups]).all() else None


def _read_columns(table: NumberTable, keys: Keys, values: list[int]) -> list[int]:
    """Return the positions of the columns that are expression: the only one, or those that are called as units."""
    names = [table.columns[at] for at in values]
    tests = of_comparisons(names, table.values[:, values], np.zeros(len(values), dtype=bool))
    if tests.any():
        raise InputError(f"{keys.told(table)}, with results of a test ({listed(names)}), and no expression")
    units = [at for at in values if names_unit(table.columns[at])]
    read = units or values
    if not units and len(values) != 1:
        what = f"columns {listed(names)} may each be the expression" if values else "no column of numbers"
        raise InputError(f"{keys.told(table)}, and {what}; keep one of them, or give a matrix")
    if len(read) < len(values):
        left = listed([table.columns[at] for at in values if at not in read])
        logger.info("%s: columns %s are left out, as others are called as units", table.path, left)
    return read
