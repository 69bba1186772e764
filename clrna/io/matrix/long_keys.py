"""Which two columns of a table name the gene and the sample of each line."""

import re
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

import numpy as np
import pandas as pd

from clrna.errors import InputError
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.number_table import NumberTable
from clrna.plain_words import plain_word
from clrna.quoted import in_quotes

_FULL: Final = 0.8
_GENES: Final = 0.3
# What the name of a column of samples begins with.
_SAMPLES: Final = (
    "sample",
    "patient",
    "subject",
    "donor",
    "individual",
    "case",
    "run",
    "replicate",
    "participant",
    "barcode",
)
# Of numbers only columns that are so called, and no more, name samples: Sample_1 and Patient 3 are those of a matrix.
_NUMBERED: Final = re.compile(
    rf"(?:{'|'.join(_SAMPLES)})(?:id|no|nr|num|number|name|code|key|index|barcode|accession)?s?"
)
_EXACT: Final = 2.0**24  # float32 holds whole numbers up to this


@dataclass(frozen=True)
class _Column:
    """A column that may name genes or samples.

    Attributes
    ----------
    name
        What it is called.
    codes
        Position of each line's name in ``names``.
    names
        The distinct ones.
    share
        How far they are genes.
    told
        Whether it is of text, or called as samples are. Of other numbers only that they stand beside each gene tells.
    """

    name: str
    codes: np.ndarray
    names: pd.Index
    share: float
    told: bool


@dataclass(frozen=True)
class Keys:
    """The two columns of which each pair of values has a line."""

    gene: _Column
    sample: _Column

    def pairs(self) -> np.ndarray:
        """Return a number for the pair of each line, the same for the same pair."""
        return self.gene.codes.astype(np.int64) * len(self.sample.names) + self.sample.codes

    def told(self, table: NumberTable) -> str:
        """Return the beginning of an error."""
        names = f"{in_quotes(self.gene.name)} and {in_quotes(self.sample.name)}"
        return f"{table.path}: is a long table, a line for each of {names}"


def keys_of(table: NumberTable) -> Keys | None:
    """Return the two columns of which each pair of gene and sample has a line, None where there are none.

    Raises
    ------
    InputError
        A column is called as samples are, and most genes have lines of several of these, but not of each, or several.
    """
    columns = _columns(table)
    keys = _best(table, columns)
    if keys is None:
        _refuse_incomplete(table, columns)
    return keys


def _columns(table: NumberTable) -> list[_Column]:
    """Return the columns that may name genes or samples: a name of one line alone tells no pair, one of all neither."""
    alone = len(table.columns) == 2  # one beside the values
    columns = [_of_texts(str(name) or "the first", texts) for name, texts in table.annotations.items()]
    columns += [
        _of_numbers(name, numbers)
        for name, numbers in zip(table.columns, table.values.T, strict=True)
        if (alone or _is_called_as_samples(name)) and (np.abs(numbers) < _EXACT).all() and not (numbers % 1).any()
    ]
    of_genes = any(column.share >= _GENES and not _are_numbers(column) for column in columns)
    return [
        # Numbers of samples are Entrez numbers by chance.
        replace(column, share=0.0)
        if _are_numbers(column) and (of_genes or _is_called_as_samples(column.name))
        else column
        for column in columns
        if 1 < len(column.names) <= len(table.values) / 2
    ]


def _of_texts(name: str, texts: pd.Series) -> _Column:
    codes, distinct = pd.factorize(texts.fillna("").astype(str).to_numpy(dtype=object))
    return _Column(name, codes, pd.Index(distinct), share_of_genes(list(distinct)), told=True)


def _of_numbers(name: str, numbers: np.ndarray) -> _Column:
    codes, distinct = pd.factorize(numbers.astype(np.int64).astype(str).astype(object))
    return _Column(name, codes, pd.Index(distinct), 0.0, told=_is_called_as_samples(name))


def _is_called_as_samples(name: str) -> bool:
    return _NUMBERED.fullmatch(plain_word(name)) is not None


def _are_numbers(column: _Column) -> bool:
    return all(value.isdigit() for value in column.names)


def _best(table: NumberTable, columns: list[_Column]) -> Keys | None:
    """Return the columns that name gene and sample of each line, where each pair of them stands once."""
    best: tuple[tuple[float, int, bool], Keys] | None = None
    for gene, sample in permutations(columns, 2):
        if min(gene.share, sample.share) >= _GENES or gene.share < sample.share:
            continue  # two genes a line are fusions or networks
        if gene.share == 0.0 and len(gene.names) <= len(sample.names):
            continue
        pairs = len(gene.names) * len(sample.names)
        least = _FULL if gene.told and sample.told else 1.0
        if not pairs * least <= len(table.values) <= pairs:
            continue
        keys = Keys(gene, sample)
        if len(np.unique(keys.pairs())) < len(gene.codes):
            continue
        rank = (round(gene.share, 2), len(sample.names), "sample" in plain_word(sample.name))
        if best is None or rank > best[0]:
            best = rank, keys
    return best[1] if best else None


def _refuse_incomplete(table: NumberTable, columns: list[_Column]) -> None:
    """Raise InputError where a column is called as samples are, and most genes have lines of several of these.

    As a matrix, whose genes may stand twice, all lines of a gene would become one.
    """
    for gene, sample in permutations(columns, 2):
        if gene.share < _GENES or not sample.told or not plain_word(sample.name).startswith(_SAMPLES):
            continue
        keys = Keys(gene, sample)
        told, pairs = keys.told(table), np.unique(keys.pairs())
        several = np.bincount(pairs // len(sample.names), minlength=len(gene.names)) > 1
        if several.mean() < _GENES:
            continue
        if len(pairs) < len(gene.codes):
            raise InputError(f"{told}, but pairs of these stand in several lines; give a matrix, or one line for each")
        share = 100 * (1 - len(pairs) / (len(gene.names) * len(sample.names)))
        raise InputError(
            f"{told}, but {share:.0f} % of the pairs have no line; write those, with 0 or NA, or give a matrix"
        )
