"""Samples in another unit than the others of their study: logarithms beside amounts, counts beside fractions."""

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


def _is_even(row: np.ndarray) -> bool:
    """Whether the highest values lie within some times the middle one, as logarithms do and amounts do not."""
    known = row[np.isfinite(row) & (row > 0)]
    return known.size >= _FEWEST and bool(np.quantile(known, 0.99) <= _STEEP * np.median(known))


def _share_of_whole(row: np.ndarray) -> float:
    return whole_share(row) if np.count_nonzero(np.isfinite(row) & (row != 0)) >= _FEWEST else float("nan")
