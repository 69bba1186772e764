"""Rows of a table of counts that sum up the others, or count what no gene has: Total, no_feature, Unassigned."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.plain_words import plain_word

_NAMES: Final = re.compile(
    r"(grand|sub|col(umn)?|library|lib)?(total|sum|size)s?(of)?(reads?|counts?|genes?|all|libsize|umis?)?"
    r"|n?(un)?(mapped|assigned|aligned)(reads?)?|n?notaligned|n?multimap(ping|ped)(reads?)?|n?nofeatures?|n?ambiguous"
    r"|n?(too)?lowaqual|n?alignmentnotunique|n?notunique"
    r"|unassigned(unmapped|readtype|singleton|mappingquality|chimera|fragmentlength|duplicate|multimapping|secondary"
    r"|nonsplit|nofeatures|overlappinglength|ambiguity)"
    r"|(row|col(umn)?)?(mean|median|average|max(imum)?|min(imum)?|sd|stdev|variance)s?"
)
_LARGE_SHARE: Final = 0.2
_SAME: Final = 1e-4
_MOST_SAMPLES: Final = 0.9
_FEW_GENES: Final = 3


def is_summary(name: str) -> bool:
    """Whether a name says that the row sums the others up, or counts reads of no gene."""
    plain = plain_word(name)
    return name.strip() == "*" or _NAMES.fullmatch(plain) is not None


def summaries(names: Sequence[str], values: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Return which columns sum the others up, by their names or their values.

    Parameters
    ----------
    names
        Of the columns.
    values
        Shape (some samples, columns).
    sure
        Which columns are genes whatever they hold, shape (columns,).

    Returns
    -------
    Bool, shape (columns,).
    """
    found = np.array([not gene and is_summary(name) for name, gene in zip(names, sure, strict=True)], dtype=bool)
    return found | _equal_to_the_others(values, ~sure & ~found, found)


def _equal_to_the_others(values: np.ndarray, unsure: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the columns that equal the sum of all others; those that are known to sum up may be part of it or not."""
    found = np.zeros(values.shape[1], dtype=bool)
    positive = np.isfinite(values).all() and values.min(initial=0.0) >= 0
    if not unsure.any() or values.shape[1] <= _FEW_GENES or not positive:
        return found
    sums = values.sum(axis=1, dtype=np.float64)
    with_known = sums - values[:, known].sum(axis=1, dtype=np.float64)
    columns = np.flatnonzero(unsure)
    heavy = columns[values[:, columns].sum(axis=0, dtype=np.float64) >= _LARGE_SHARE * with_known.sum()]
    base = with_known - values[:, heavy].sum(axis=1, dtype=np.float64)
    for at in heavy:
        own = values[:, at].astype(np.float64)
        found[at] = any(_same(own, total) for total in (base, sums - own, with_known - own))
    return found


def _same(own: np.ndarray, total: np.ndarray) -> bool:
    return bool((own > 0).any()) and float(np.mean(np.abs(own - total) <= _SAME * np.abs(total))) >= _MOST_SAMPLES
