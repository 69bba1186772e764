"""What the report is made from, of samples that are drawn: the same for a file and for an AnnData in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clrna.constants import SPLIT
from clrna.plot.claim import default_title
from clrna.plot.columns import columns_to_color_by
from clrna.plot.projections import Projection
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
) -> Material:
    """Return the material of a report.

    Parameters
    ----------
    samples, predictions, scores, projections, history, records, donor_key
        As :class:`clrna.report.build.Material` has them.
    colors
        Columns to color by; None for the usual ones.
    title
        None for one that says which label is looked at, in which studies.
    """
    return Material(
        title=title or default_title(samples, predictions[0] if predictions else None),
        samples=samples,
        columns=columns_to_color_by(samples, colors),
        projections=projections,
        predictions=predictions,
        scores=scores,
        history=history,
        records=records,
        donor_key=donor_key,
        split_key=SPLIT,
    )
