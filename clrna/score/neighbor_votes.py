"""Scores of what nearest neighbours of other donors say: a sample's label, and its study."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.balanced_accuracy import balanced_accuracy
from clrna.metrics.macro_f1 import macro_f1_by_weights
from clrna.metrics.majority_vote import majority_vote
from clrna.score.estimate import Estimate, estimate, mean_statistic, nothing
from clrna.score.view import View


def label_accuracy(view: View, _target: str) -> Estimate:
    """Share of samples whose label the neighbours of other donors, of any study, tell rightly."""
    rows, truth, predicted = _label_votes(view)
    if len(set(truth.tolist())) < 2:
        return nothing(f"fewer than two values of {view.label_key} are found in two donors")
    return estimate(rows, mean_statistic((truth == predicted).astype(float)))


def label_f1(view: View, _target: str) -> Estimate:
    """Macro-F1 of the label that the neighbours of other donors, of any study, tell."""
    rows, truth, predicted = _label_votes(view)
    if len(set(truth.tolist())) < 2:
        return nothing(f"fewer than two values of {view.label_key} are found in two donors")
    return estimate(rows, macro_f1_by_weights(truth, predicted))


def study_predictability(view: View, _target: str) -> Estimate:
    """Balanced accuracy with which the neighbours of other donors tell a sample's study."""
    codes, reason = _studies(view)
    if reason:
        return nothing(reason)
    rows = np.arange(len(codes))
    predicted = _votes(view, rows, codes)
    note = f"chance {1 / (codes.max() + 1):.3f}; the label alone tells {_told_by_label(view, codes):.3f}"
    return estimate(rows, lambda weights: balanced_accuracy(codes, predicted, weights), note)


def study_chance(view: View, _target: str) -> Estimate:
    """Balanced accuracy of a guess that does not look at the embedding: 1 / studies."""
    codes, reason = _studies(view)
    if reason:
        return nothing(reason)
    chance = 1.0 / (codes.max() + 1)
    return Estimate(float(chance), np.arange(len(codes)), None, "", "what study_predictability is to be compared with")


def study_from_label(view: View, _target: str) -> Estimate:
    """Balanced accuracy of guessing the study from the label alone: what is left when labels are mixed perfectly."""
    codes, reason = _studies(view)
    if reason:
        return nothing(reason)
    note = f"each sample guessed to be of the study in which its {view.label_key} is most frequent"
    return Estimate(_told_by_label(view, codes), np.arange(len(codes)), None, "", note)


def _label_votes(view: View) -> tuple[NDArray[np.intp], NDArray, NDArray]:
    """Return the rows whose label another donor has, their labels, and the votes; labels as numbers."""
    rows = view.labelled
    names, codes = np.unique(view.labels[rows].astype(str), return_inverse=True)
    pairs = np.unique(np.column_stack([codes, view.owners[rows]]), axis=0)
    donors = np.bincount(pairs[:, 0], minlength=len(names))
    kept = donors[codes] > 1
    rows, codes = rows[kept], codes[kept]
    if len(set(codes.tolist())) < 2:
        return rows, codes, codes
    return rows, codes, _votes(view, rows, codes)


def _votes(view: View, rows: NDArray[np.intp], codes: NDArray[np.intp]) -> NDArray[np.intp]:
    neighbors, _ = view.nearest(rows, view.n_neighbors, of_other_donors=True)
    return majority_vote(neighbors, codes, int(codes.max()) + 1)


def _studies(view: View) -> tuple[NDArray[np.intp], str]:
    names, codes = np.unique(view.studies.astype(str), return_inverse=True)
    if len(names) < 2:
        return codes, "there is only one study"
    if len(np.unique(view.owners)) < 2:
        return codes, "there is only one donor"
    return codes, ""


def _told_by_label(view: View, codes: NDArray[np.intp]) -> float:
    _, labels = np.unique(view.labels.astype(str), return_inverse=True)
    counts = np.zeros((int(labels.max()) + 1, int(codes.max()) + 1))
    np.add.at(counts, (labels, codes), 1)
    return balanced_accuracy(codes, counts.argmax(axis=1)[labels])
