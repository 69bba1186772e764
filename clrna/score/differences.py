"""How far each embedding's score is from ComBat's on the same samples, by the same halves of the donors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clrna.constants import X_COMBAT
from clrna.metrics.catalogue import METRICS
from clrna.score.resampling import Resampled, interval_about, spread_about


class ScorePlace(NamedTuple):
    """Where a score stands in the table."""

    embedding: str
    metric: str
    label_key: str
    split: str
    study: str


@dataclass(frozen=True)
class Drawn:
    """A score, the samples behind it, and its values on halves of their donors."""

    value: float
    rows: NDArray[np.intp]
    resampled: Resampled


def minus_combat(drawn: Mapping[ScorePlace, Drawn]) -> dict[ScorePlace, tuple[float, float, float]]:
    """Return difference to ComBat and the ends of its 95 % interval, NaN for no interval.

    Parameters
    ----------
    drawn
        Every score that has a value. Those whose samples are not ComBat's have no difference here.
    """
    found = {}
    for place, item in drawn.items():
        other = drawn.get(place._replace(embedding=X_COMBAT))
        if other is not None and place.embedding != X_COMBAT and np.array_equal(item.rows, other.rows):
            found[place] = _difference(item, other, METRICS[place.metric].bounds)
    return found


def _difference(item: Drawn, other: Drawn, bounds: tuple[float, float | None]) -> tuple[float, float, float]:
    value = item.value - other.value
    one, two = (_values(drawn) for drawn in (item, other))
    # A score that all halves agree on is a number, and the other's spread is that of the difference.
    length = max(one.size, two.size)
    if length < 2:
        return value, float("nan"), float("nan")
    spread = spread_about(value, np.broadcast_to(one, length) - np.broadcast_to(two, length))
    widest = np.inf if bounds[1] is None else bounds[1] - bounds[0]
    return value, *interval_about(value, spread, (-widest, widest))


def _values(drawn: Drawn) -> NDArray[np.float64]:
    if drawn.resampled.values.size:
        return drawn.resampled.values
    return np.array([drawn.value if drawn.resampled.same else np.nan])
