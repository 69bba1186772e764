"""The five static figures, from what the executable read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from clrna.errors import InputError
from clrna.plot.claim import claim_of
from clrna.plot.claim_figure import claim_figure
from clrna.plot.columns import columns_to_color_by
from clrna.plot.confusion_figure import confusion_figure
from clrna.plot.embedding_figure import embedding_figure
from clrna.plot.history_figure import history_figure
from clrna.plot.projections import Projection
from clrna.plot.reference import DrawnReference
from clrna.plot.scores_figure import scores_figure
from clrna.quoted import in_quotes
from clrna.results.confusion import confusions
from clrna.results.history import History
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples


def embeddings(
    samples: DrawnSamples,
    colors: Sequence[str] | None,
    projections: Mapping[str, Projection],
    *,
    title: str,
) -> Figure:
    """Draw projections of embeddings."""
    columns = [column.at(samples.shown) for column in columns_to_color_by(samples, colors)]
    return embedding_figure(projections, columns, title=title, note=samples.note)


def claim(
    samples: DrawnSamples,
    predictions: Sequence[Predictions],
    projections: Mapping[str, Projection],
    *,
    title: str,
    numbers: Sequence[str] = (),
    reference: DrawnReference | None = None,
) -> Figure:
    """Draw the first model beside ComBat, by label and by study, unseen samples in front."""
    shown = claim_of(samples, projections, predictions[0] if predictions else None, reference)
    return claim_figure(shown, title=title, numbers=numbers)


def confusion(samples: DrawnSamples, predictions: Sequence[Predictions], *, title: str) -> Figure:
    """Draw the confusion matrices of the first model.

    Raises
    ------
    InputError
        Nothing was predicted, or no sample has both a label and a prediction.
    """
    if not predictions:
        raise InputError(f"{samples.path}: --figure confusion: obs has no column of predicted labels; run clrna-encode")
    if not predictions[0].is_of(samples.label_name):
        raise InputError(
            f"{samples.path}: --figure confusion: {predictions[0].column} predicts "
            f"{in_quotes(predictions[0].label_key)}, "
            f"not {in_quotes(samples.label_name)}; set --label-key"
        )
    matrices = confusions(samples.labels, predictions[0].label, predictions[0].seen)
    if not matrices:
        both = f"a {samples.label_name} and a {predictions[0].column}"
        raise InputError(f"{samples.path}: --figure confusion: no sample has both {both}")
    return confusion_figure(matrices, title=title)


def history(found: History, path: Path, *, title: str) -> Figure:
    """Draw the training curves.

    Raises
    ------
    InputError
        There are none, since the model was computed in closed form.
    """
    if found.closed_form:
        raise InputError(
            f"--figure history: {path} has no epochs, as the model was computed in closed form; "
            "train with --epochs N for curves, or choose another figure"
        )
    return history_figure(found, title=title)


def scores(table: pd.DataFrame | None, keys: Sequence[str] | None, *, title: str) -> Figure:
    """Draw the scores, of some embeddings only if ``keys`` names them.

    Raises
    ------
    InputError
        There are no scores, or none of these embeddings.
    """
    if table is None:
        raise InputError("--figure scores: the input holds no scores; give a table with --scores FILE.tsv")
    chosen = table if keys is None else table[table["embedding"].isin(list(keys))]
    if chosen.empty:
        there = ", ".join(dict.fromkeys(table["embedding"]))
        raise InputError(f"--figure scores: no score of {', '.join(keys or [])}; the table has {there}")
    return scores_figure(chosen, title=title)
