"""Columns of numbers that say which row it is: an index, a catalogue's number; and shares beside counts."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.io.matrix.number_table import name_form
from clrna.plain_words import plain_word
from clrna.spread_out import spread_out

_NAMES: Final = frozenset(
    "id ids no nr num number index idx rank order row rownum rownumber uid uniqueid omim mim serial".split()
)
_MOST_ROWS: Final = 1_000
_MANY: Final = 100
_FEWEST: Final = 3
_DIFFERENT: Final = 0.98  # two genes may share a number of OMIM
_FEW_DIFFERENT: Final = 0.9


def numbers_of_rows(names: Sequence[str], values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return which columns of numbers are identifiers, or shares beside counts, and so no samples.

    An identifier is whole and hardly ever stands in two rows. Counts are so in tables of few genes at most, and then
    in all samples, so that a column is told by it where no other is so: of a hundred rows on, unless it is called as
    samples are (S1 beside S2), or if it is called as an identifier.
    Shares (a conservation score) have fractions up to 1 where all samples hold whole numbers beyond.

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
    rows = spread_out(len(values), _MOST_ROWS)
    whole, different, shares = (np.zeros(len(names), dtype=np.float64) for _ in range(3))
    for at in np.flatnonzero(~known):
        own = values[rows, at]
        own = own[np.isfinite(own)]
        if own.size:
            fractions = own != np.rint(own)
            whole[at] = not fractions.any()
            different[at] = _different(own) if whole[at] else 0.0
            shares[at] = own.min() >= 0 and own.max() <= 1 and fractions.any()
    called = np.array([plain_word(name) in _NAMES for name in names], dtype=bool)
    least = np.where(called, _FEWEST, _MANY)
    forms = Counter(map(name_form, names))
    as_others = np.array([len(form := name_form(name)) > 1 and forms[form] > 1 for name in names], dtype=bool)
    single = (whole == 1) & (different >= _DIFFERENT) & (called | ~as_others) & ~known
    for at in np.flatnonzero(single):  # all rows are looked at of these few alone
        own = values[np.isfinite(values[:, at]), at]
        single[at] = len(own) >= max(least[at], len(values) / 2) and _different(own) >= _DIFFERENT
    found = _alone(single, (whole == 0) | (different < _FEW_DIFFERENT), known)
    some_shares = (shares == 1) & ~known
    if not some_shares.any():
        return found
    counts = (whole == 1) & (np.fmax.reduce(values, axis=0) > 1)
    return found | _alone(some_shares, counts, known | found)


def _different(own: np.ndarray) -> float:
    return len(np.unique(own)) / len(own)


def _alone(chosen: np.ndarray, of_samples: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the chosen columns if there are others, and all of these are as samples are beside such a column."""
    others = ~chosen & ~known
    return chosen if others.any() and of_samples[others].all() else np.zeros_like(chosen)
