"""What the report is made from, of samples that are drawn: the same for a file and for an AnnData in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clrna.constants import SPLIT, UNLABELLED
from clrna.plot.claim import default_title, labels_to_show
from clrna.plot.columns import Column, columns_to_color_by, label_column
from clrna.plot.projections import Projection
from clrna.plot.reference import DrawnReference
from clrna.report.build import Material
from clrna.results.history import History
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples


def material_of(
    samples: DrawnSamples,
    predictions: Sequence[Predictions],
    scores: pd.DataFrame | None,
    projections: Mapping[str, Mapping[str, Projection]],
    *,
    history: History | None,
    records: Sequence[Mapping[str, Any]],
    colors: Sequence[str] | None,
    title: str | None,
    donor_key: str,
    reference: DrawnReference | None = None,
    matches: pd.DataFrame | None = None,
    genes: pd.DataFrame | None = None,
) -> Material:
    """Return the material of a report.

    Parameters
    ----------
    samples, predictions, scores, projections, history, records, donor_key, reference, matches, genes
        As :class:`clrna.report.build.Material` has them.
    colors
        Columns to color by; None for the usual ones.
    title
        None for one that says which label is looked at, in which studies.
    """
    return Material(
        title=title or default_title(samples, predictions[0] if predictions else None),
        samples=samples,
        columns=_columns(samples, predictions, colors, reference),
        projections=projections,
        predictions=predictions,
        scores=scores,
        history=history,
        records=records,
        donor_key=donor_key,
        split_key=SPLIT,
        reference=reference,
        matches=matches,
        genes=genes,
    )


def _columns(
    samples: DrawnSamples,
    predictions: Sequence[Predictions],
    colors: Sequence[str] | None,
    reference: DrawnReference | None,
) -> list[Column]:
    """Return the columns to color by; by default the predicted labels come first where the file's tell nothing."""
    columns = columns_to_color_by(samples, colors)
    name, labels = labels_to_show(samples, predictions[0] if predictions else None, reference)
    if colors is not None or labels is samples.labels:
        return columns
    return [label_column(name, labels), *(column for column in columns if set(column.counts) != {UNLABELLED})]
