"""What the first picture shows: samples of studies that were left out, in front of those that were trained on.

It is the claim itself, for CLRNA beside ComBat. By label, samples should lie among those of the same label that were
trained on, which have a tint of their color; by study, among the grey ones rather than apart from them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import UNLABELLED, X_CLRNA, X_COMBAT
from clrna.plot.columns import Column, label_column
from clrna.plot.projections import Projection
from clrna.plural import enumerated, plural
from clrna.results.embeddings import embedding_name, reading_order
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples

# What obs['clrna_seen'] says of samples whose study was left out.
UNSEEN: Final = ("unseen", "donor")
HOLLOW: Final = "#ffffff"
_MOST_NAMES = 4


@dataclass(frozen=True)
class Claim:
    """Two embeddings by two columns."""

    projections: Mapping[str, Projection]  # obsm key to the samples that are drawn: the model's first
    columns: tuple[Column, Column]  # label and study of the samples that are drawn; counts are of those in front
    front: NDArray[
        np.bool_
    ]  # which of the samples that are drawn are in front; all of them where no study was left out
    unseen: list[str]  # studies that were left out
    trained: list[str]  # the others
    n_front: int
    n_behind: int

    @property
    def names(self) -> list[str]:
        """How the embeddings are called."""
        return [embedding_name(key) for key in self.projections]

    @property
    def heading(self) -> str:
        """What is in front, as a title."""
        if not self.unseen:
            return "All samples; no study is known to have been left out of training"
        what = "a study" if len(self.unseen) == 1 else "studies"
        return f"{_named(self.unseen)}, {what} that {self.names[0]} was not trained on"

    @property
    def in_short(self) -> str:
        """The same for beside a title that names what was left out already."""
        names = " beside ".join(self.names)
        if not self.unseen:
            return names
        behind = ", training samples in grey" if self.n_behind else ""
        return f"{names}: {_named(self.unseen)} in color{behind}"

    @property
    def behind(self) -> str:
        """What the grey cloud is, '' where there is none."""
        return f"trained on: {_named(self.trained)}" if self.n_behind else ""

    def fill(self, column: Column, label: str) -> str:
        """Return the color that a label's points are filled with: unlabelled ones are hollow, since grey is behind."""
        return HOLLOW if label == UNLABELLED else (column.styles or {})[label].color

    @property
    def how_to_read(self) -> str:
        """One sentence on what good features look like."""
        label = self.columns[0].name.replace("_", " ")
        if not self.n_behind:
            return f"Good features bring samples of one {label} together, whichever study measured them."
        return (
            f"Good features lay samples of a new study among the pale ones of their own {label}, which were trained on."
        )


def keys_to_compare(keys: Collection[str]) -> list[str]:
    """Return the ``obsm`` keys of the model and of what it is held against: ComBat, or else the next baseline."""
    ordered = reading_order(list(keys))
    models = [key for key in ordered if key.startswith(X_CLRNA)]
    others = [key for key in ordered if key not in models]
    first = models[:1] or others[:1]
    rest = [key for key in others if key not in first]
    return [*first, *([X_COMBAT] if X_COMBAT in rest else rest[:1])]


def claim_of(samples: DrawnSamples, projections: Mapping[str, Projection], predictions: Predictions | None) -> Claim:
    """Return what the picture shows.

    Parameters
    ----------
    samples
        All samples.
    projections
        ``obsm`` key to its projection, of the samples that are drawn.
    predictions
        Of the model that it is about; None where there is none, so that no study is known to be left out.
    """
    front = _left_out(samples, predictions)
    unseen = sorted(set(samples.studies[front]))
    everything = front if front.any() else np.ones(len(front), dtype=bool)
    columns = (
        label_column(samples.label_name, samples.labels),
        label_column(samples.study_key, samples.studies, spread=True),
    )
    chosen = keys_to_compare(projections)
    return Claim(
        projections={key: projections[key] for key in chosen},
        columns=(_of_front(columns[0], everything, samples), _of_front(columns[1], everything, samples)),
        front=everything[samples.shown],
        unseen=unseen,
        trained=sorted(set(samples.studies) - set(unseen)) if unseen else [],
        n_front=int(everything.sum()),
        n_behind=int((~everything).sum()),
    )


def _named(studies: Sequence[str]) -> str:
    """Return the names of studies, at most four of them."""
    return enumerated([name or "no study" for name in studies], at_most=_MOST_NAMES)


def default_title(samples: DrawnSamples, predictions: Predictions | None) -> str:
    """Return a title that says what a report is about: which label, of which studies, unseen ones by name."""
    label = samples.label_name.replace("_", " ").replace(",", " and ")
    label = f"{label[:1].upper()}{label[1:]}"
    studies = sorted(set(samples.studies))
    unseen = sorted(set(samples.studies[_left_out(samples, predictions)]))
    if unseen:
        what = "a study" if len(unseen) == 1 else plural(len(unseen), "study", "studies")
        return f"{label} in {_named(unseen)}, {what} that the model was not trained on"
    if len(studies) == 1:
        return f"{label} in {_named(studies)}"
    return f"{label} across {_named(studies)}"


def _left_out(samples: DrawnSamples, predictions: Predictions | None) -> NDArray[np.bool_]:
    """Return for each sample whether its study is known to have been left out of the training."""
    if predictions is None:
        return np.zeros(samples.adata.n_obs, dtype=bool)
    return np.isin(predictions.seen.astype(str), UNSEEN)


def _of_front(column: Column, front: NDArray[np.bool_], samples: DrawnSamples) -> Column:
    """Return a column of the samples that are drawn, which counts those in front alone."""
    tally = pd.Series(column.values[front]).value_counts()
    counts = {label: int(tally[label]) for label in column.counts if label in tally}
    ranked = dict(sorted(counts.items(), key=lambda item: (item[0] == UNLABELLED, -item[1], item[0])))
    return replace(column.at(samples.shown), counts=ranked)
