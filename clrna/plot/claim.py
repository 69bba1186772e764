"""What the first picture shows: samples of studies that were left out, in front of those that were trained on.

It is the claim itself, for CLRNA beside ComBat. By label, samples should lie among those of the same label that were
trained on, which have a tint of their color; by study, among the grey ones rather than apart from them. Those that were
trained on are in the file, or come from a reference.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import UNLABELLED, X_CLRNA, X_COMBAT
from clrna.plot.columns import Column, label_column
from clrna.plot.islands import IslandName, island_names
from clrna.plot.projections import Projection
from clrna.plot.reference import DrawnReference
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
    reference: DrawnReference | None = None
    is_predicted: bool = False  # whether labels are what the model says, since the file has none to compare with

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
        return f"{named_studies(self.unseen)}, {what} that {self.names[0]} was not trained on"

    @property
    def in_short(self) -> str:
        """The same for beside a title that names what was left out already."""
        names = " beside ".join(self.names)
        if not self.unseen:
            return names
        what = "training" if self.reference is None else "reference"
        behind = f", {what} samples in grey" if self.n_behind else ""
        return f"{names}: {named_studies(self.unseen)} in color{behind}"

    @property
    def behind(self) -> str:
        """What the grey cloud is, '' where there is none."""
        what = "trained on" if self.reference is None else "reference"
        return f"{what}: {named_studies(self.trained)}" if self.n_behind else ""

    @property
    def unnamed(self) -> str:
        """What samples in front without a label are called."""
        return "uncertain" if self.is_predicted else "unlabelled"

    def cloud(self, key: str, column: Column) -> tuple[NDArray[np.float32], NDArray]:
        """Return points, shape (samples, 2), and labels of the samples behind, of the file and of the reference."""
        drawn = self.projections[key]
        labels = column.values[~self.front]
        if self.reference is not None and len(drawn.reference):
            by_label = column is self.columns[0]
            more = self.reference.samples.labels if by_label else self.reference.samples.studies
            labels = np.concatenate([labels, more])
        return np.concatenate([drawn.coordinates[~self.front], drawn.reference]), labels

    def fill(self, column: Column, label: str) -> str:
        """Return the color that a label's points are filled with: unlabelled ones are hollow, since grey is behind."""
        return HOLLOW if label == UNLABELLED else (column.styles or {})[label].color

    def names_of_islands(self, key: str, column: Column) -> list[IslandName]:
        """Return the names of the groups that a reference brings, by label; none where the legend says it all."""
        if column is not self.columns[0] or self.reference is None or not len(self.projections[key].reference):
            return []
        behind, labels = self.cloud(key, column)
        return island_names(behind, labels, list(column.counts), self.projections[key].coordinates[self.front])

    @property
    def how_to_read(self) -> str:
        """One sentence on what good features look like."""
        label = self.columns[0].name.replace("_", " ")
        if not self.n_behind:
            return f"Good features bring samples of one {label} together, whichever study measured them."
        if self.is_predicted:
            plain = label.removeprefix("predicted ")
            return f"In color by {label}, hollow where uncertain; pale: reference samples of the same {plain}."
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


def claim_of(
    samples: DrawnSamples,
    projections: Mapping[str, Projection],
    predictions: Predictions | None,
    reference: DrawnReference | None = None,
) -> Claim:
    """Return what the picture shows.

    Parameters
    ----------
    samples
        All samples.
    projections
        ``obsm`` key to its projection, of the samples that are drawn.
    predictions
        Of the model that it is about; None where there is none, so that no study is known to be left out.
    reference
        Samples that stand behind, too, which were projected with those of the file.
    """
    front = in_front(samples, predictions)
    unseen = sorted(set(samples.studies[_left_out(samples, predictions)]))
    name, labels = labels_to_show(samples, predictions, reference)
    columns = (
        label_column(name, labels),
        label_column(samples.study_key, samples.studies, spread=True),
    )
    chosen = keys_to_compare(projections)
    return Claim(
        projections={key: projections[key] for key in chosen},
        columns=(_of_front(columns[0], front, samples), _of_front(columns[1], front, samples)),
        front=front[samples.shown],
        unseen=unseen,
        trained=sorted((set(samples.studies) - set(unseen) if unseen else set()) | _reference_studies(reference)),
        n_front=int(front.sum()),
        n_behind=int((~front).sum()) + (reference.n if reference is not None else 0),
        reference=reference,
        is_predicted=labels is not samples.labels,
    )


def _reference_studies(reference: DrawnReference | None) -> set[str]:
    """Return the names of a reference's studies."""
    return set() if reference is None else set(reference.samples.studies.tolist())


def predicted_name(label_name: str) -> str:
    """Return what a column of predicted labels is called."""
    return f"predicted_{label_name}"


def labels_to_show(
    samples: DrawnSamples, predictions: Predictions | None, reference: DrawnReference | None
) -> tuple[str, NDArray]:
    """Return name and values of the labels that the file holds; of the predicted ones where none can be compared.

    None can where no sample in front has one, or where the reference has none of them; then uncertain ones are ''.
    """
    front = in_front(samples, predictions)
    known = set(samples.labels[front].tolist()) - {UNLABELLED}
    comparable = known if reference is None else known & set(reference.samples.labels.tolist())
    if comparable or predictions is None or not predictions.is_of(samples.label_name):
        return samples.label_name, samples.labels
    uncertain = np.zeros(len(front), dtype=bool) if predictions.uncertain is None else predictions.uncertain
    return predicted_name(samples.label_name), np.where(uncertain, UNLABELLED, predictions.label).astype(object)


def named_studies(studies: Sequence[str]) -> str:
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
        return f"{label} in {named_studies(unseen)}, {what} that the model was not trained on"
    if len(studies) == 1:
        return f"{label} in {named_studies(studies)}"
    return f"{label} across {named_studies(studies)}"


def in_front(samples: DrawnSamples, predictions: Predictions | None) -> NDArray[np.bool_]:
    """Return which samples are of studies that the model was not trained on; all of them where none is known to be."""
    left_out = _left_out(samples, predictions)
    return left_out if left_out.any() else ~left_out


def _left_out(samples: DrawnSamples, predictions: Predictions | None) -> NDArray[np.bool_]:
    """Return for each sample whether its study is known to have been left out of the training.

    A study all of whose donors were trained on is not: it is one of the training's under another name, or as good as.
    """
    if predictions is None:
        return np.zeros(samples.adata.n_obs, dtype=bool)
    seen = predictions.seen.astype(str)
    new = samples.studies[seen == UNSEEN[0]]
    return np.isin(seen, UNSEEN) & np.isin(samples.studies.astype(str), new.astype(str))


def _of_front(column: Column, front: NDArray[np.bool_], samples: DrawnSamples) -> Column:
    """Return a column of the samples that are drawn, which counts those in front alone."""
    tally = pd.Series(column.values[front]).value_counts()
    counts = {label: int(tally[label]) for label in column.counts if label in tally}
    ranked = dict(sorted(counts.items(), key=lambda item: (item[0] == UNLABELLED, -item[1], item[0])))
    return replace(column.at(samples.shown), counts=ranked)
