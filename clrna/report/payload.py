"""What the scripts in the report draw, as JSON-ready data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.plot.claim import predicted_name
from clrna.plot.columns import Column
from clrna.plot.figure_style import CLOUD
from clrna.plot.projections import NAMES, Projection
from clrna.plot.reference import DrawnReference
from clrna.results.confusion import GROUPS
from clrna.results.embeddings import embedding_name
from clrna.results.history import History, is_share, term_name
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples

# Steps that a projection's longer side is cut into: finer than any screen, and a third of the bytes.
_STEPS = 10_000


def embedding_payload(
    samples: DrawnSamples,
    projections: Mapping[str, Mapping[str, Projection]],
    columns: Sequence[Column],
    predictions: Predictions | None,
    reference: DrawnReference | None = None,
) -> dict[str, Any]:
    """Return the samples that are drawn: names, coordinates, what to color by and what to tell of each.

    Parameters
    ----------
    samples
        Their ``shown`` positions are those of the projections.
    projections
        ``obsm`` key to name of the projection to coordinates.
    columns
        Of all samples, to color by.
    predictions
        Of the model that the report is about; None where there is none.
    reference
        Samples that stand behind those.
    """
    shown = samples.shown
    seen = _seen(predictions, shown)
    return {
        "names": [str(name) for name in samples.adata.obs_names[shown]],
        "columns": [_column(column, shown, seen, predictions) for column in columns],
        "predicted": _predicted(predictions, shown),
        "reference": _reference(reference, samples.label_name, columns),
        "seen": seen,
        "embeddings": [
            {
                "key": key,
                "name": embedding_name(key),
                "projections": {name: _projection(projection) for name, projection in drawn.items()},
            }
            for key, drawn in projections.items()
        ],
        "projections": [{"key": name, "name": NAMES[name]} for name in next(iter(projections.values()))],
    }


def history_payload(history: History) -> dict[str, Any]:
    """Return the training curves."""
    return {
        "epochs": _numbers(history.epochs),
        "best": history.best_epoch,
        "curves": [
            {
                "term": term_name(term),
                **({"share": True} if is_share(term) else {}),
                **{part: _numbers(values) for part, values in curves.items()},
            }
            for term, curves in history.varying.items()
        ],
    }


def _column(
    column: Column, shown: NDArray[np.intp], seen: dict[str, Any] | None, predictions: Predictions | None
) -> dict[str, Any]:
    """Return a column of the samples that are drawn; its counts are of all, ``by_seen`` in each group of them."""
    name = column.name.replace("_", " ")
    if column.styles is None:
        return {"name": name, "values": _numbers(column.values[shown])}
    order = {label: position for position, label in enumerate(column.counts)}
    groups = [group["key"] for group in seen["groups"]] if seen is not None else []
    tallies = [Counter(column.values[predictions.seen == group]) for group in groups] if predictions else []
    return {
        "name": name,
        "labels": [
            {
                "label": label,
                "color": column.styles[label].color,
                "marker": column.styles[label].marker,
                "n": count,
                "by_seen": [tally[label] for tally in tallies],
            }
            for label, count in column.counts.items()
        ],
        "codes": [order[label] for label in column.values[shown]],
    }


def _projection(projection: Projection) -> dict[str, Any]:
    points = np.concatenate([projection.coordinates, projection.reference]).astype(float)
    corner = points.min(axis=0)
    extent = float((points - corner).max()) or 1.0
    steps = np.rint((points - corner) / extent * _STEPS).astype(int)
    own, behind = steps[: len(projection.coordinates)], steps[len(projection.coordinates) :]
    return {
        "x": own[:, 0].tolist(),
        "y": own[:, 1].tolist(),
        **({"behind": {"x": behind[:, 0].tolist(), "y": behind[:, 1].tolist()}} if len(behind) else {}),
        "axes": list(projection.axes),
        "note": projection.note,
    }


def _reference(reference: DrawnReference | None, label_name: str, columns: Sequence[Column]) -> dict[str, Any] | None:
    """Return names, labels and studies of the reference samples that are drawn.

    ``tints`` has for each column the number of each sample's label in it, -1 where the column lacks that; None where
    the column is not about labels.
    """
    if reference is None or not reference.samples.n:
        return None
    told = reference.samples
    said: dict[str, Any] = {}
    for name, values in (("labels", told.labels), ("studies", told.studies)):
        known, codes = np.unique(values.astype(str), return_inverse=True)
        said[name] = {"names": known.tolist(), "codes": codes.tolist()}
    of_labels = (label_name, predicted_name(label_name))
    tints = [_codes(column, told.labels) if column.name in of_labels else None for column in columns]
    return {"names": [str(name) for name in told.names], "n": reference.n, "color": CLOUD, "tints": tints, **said}


def _codes(column: Column, labels: NDArray) -> list[int]:
    order = {label: position for position, label in enumerate(column.counts) if label != UNLABELLED}
    return [order.get(label, -1) for label in labels]


def _predicted(predictions: Predictions | None, shown: NDArray[np.intp]) -> dict[str, Any] | None:
    if predictions is None:
        return None
    labels = sorted(set(predictions.label[shown]))
    code = {label: position for position, label in enumerate(labels)}
    return {
        "labels": labels,
        "codes": [code[label] for label in predictions.label[shown]],
        "confidence": _numbers(predictions.confidence[shown], 3),
        "unlike": predictions.unlike_training[shown].astype(int).tolist()
        if predictions.unlike_training is not None
        else None,
    }


def _seen(predictions: Predictions | None, shown: NDArray[np.intp]) -> dict[str, Any] | None:
    """Return what the model saw of each sample, None where the file does not say."""
    if predictions is None or not (predictions.seen[shown] != "").any():
        return None
    groups = [group for group in GROUPS if (predictions.seen[shown] == group).any()]
    code = {group: position for position, group in enumerate(groups)}
    return {
        "groups": [{"key": group, "about": GROUPS[group]} for group in groups],
        "codes": [code.get(word, -1) for word in predictions.seen[shown]],
    }


def _numbers(values: NDArray, digits: int = 6) -> list[float | None]:
    """Return numbers as JSON can hold them, shortened to so many significant digits."""
    return [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in values]
