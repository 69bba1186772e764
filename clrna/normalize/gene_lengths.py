"""Matrices that hold the lengths of genes, as quantifiers write them beside the expression."""

from collections.abc import Callable
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.genes import exonic_lengths

_FEWEST: Final = 50
_MOST_GENES: Final = 2_000
# A gene's transcripts are shorter than its exons together, by a factor that differs from gene to gene.
_SHORTEST, _LONGEST = 1 / 4, 2.0
_AGREEMENT: Final = 0.5
_SPREAD: Final = 0.9  # of the natural logarithm; expression spreads by more
_LARGEST: Final = 500_000.0  # bases; the exons of titin have 0.1 million
# Genes differ in length by more than one gene's length from sample to sample.
_WITHIN: Final = 0.2


def refuse_lengths(values: np.ndarray, symbols: Callable[[], np.ndarray]) -> None:
    """Raise InputError where values are the lengths of the genes and no expression.

    Expression hardly depends on a gene's length, and from sample to sample it differs; the length that a quantifier
    reckons with goes with that of the exons, and is nearly the same in all samples.

    Parameters
    ----------
    values
        Shape (samples, genes), as read.
    symbols
        Gives the current symbol of each gene, '' where it is not known; called where values may be lengths.

    Raises
    ------
    InputError
        They are.
    """
    some = np.unique(np.linspace(0, values.shape[1] - 1, min(_MOST_GENES, values.shape[1])).astype(int))
    sampled = values[:, some].astype(np.float64)
    if not np.isfinite(sampled).all() or sampled.min() <= 0 or not 1 < sampled.max() <= _LARGEST:
        return
    logs = np.log(sampled)
    middle = np.median(logs, axis=0)
    if np.median(logs.std(axis=0)) > _WITHIN * middle.std():
        return
    known = exonic_lengths(symbols()[some])
    there = np.isfinite(known)
    if there.sum() < _FEWEST:
        return
    of_exons = np.log(known[there])
    apart = middle[there] - of_exons
    alike = apart.std() <= _SPREAD and np.corrcoef(middle[there], of_exons)[0, 1] >= _AGREEMENT
    if alike and _SHORTEST <= np.exp(np.median(apart)) <= _LONGEST:
        raise InputError("the values are the lengths of the genes, no expression; give the counts or TPM beside them")
