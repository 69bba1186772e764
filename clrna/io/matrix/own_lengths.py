"""The lengths of genes that a file itself gives, as featureCounts does."""

import logging
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from clrna.genes import exonic_lengths
from clrna.io.matrix.gene_columns import is_length
from clrna.io.text.cell_numbers import cell_numbers
from clrna.quoted import in_quotes

logger = logging.getLogger("clrna")

# Columns that stand beside featureCounts' Length, which is that of the exons it counted in.
_FEATURE_COUNTS: Final = frozenset({"Chr", "Start", "End", "Strand"})
# From its first to its last base a gene is some ten times as long as its exons.
_MOST_APART: Final = 4.0


def own_lengths(var: pd.DataFrame, symbols: Callable[[], np.ndarray], where: str) -> np.ndarray | None:
    """Return the exonic length of each gene as a file gives it, None where it does not.

    Parameters
    ----------
    var
        What the file says of its genes.
    symbols
        Gives the current symbol of each, '' where it is not known; called where ``var`` has lengths.
    where
        File and study, for the log.

    Returns
    -------
    Base pairs, all finite and positive. A column of lengths is taken where featureCounts wrote it, or where it
    agrees with the known lengths of exons, as many files give the length of the gene with its introns.
    """
    for name in var.columns:
        if not is_length(str(name)):
            continue
        lengths = cell_numbers(var[name])
        if not (np.isfinite(lengths) & (lengths > 0)).all():
            continue
        if (set(var.columns) >= _FEATURE_COUNTS and name == "Length") or _are_of_exons(lengths, symbols()):
            logger.info("%s: lengths of genes are taken from column %s of the file", where, in_quotes(name))
            return lengths
        logger.info("%s: column %s is not the length of the exons; known lengths are taken", where, in_quotes(name))
    return None


def _are_of_exons(lengths: np.ndarray, symbols: np.ndarray) -> bool:
    known = exonic_lengths(symbols)
    some = np.isfinite(known)
    return bool(some.any()) and bool(np.exp(np.abs(np.median(np.log(lengths[some] / known[some])))) <= _MOST_APART)
