"""Columns of numbers that describe a gene or the result of a test, and are no samples."""

import logging
import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.genes import map_genes
from clrna.io.matrix.aggregate_columns import aggregates
from clrna.io.matrix.comparison_columns import of_comparisons, refuse_few_beside
from clrna.io.matrix.number_table import NumberTable, name_form
from clrna.io.matrix.row_numbers import numbers_of_rows
from clrna.plain_words import plain_word
from clrna.quoted import listed
from clrna.scale.scale_check import LARGEST_LOG2
from clrna.spread_out import spread_out

logger = logging.getLogger("clrna")

_OF_GENE: Final = r"(genes?|exon|exonic|transcript|tx|cds|effective|eff|union|merged|median|mean|max|feature|genomic)*"
_LENGTH: Final = rf"{_OF_GENE}(length|len|size|width)(bp|kb|nt)?"
_DESCRIBES: Final = re.compile(
    rf"{_LENGTH}"
    rf"|{_OF_GENE}(start|end|stop|begin|position)(position|pos)?(bp)?|strand|(gene)?(chr|chrom|chromosome(name)?|strand)|level"
    r"|(ncbi|hgnc|entrez|ensembl|locus|gene)+(link)?(gene)?(id|number)?s?"
    r"|(percent|percentage)?(gene)?gc(content|percent)?|(n|num|number)?(of)?exons?(count|number)?"
    r"|(probe(set)?|arrayaddress|transcriptcluster)(id|number)s?"
    r"|(transcript|isoform)s?(count|number)|mean|average|avg|median|sd|stdev|std|variance|cv|max(imum)?|min(imum)?|rowsums?"
    r"|gweight|(percent)?samplesabovethreshold|(avg|min|max)count"  # Stanford's PCL, NanoString's nSolver
)
_IS_LENGTH: Final = re.compile(_LENGTH)
_SUM: Final = re.compile(r"(row|grand)?(total|sum)s?")
_UNNAMED: Final = re.compile(r"(unnamed(: ?|_?)\d*|x?(\.\.\.|\.)?\d*|column\d+|v\d+|spalte\d+)", re.IGNORECASE)
_MARK: Final = re.compile(r"(?<=\w\w) [a-z*†]$")  # of a note below the table, as CellMiner has them: Start f
_FEWEST_CONSTANT: Final = 20
_MOST_ROWS: Final = 1_000
_ENOUGH: Final = 0.8


def columns_about_genes(table: NumberTable, ids: Sequence[str]) -> np.ndarray:
    """Return which columns of numbers are no samples.

    They are known by their names, as columns that hold the Entrez number of each row's gene, any other number that no
    two rows share, or shares among counts, as means and other aggregates of the samples, or, beside logarithms, as
    columns before the samples that hold numbers too large for one.

    Parameters
    ----------
    table
        Genes in rows.
    ids
        Identifiers of the genes, one a row.

    Returns
    -------
    Bool, shape (columns,).

    Raises
    ------
    InputError
        No column is a sample.
    """
    plain = [plain_word(name) for name in table.columns]
    about = np.array([describes_genes(name) for name in table.columns], dtype=bool)
    hollow = _empty(table, about)
    hollow |= _constant(table, about | hollow)
    _tell_hollow(table, hollow)
    about |= hollow
    tests = of_comparisons(table.columns, table.values, about)
    about |= tests | _entrez_numbers(table.values, ids, about | tests)
    about |= _no_logarithms(table.values, about)
    about |= numbers_of_rows(table.columns, table.values, about)
    sums = np.array([_SUM.fullmatch(name) is not None for name in plain], dtype=bool)
    about |= aggregates(table.columns, table.values, about | sums)
    about |= _sums(table.values, sums, about)
    if tests.any():
        refuse_few_beside([name for name, is_one in zip(table.columns, about, strict=True) if not is_one], table.path)
    if about.all():
        names = listed(table.columns)
        what = "it holds results of a test" if tests.any() else "they describe genes"
        raise InputError(f"{table.path}: no column is a sample ({what}: {names}); give the matrix of genes x samples")
    return about


def describes_genes(name: str) -> bool:
    """Whether a column that is called so describes the genes: their numbers, lengths, positions."""
    return _DESCRIBES.fullmatch(plain_word(_MARK.sub("", name))) is not None


def is_length(name: str) -> bool:
    """Whether a column that is called so holds the length of each gene."""
    return _IS_LENGTH.fullmatch(plain_word(name)) is not None


def stands_behind(names: Sequence[str], samples: np.ndarray, about: np.ndarray) -> np.ndarray:
    """Return which columns stand where annotations do behind the samples: below others, or called unlike the samples.

    Parameters
    ----------
    names
        Of the columns.
    samples, about
        Which of them hold numbers of samples, and which describe genes, shape (columns,), bool.

    Returns
    -------
    Bool, shape (columns,). A sample that failed stands among the others, or is called as they are, or has a number
    (HT-29 behind A549 and MCF7).
    """
    place = np.arange(len(names))
    behind = place > int(np.flatnonzero(samples)[-1])
    forms = {name_form(name) for name, is_one in zip(names, samples, strict=True) if is_one}
    other = np.array([(form := name_form(name)) not in forms and "0" not in form for name in names], dtype=bool)
    return behind & (other | (np.cumsum(behind & about) > 0))


def _tell_hollow(table: NumberTable, hollow: np.ndarray) -> None:
    """Warn of columns with one number or none for all genes, as a sample that failed has: here they are called unlike.

    Spreadsheets and portals leave columns without a name; scanners write a ``ControlType``.
    """
    named = [
        name for name, is_one in zip(table.columns, hollow, strict=True)
        if is_one and not _UNNAMED.fullmatch(name.strip()) and plain_word(name) != "controltype"
    ]  # fmt: skip
    if named:
        logger.warning(
            "%s: columns %s hold one number or none for all genes, are called unlike the samples, and are not read as "
            "samples; if one is a sample, it failed", table.path, listed(named),
        )  # fmt: skip


def _empty(table: NumberTable, about: np.ndarray) -> np.ndarray:
    """Return the columns without a value that have no name, or stand where unused annotations do."""
    empty = ~np.isfinite(table.values).any(axis=0)
    if not empty.any() or (empty | about).all():
        return np.zeros_like(empty)
    unnamed = np.array([_UNNAMED.fullmatch(name.strip()) is not None for name in table.columns], dtype=bool)
    samples = ~empty & ~about
    before = np.arange(len(empty)) < int(np.flatnonzero(samples)[0])
    return empty & (unnamed | before | stands_behind(table.columns, samples, about))


def _constant(table: NumberTable, about: np.ndarray) -> np.ndarray:
    """Return the columns of one number that stand where annotations do, and are called unlike the samples."""
    some = table.values[spread_out(len(table.values), _MOST_ROWS)]
    if not (some == some[:1]).all(axis=0).any():  # as in most tables: nobody needs to go through all of it
        return np.zeros_like(about)
    low, high = np.fmin.reduce(table.values, axis=0), np.fmax.reduce(table.values, axis=0)
    constant = (low == high) & np.isfinite(table.values).all(axis=0) & ~about
    samples = ~constant & ~about & np.isfinite(low)
    if not constant.any() or not samples.any() or len(table.values) < _FEWEST_CONSTANT:
        return np.zeros_like(constant)
    before = stands_behind(table.columns[::-1], samples[::-1], about[::-1])[::-1]
    return constant & (before | stands_behind(table.columns, samples, about))


def _entrez_numbers(values: np.ndarray, ids: Sequence[str], known: np.ndarray) -> np.ndarray:
    found = np.zeros(values.shape[1], dtype=bool)
    rows = spread_out(len(ids), _MOST_ROWS)
    entrez = map_genes([ids[row] for row in rows]).entrez_id
    numbers = np.array([float(text) if text else np.nan for text in entrez])
    some = np.isfinite(numbers)
    if some.sum() < 3:
        return found
    # float32 holds whole numbers up to 16.7 million exactly; a larger one is equal to a part in that.
    close = np.isclose(values[rows[some]], numbers[some, np.newaxis], rtol=1e-6, atol=0)
    return (close.mean(axis=0) >= _ENOUGH) & ~known


def _sums(values: np.ndarray, named: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the columns with such a name that hold the sums of the samples."""
    if not named.any() or (named | known).all():
        return np.zeros_like(named)
    rows = spread_out(len(values), _MOST_ROWS)
    samples = values[np.ix_(rows, ~named & ~known)].astype(np.float64)
    sums = np.where(np.isfinite(samples), samples, 0.0).sum(axis=1, keepdims=True)
    close = np.isclose(values[rows][:, named], sums, rtol=1e-4, atol=0)
    found = named.copy()
    found[named] = close.mean(axis=0) >= _ENOUGH
    return found


def _no_logarithms(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the first columns if they go beyond what a logarithm can be, and no later one does."""
    highest = np.fmax.reduce(values, axis=0)
    beyond = (highest > LARGEST_LOG2) & ~known
    rest = ~known & ~beyond
    # Few beside many: else they may be samples that nobody took the logarithm of.
    first = beyond.any() and rest.sum() > 2 * beyond.sum() and np.flatnonzero(beyond).max() < np.flatnonzero(rest).min()
    return beyond if first else np.zeros_like(beyond)
