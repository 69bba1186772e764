"""Confusion matrices as tables of cells."""

from dataclasses import dataclass

import numpy as np

from clrna.report import numbers
from clrna.results.confusion import GROUPS, Confusion


@dataclass(frozen=True)
class ConfusionCell:
    """Samples of one true label that were given one predicted label; ``shade`` is their share, 0 to 1."""

    count: int
    shade: float
    correct: bool


@dataclass(frozen=True)
class ConfusionView:
    """One matrix."""

    about: str
    in_sample: bool
    n: str
    accuracy: str
    labels: list[str]
    rows: list[tuple[str, list[ConfusionCell], str, str]]  # true label, cells, samples, recall


def confusion_views(matrices: list[Confusion]) -> list[ConfusionView]:
    """Turn confusion matrices into what the report shows of them."""
    return [_view(item) for item in matrices]


def _view(item: Confusion) -> ConfusionView:
    shares, recall = item.shares, item.recall
    rows = []
    for row, label in enumerate(item.labels):
        size = int(item.counts[row].sum())
        cells = [
            ConfusionCell(int(count), round(float(shares[row, column]), 3), row == column)
            for column, count in enumerate(item.counts[row])
        ]
        rows.append((label, cells, f"{size:,}", f"{recall[row]:.0%}" if np.isfinite(recall[row]) else "–"))
    about = GROUPS[item.group]
    return ConfusionView(
        about=f"{about[0].upper()}{about[1:]}",
        in_sample=item.group in ("study", "sample"),
        n=f"{item.n:,}",
        accuracy=numbers.share(item.accuracy * item.n, item.n),
        labels=list(item.labels),
        rows=rows,
    )
