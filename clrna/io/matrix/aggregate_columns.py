"""Columns that put the samples of a table together: the mean of a group, its deviation, in how many a gene is seen."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.spread_out import spread_out

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MIDDLE: Final = frozenset("mean means avg average averages median medians max maximum min minimum".split())
_SPREAD: Final = frozenset("sd stdev std stddev sem se var variance cv".split())
_NUMBER: Final = re.compile(
    r"(n|num|nr|number|count)(of)?(samples?|expressed|detected|nonzero|present|positive)+(in)?(samples?)?"
    r"|(samples?|expressed|detected|nonzero|present)(in)?(n|num|number|count|samples?)"
)
_MOST_ROWS: Final = 1_000
_FEWEST: Final = 3
_FEWEST_ROWS: Final = 20
_NEARLY_ALL: Final = 0.98
_ROUNDING: Final = 0.01


def aggregates(names: Sequence[str], values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return which columns are aggregates of the samples, by a word of their names and by their values.

    A mean or another value between the least and the largest lies between these in nearly every row, and a deviation
    is no larger than their distance; of a sample neither holds. A number of samples is whole, and no larger than there
    are.

    Parameters
    ----------
    names
        Of the columns.
    values
        Shape (genes, columns).
    known
        Columns that are no samples for other reasons, shape (columns,).

    Returns
    -------
    Bool, shape (columns,).
    """
    words = [[word.lower() for word in _WORD.findall(name)] for name in names]
    # MAX_1 counts samples, and among hundreds of them one is seldom the least or the largest.
    ends = [{*of[:1], *of[-1:]} if not all(map(str.isdigit, of[1:])) or len(of) == 1 else set[str]() for of in words]
    middle = np.array([bool(of & _MIDDLE) for of in ends], dtype=bool) & ~known
    spread = np.array([bool(of & _SPREAD) for of in ends], dtype=bool) & ~known
    number = np.array([_NUMBER.fullmatch("".join(of)) is not None for of in words], dtype=bool) & ~known
    samples = ~(middle | spread | number | known)
    found = np.zeros(len(names), dtype=bool)
    if samples.sum() < _FEWEST or samples.all() or len(values) < _FEWEST_ROWS:
        return found
    rows = spread_out(len(values), _MOST_ROWS)
    some = values[np.ix_(rows, samples)]
    low, high = np.fmin.reduce(some, axis=1), np.fmax.reduce(some, axis=1)
    told = np.isfinite(low)
    for at in np.flatnonzero(middle | spread | number):
        own = values[rows, at]
        use = told & np.isfinite(own)
        if not use.any():
            continue
        own, least, most = own[use], low[use], high[use]
        slack = _ROUNDING * np.maximum(np.abs(least), np.abs(most)) + 1e-6
        if middle[at]:
            fits = (own >= least - slack) & (own <= most + slack)
        elif spread[at]:
            fits = (own >= 0) & (own <= most - least + slack)
        else:
            fits = (own == np.rint(own)) & (own >= 0) & (own <= samples.sum())
        found[at] = float(np.mean(fits)) >= _NEARLY_ALL
    return found
