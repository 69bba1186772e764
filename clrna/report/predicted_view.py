"""Predicted labels counted: how many samples have each, and how sure the model is of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.plot.claim import in_front
from clrna.plot.palette import styles_of
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples


@dataclass(frozen=True)
class PredictedRow:
    """One label."""

    name: str
    color: str
    marker: str
    n: str
    uncertain: str
    confidence: str
    unlike: str


@dataclass(frozen=True)
class PredictedView:
    """What was predicted of samples of studies that the model was not trained on, or of all where none is."""

    label: str
    is_unseen: bool
    n: str
    rows: list[PredictedRow]


def predicted_view(samples: DrawnSamples, predictions: Predictions | None) -> PredictedView | None:
    """Return the table, None where nothing was predicted."""
    if predictions is None:
        return None
    rows = in_front(samples, predictions)
    names, counts = np.unique(predictions.label[rows].astype(str), return_counts=True)
    order = sorted(range(len(names)), key=lambda at: (-counts[at], names[at]))
    styles = styles_of(names.tolist())
    return PredictedView(
        (predictions.label_key or samples.label_name).replace("_", " "), not rows.all(), f"{rows.sum():,}",
        [_row(str(names[at]), predictions, rows, styles) for at in order],
    )  # fmt: skip


def _row(name: str, predictions: Predictions, rows: NDArray[np.bool_], styles: dict) -> PredictedRow:
    own = rows & (predictions.label.astype(str) == name)
    confidence = predictions.confidence[own]
    known = confidence[np.isfinite(confidence)]
    return PredictedRow(
        name or "none", styles[name].color, styles[name].marker, f"{own.sum():,}",
        _count(predictions.uncertain, own), f"{known.mean():.2f}" if len(known) else "–",
        _count(predictions.unlike_training, own),
    )  # fmt: skip


def _count(flags: NDArray | None, own: NDArray[np.bool_]) -> str:
    return "–" if flags is None else f"{flags[own].sum():,}"
