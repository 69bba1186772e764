"""Where the names of labels stand in a picture, so that a reader sees which group of points is which."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.plot.figure_style import cut

# Of the extent of the points, on each side of a picture.
MARGIN: Final = 0.04
_BINS = 10  # in each direction, to find where most points of a label are
# What a letter and a line take of a picture as wide as on a phone, so that names that fit there fit everywhere.
_LETTER, _LINE = 0.031, 0.075
_FEWEST = 5
# Points of other labels that a name may lie on, as a share of its own label's; with more it would seem to be theirs.
_STRANGERS = 0.1
_MOST_LETTERS = 16


@dataclass(frozen=True)
class IslandName:
    """The name of a label; ``x`` of its middle and ``y`` of its upper edge, from 0 at the lower left to 1."""

    name: str
    x: float
    y: float


def island_names(points: NDArray, labels: NDArray, first: Sequence[str], before: NDArray) -> list[IslandName]:
    """Return names that stand below or above their label's points, and not on those of others.

    They neither touch each other nor hide what is in front.

    Parameters
    ----------
    points
        Shape (samples, 2), the points that are named.
    labels
        Of each, '' where it has none.
    first
        Labels that come before the others, which come by their number of points.
    before
        Points of the same picture that no name may hide, shape (samples, 2).
    """
    if not len(points):
        return []
    everything = np.concatenate([points, before])
    low, extent = everything.min(axis=0), np.ptp(everything, axis=0)
    extent = np.where(extent > 0, extent, 1.0)
    within, shown = ((MARGIN + (some - low) / extent) / (1 + 2 * MARGIN) for some in (points, before))
    counts = Counter(label for label in labels.tolist() if label != UNLABELLED)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    names: list[IslandName] = []
    for label in dict.fromkeys([*(name for name in first if name in counts), *ranked]):
        if counts[label] >= _FEWEST:
            own = labels == label
            names += _placed(cut(label, _MOST_LETTERS), within[own], names, shown, within[~own])
    return names


def _placed(
    text: str, points: NDArray, names: Sequence[IslandName], shown: NDArray, strangers: NDArray
) -> list[IslandName]:
    """Return the name where there is room for it, nothing where there is none."""
    middle, lower, upper = _island(points)
    half = _half(text)
    x = min(max(middle, half), 1 - half)
    for edge in (lower, upper + _LINE):
        y = min(max(edge, _LINE), 1.0)
        touches = any(abs(x - name.x) < half + _half(name.name) and abs(y - name.y) < _LINE for name in names)
        hides, on_others = (_beneath(some, x, y, half) for some in (shown, strangers))
        if not touches and not hides and on_others <= _STRANGERS * len(points):
            return [IslandName(text, round(x, 4), round(y, 4))]
    return []


def _beneath(points: NDArray, x: float, y: float, half: float) -> int:
    """Return how many points a name would lie on."""
    return int(((np.abs(points[:, 0] - x) < half) & (points[:, 1] < y) & (points[:, 1] > y - _LINE)).sum())


def _half(text: str) -> float:
    return len(text) * _LETTER / 2


def _island(points: NDArray) -> tuple[float, float, float]:
    """Return the middle, the lower and the upper edge of the points around the fullest bin."""
    bins = np.minimum((points * _BINS).astype(int), _BINS - 1)
    numbers, inverse = np.unique(bins, axis=0, return_inverse=True)
    fullest = numbers[np.bincount(inverse.ravel()).argmax()]
    near = points[(np.abs(bins - fullest) <= 1).all(axis=1)]
    return float(near[:, 0].mean()), float(near[:, 1].min()), float(near[:, 1].max())
