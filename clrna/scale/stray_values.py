"""Single values among logarithms that are none: a slip of the hand would have all others logged a second time."""

from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.spread_out import spread_out

# log2 of the largest count that 32 bits hold is 32; no logarithm of expression in use goes beyond.
LARGEST_LOG: Final = 32.0
# What logarithms of expression reach: log2 of a count of 30 million, a little above.
_USUAL_LOG: Final = 25.0
_FAR: Final = 1.3
_FEW: Final = 0.001
_FEWEST_VALUES: Final = 100
_FEWEST_GENES: Final = 20
_MOST_SAMPLES: Final = 200
_MOST_GENES: Final = 4_000
_WHOLE: Final = 0.5
# Of logarithms the highest lie within some ten times the median; of amounts hundreds of times above.
_STEEP: Final = 15.0


class StrayValueError(InputError):
    """A value is no logarithm where all others look like logarithms.

    Attributes
    ----------
    row, column
        Where it stands among samples and genes.
    what
        What is wrong with it, after ``gene A of sample B``.
    """

    def __init__(self, row: int, column: int, what: str) -> None:
        super().__init__(f"gene number {column + 1} of sample number {row + 1} {what}")
        self.row, self.column, self.what = row, column, what


def refuse_stray_values(values: np.ndarray) -> None:
    """Raise StrayValueError where few values are too large for logarithms, and all others look like such.

    Parameters
    ----------
    values
        Shape (samples, genes); values that are not finite are left out.
    """
    if values.shape[1] < _FEWEST_GENES or values.size < _FEWEST_VALUES:
        return
    number, first, smallest, highest = 0, (0, 0), np.inf, 0.0
    for row, sample in enumerate(values):
        sizes = np.abs(sample[np.isfinite(sample)])
        beyond = sizes > LARGEST_LOG
        if beyond.any():
            if not number:
                first = row, int(np.flatnonzero(np.isfinite(sample) & (np.abs(sample) > LARGEST_LOG))[0])
            number += int(beyond.sum())
            smallest = min(smallest, float(sizes[beyond].min()))
        highest = max(highest, float(sizes[~beyond].max(initial=0.0)))
        if number > max(1.0, _FEW * values.size) or highest > _USUAL_LOG:
            return
    if number and smallest >= _FAR * highest and _are_logarithms(values):
        others = f"{number - 1} more like it, " if number > 1 else ""
        raise StrayValueError(
            *first,
            f"is {float(values[first]):.6g} where {others}all others look like logarithms (up to {highest:.3g}); mend "
            "it, or say with --input-scale what the values are",
        )


def _are_logarithms(values: np.ndarray) -> bool:
    """Whether the values other than those beyond logarithms spread as logarithms do, by some of them."""
    rows = spread_out(len(values), _MOST_SAMPLES)
    columns = spread_out(values.shape[1], _MOST_GENES)
    some = values[np.ix_(rows, columns)]
    rest = some[np.isfinite(some) & (np.abs(some) <= LARGEST_LOG)]
    if rest.size == 0:
        return False
    if rest.min() < 0:
        return True
    nonzero = rest[rest > 0]
    if nonzero.size == 0 or np.mean(nonzero == np.rint(nonzero)) > _WHOLE:
        return False
    middle, high = np.quantile(nonzero, [0.5, 0.99])
    return bool(high <= _STEEP * middle)
