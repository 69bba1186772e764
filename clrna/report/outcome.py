"""What came out for samples of studies that the model was not trained on, in sentences, whether it is good or not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.match.levels import CHANCE, REPLICATE, SAME_LABEL
from clrna.plot.claim import in_front
from clrna.plural import enumerated, plural
from clrna.report import numbers
from clrna.report.glance import Verdict
from clrna.results.match_table import of_same_label
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples
from clrna.results.versus import BETTER, UNKNOWN, WORSE

# A sentence is written as a failure where it is one for more than this share of the samples.
_MOST = 0.5
# From here on it is well.
_GOOD = 0.8


def outcome(samples: DrawnSamples, predictions: Predictions | None, matches: pd.DataFrame | None) -> list[Verdict]:
    """Say what was predicted, how sure that is, whether it is right, and what the nearest reference samples are.

    Parameters
    ----------
    samples
        All samples.
    predictions
        Of the model that the report is about; None where there is none.
    matches
        From :func:`clrna.results.match_table.read_match_tables`; None where there are none.

    Returns
    -------
    Sentences that know whether they tell of a failure; none where nothing was predicted.
    """
    if predictions is None:
        return []
    rows = in_front(samples, predictions)
    said = [*_right(samples, predictions, rows), _predicted(samples, predictions, rows)]
    if matches is not None and (nearest := matches[matches["rank"] == 1])["as_close_as"].ne("").any():
        said.append(_nearest(nearest, samples.label_name.replace("_", " ")))
    return [*said, *_unlike(predictions, rows)]


def right_of_unseen(samples: DrawnSamples, predictions: Predictions | None) -> list[Verdict]:
    """Return how many of the model's own labels are right, beside scores of its features; none where not known."""
    if predictions is None or not predictions.knows_any(samples.labels):
        return []
    rows = in_front(samples, predictions) & np.isin(predictions.seen.astype(str), ("unseen", "donor"))
    return _right(samples, predictions, rows, "The model's own label is right for")


def _predicted(samples: DrawnSamples, predictions: Predictions, rows: NDArray[np.bool_]) -> Verdict:
    counts = pd.Series(predictions.label[rows]).value_counts()
    names = [f"{name or 'none'} {counts[name]:,}" for name in sorted(counts.index, key=lambda n: (-counts[n], n))]
    what = (predictions.label_key or samples.label_name).replace("_", " ")
    text = f"Predicted {what} of {plural(int(rows.sum()), 'sample')}: {enumerated(names)}."
    if predictions.uncertain is None:
        return Verdict(text, UNKNOWN)
    unsure = int(predictions.uncertain[rows].sum())
    how = "All are certain." if not unsure else f"{unsure:,} are called uncertain: do not rely on these alone."
    return Verdict(f"{text} {how}", WORSE if unsure > _MOST * rows.sum() else UNKNOWN)


def _right(
    samples: DrawnSamples, predictions: Predictions, rows: NDArray[np.bool_], said: str = "Right:"
) -> list[Verdict]:
    known = rows & (samples.labels != UNLABELLED)
    if not known.any() or not predictions.is_of(samples.label_name):
        return []
    label, labels = samples.label_name.replace("_", " "), samples.labels[known]
    if not predictions.knows_any(labels):
        text = f"Whether that is right cannot be told: the file's own {label} ({_some(labels)}) is not in the model's "
        return [Verdict(f"{text}words. clrna-normalize brings labels to one vocabulary.", UNKNOWN)]
    right, n = int((labels == predictions.label[known]).sum()), int(known.sum())
    text = f"{said} {right:,} of the {n:,} whose {label} is known ({numbers.share(right, n)})."
    return [Verdict(text, BETTER if right >= _GOOD * n else UNKNOWN if right > _MOST * n else WORSE)]


def _some(labels: Sequence[str] | NDArray) -> str:
    return enumerated(sorted(set(map(str, labels))), at_most=3)


def _nearest(nearest: pd.DataFrame, label: str) -> Verdict:
    levels = nearest["as_close_as"]
    counts = {name: int((levels == name).sum()) for name in (REPLICATE, SAME_LABEL, CHANCE)}
    words = {
        REPLICATE: "as close as a replicate",
        SAME_LABEL: f"as close as one of the same {label}",
        CHANCE: "no closer than chance",
    }
    parts = [f"{words[name]} for {'all ' if n == len(levels) else ''}{n:,}" for name, n in counts.items() if n]
    same, n_known = of_same_label(nearest)
    mostly_chance, mostly_same = counts[CHANCE] > _MOST * len(levels), same > _MOST * n_known
    it = "Even so it" if mostly_chance and mostly_same else "It"
    its = f" {it} has the same {label} for {same:,} of the {n_known:,} whose {label} is known." if n_known else ""
    tone = BETTER if not mostly_chance else UNKNOWN if mostly_same else WORSE
    return Verdict(f"The nearest reference sample is {enumerated(parts)}.{its}", tone)


def _unlike(predictions: Predictions, rows: NDArray[np.bool_]) -> list[Verdict]:
    if predictions.unlike_training is None or not (n := int(predictions.unlike_training[rows].sum())):
        return []
    of = "All" if n == rows.sum() else f"{n:,} of {rows.sum():,}"
    text = f"{of} lie further from the training data than they should: trust what is said of them less."
    return [Verdict(text, WORSE if n > _MOST * rows.sum() else UNKNOWN)]
