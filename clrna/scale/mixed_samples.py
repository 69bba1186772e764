"""Samples in another unit than the others of their study: logarithms beside amounts, counts beside fractions.

Or what lies there is no sample: statistics of genes, of which each is a quantity of its own.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.quoted import listed
from clrna.scale.stray_values import LARGEST_LOG
from clrna.scale.whole_share import whole_share
from clrna.spread_out import spread_out

_FEW_GENES: Final = 200
_MOST_GENES: Final = 4_000
_THOUSANDS: Final = 1_000.0
_WHOLE: Final = 0.99
_FRACTIONS: Final = 0.2
_FEWEST: Final = 50
_STEEP: Final = 10.0
# Tables of statistics have no more columns.
_MOST_KINDS: Final = 60
_SIGNED: Final = 0.2
_BEYOND: Final = 3.0
_MOST_ZEROS: Final = 0.5


def mixed_units(values: np.ndarray, samples: Sequence[str]) -> str:
    """Tell samples that are in another unit than the others.

    Parameters
    ----------
    values
        Shape (samples, genes); what is not finite is left out.
    samples
        Their names.

    Returns
    -------
    What gives rise to doubt, where some samples hold whole numbers alone and the others hardly any; '' else.

    Raises
    ------
    InputError
        Some samples hold what only logarithms are, fractions up to 32, where the others reach thousands.
    """
    if len(values) < 2 or values.shape[1] < _FEW_GENES:
        return ""
    highest = np.fmax.reduce(values, axis=1)
    if not np.nanmax(highest) > _THOUSANDS or np.nanmin(values) < 0:
        return ""
    columns = spread_out(values.shape[1], _MOST_GENES)
    whole = np.array([_share_of_whole(row[columns]) for row in values])
    logged = (highest <= LARGEST_LOG) & (whole < _FRACTIONS)
    logged[logged] = [_is_even(row) for row in values[logged]]
    names = np.asarray(samples, dtype=object)
    if logged.any() and float(np.nanmedian(highest[~logged])) > _THOUSANDS:
        raise InputError(
            f"samples {listed(names[logged])} end at {np.nanmax(highest[logged]):.3g} where others reach "
            f"{np.nanmax(highest):.3g}: logarithms beside amounts; give them in files of their own"
        )
    counts, others = whole >= _WHOLE, whole < _FRACTIONS
    if counts.any() and others.any() and (counts | others | np.isnan(whole)).all():
        few = counts if counts.sum() <= others.sum() else others
        which = "only" if few is counts else "no"
        return f"samples {listed(names[few])} hold {which} whole numbers, unlike the others: counts beside another unit"
    return ""


def refuse_several_quantities(values: np.ndarray, samples: Sequence[str]) -> None:
    """Raise InputError where samples hold quantities of several kinds, as statistics of genes do.

    Samples of one study are alike in this: all of them have values below 0 or none has, as ratios do and amounts do
    not, and none ends at 1 where others go beyond. Such are pLI beside Z, a tissue specificity beside an entropy.

    Parameters
    ----------
    values
        Shape (samples, genes); what is not finite is left out.
    samples
        Their names.
    """
    if not 2 <= len(values) <= _MOST_KINDS or values.shape[1] < _FEW_GENES:
        return
    names = np.asarray(samples, dtype=object)
    rows = [row[np.isfinite(row)] for row in values]
    told = np.array([row.size >= _FEW_GENES and row.min() < row.max() for row in rows], dtype=bool)
    low = np.array([row.min() if is_told else np.nan for row, is_told in zip(rows, told, strict=True)])
    high = np.array([row.max() if is_told else np.nan for row, is_told in zip(rows, told, strict=True)])
    signed = told & np.array([row.size > 0 and np.mean(row < 0) >= _SIGNED for row in rows], dtype=bool)
    amounts, beyond = told & (low >= 0), told & (high > _BEYOND)
    shares = amounts & (high <= 1.0) & np.array([_are_shares(row) for row in rows], dtype=bool)
    grades = amounts & (high <= 1.0) & np.array([whole_share(row) >= _WHOLE for row in rows], dtype=bool)
    if grades.any() and np.nanmin([whole_share(row) for row in rows]) < _FRACTIONS:
        shares |= grades
    if signed.any() and amounts.any():
        what = f"samples {listed(names[signed])} go below 0 and {listed(names[amounts])} do not"
    elif shares.any() and beyond.any():
        what = f"samples {listed(names[shares])} end at 1 and {listed(names[beyond])} go beyond"
    else:
        return
    raise InputError(
        f"{what}: statistics of genes, or samples in several units, and no expression in one; give the matrix of genes "
        "x samples, and each unit in a file of its own"
    )


def _are_shares(row: np.ndarray) -> bool:
    """Whether numbers up to 1 are no sample that has hardly any of the genes."""
    return row.size > 0 and bool(np.mean(row == 0) < _MOST_ZEROS)


def _is_even(row: np.ndarray) -> bool:
    """Whether the highest values lie within some times the middle one, as logarithms do and amounts do not."""
    known = row[np.isfinite(row) & (row > 0)]
    return known.size >= _FEWEST and bool(np.quantile(known, 0.99) <= _STEEP * np.median(known))


def _share_of_whole(row: np.ndarray) -> float:
    return whole_share(row) if np.count_nonzero(np.isfinite(row) & (row != 0)) >= _FEWEST else float("nan")
