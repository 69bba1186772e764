"""Leave whole studies out of the training data, to learn how often the labels of an unseen study are right."""

import dataclasses
import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.model.calibration import fit_threshold
from clrna.model.distance import fit_reference
from clrna.model.label_confidence import LabelConfidence, features_of, fit_label_confidence
from clrna.model.neighbor_votes import neighbor_votes
from clrna.model.study_placement import GenesThere, place_study, placed_coordinates
from clrna.train.samples import NO_CLASS
from clrna.train.transfer_fit import TransferFit, fit_transfer

logger = logging.getLogger("clrna")

_MOST_FOLDS = 5
# Samples that a fold is trained on, and that are asked of a left-out study, at most.
_MOST_TRAINED = 2000
_MOST_ASKED = 400
# Samples of one class of a left-out study that make a cohort of their own; of small ones; fewest of either.
# Share of the samples with a right label that are to count as like the training data.
_LIKE_TRAINING = 0.98
# Samples of a class that a fold has to be trained on to be asked for it. What is asked counts the less the more of
# its class the fold had to do without: the model that is used has all of them.
_FEWEST_KNOWN = 5
_POWER = 2
_COHORT, _SMALL_COHORT, _FEWEST = 80, 8, 4


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """What became of samples whose study was left out.

    Attributes
    ----------
    features
        Of the evidence for each label, shape (answers, features); a sample may be asked in several cohorts.
    right
        Whether the label is right.
    distances
        Of each code to the nearest class center, in deviations.
    weights
        Of each answer, those of a cohort adding up to 1 or less.
    kept
        Share of the model's training samples, and of those of the true class, that the fold had, multiplied.
    truth
        Class of each.
    whole
        Whether the answer is of the study as it is, or of a cohort cut from it.
    across_studies
        False where there was one study, whose donors were left out in turn.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    distances: NDArray[np.float64]
    weights: NDArray[np.float64]
    kept: NDArray[np.float64]
    truth: NDArray[np.int64]
    whole: NDArray[np.bool_]
    across_studies: bool

    def distance_threshold(self) -> float:
        """Return the distance that most samples with a right label do not exceed."""
        return fit_threshold(self.distances[self.right], _LIKE_TRAINING) if self.right.any() else float("inf")

    def confidence(self) -> LabelConfidence:
        """Return how sure labels are."""
        lost = 1 - float(np.average(self.kept, weights=self.weights)) if self.weights.any() else 0.0
        return fit_label_confidence(self.features, self.right, self.weights, lost if self.across_studies else 0.0)

    def accuracy_by_class(self, n_classes: int) -> list[tuple[int, float | None]]:
        """Return the samples asked and the share of right ones of each class, in studies left out whole."""
        rows = []
        for number in range(n_classes):
            asked = self.whole & (self.truth == number)
            rows.append((int(asked.sum()), float(self.right[asked].mean()) if asked.any() else None))
        return rows


def leave_studies_out(
    scores: NDArray[np.float32],
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    donors: NDArray,
    n_classes: int,
    latent_dim: int,
    seed: int,
) -> LeftOut:
    """Train without each study in turn, and ask for the labels of its samples.

    They are asked as one study, as cohorts of a single class, most studies that users bring being such, as a few
    samples, and one by one.

    Parameters
    ----------
    scores, studies, labels, n_classes, latent_dim, seed
        As for :func:`clrna.train.transfer_fit.fit_transfer`.
    donors
        Of each sample, '' where unknown. Samples whose donor stands in another study are not asked.
    """
    folds, across = _folds(studies, donors)
    of_class = np.bincount(labels[labels >= 0], minlength=n_classes)
    answers: list[tuple[NDArray, ...]] = []
    for number in range(int(folds.max(initial=-1)) + 1):
        generator = np.random.default_rng([seed, number])
        rest = _thinned(np.flatnonzero(folds != number), studies, labels, generator)
        asked = _asked(np.flatnonzero(folds == number), rest, labels, donors)
        known, own = np.unique(labels[rest], return_inverse=True)
        own = own - int(known[0] == NO_CLASS)
        known = known[known != NO_CLASS]
        if len(known) < 2 or not len(asked):
            continue
        _, own_studies = np.unique(studies[rest], return_inverse=True)
        fit = fit_transfer(scores[rest], own_studies, own, len(known), latent_dim, seed)
        there = GenesThere(fit.space, fit.statistics, np.ones(scores.shape[1], dtype=bool))
        kept = np.bincount(labels[rest][labels[rest] >= 0], minlength=n_classes) / np.maximum(of_class, 1)
        references = fit.encoder.codes(fit.coordinates)
        reference = fit_reference(references, own)
        for rows, adapt, whole in _cohorts(asked, studies, labels, generator):
            codes, log_odds, weight = _encoded(fit, there, references, own, scores[rows], adapt)
            right = known[log_odds.argmax(axis=1)] == labels[rows]
            size = len(rows)
            answers.append(
                (
                    features_of(log_odds, weight), right, reference.distance(codes).astype(np.float64),
                    kept[labels[rows]] ** _POWER / size, kept[labels[rows]] * len(rest) / len(labels),
                    labels[rows], np.full(size, whole),
                )
            )  # fmt: skip
    if not answers:
        none = np.zeros(0)
        features = features_of(np.zeros((0, 2)), 0.0)
        return LeftOut(features, none.astype(bool), none, none, none, none.astype(np.int64), none.astype(bool), False)
    features, right, distances, weights, known_share, truth, whole_studies = (
        np.concatenate(part) for part in zip(*answers, strict=True)
    )
    return LeftOut(features, right, distances, weights, known_share, truth, whole_studies, across)


def _encoded(
    fit: TransferFit,
    there: GenesThere,
    references: NDArray[np.float64],
    labels: NDArray[np.int64],
    scores: NDArray[np.float32],
    adapt: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return codes, log odds of the classes and the weight of the shares for samples of one study."""
    products = there.space.products(there.space.scaled(scores, there.present), there.present)
    placement = place_study(there, products, len(scores), "none" if adapt == "none" else "auto")
    coordinates, _, alone = placed_coordinates(there, products, placement)
    codes = fit.encoder.codes(coordinates)
    votes = neighbor_votes(codes, references, labels, fit.statistics.n_classes)
    return codes, placement.label_log_odds(alone, fit.encoder.log_odds(codes), votes), placement.weight


def _folds(studies: NDArray[np.intp], donors: NDArray) -> tuple[NDArray[np.intp], bool]:
    """Return a fold for each sample: of whole studies, of donors where there is one study only."""
    counts = np.bincount(studies)
    if len(counts) > 1:
        # The largest studies first, each to the fold that has the fewest samples.
        fold_of, sizes = np.zeros(len(counts), dtype=np.intp), np.zeros(min(_MOST_FOLDS, len(counts)))
        for study in np.argsort(-counts, kind="stable"):
            fold_of[study] = sizes.argmin()
            sizes[fold_of[study]] += counts[study]
        return fold_of[studies], True
    names = np.array([name or f" {number}" for number, name in enumerate(donors.astype(str))])
    _, own = np.unique(names, return_inverse=True)
    n_donors = int(own.max(initial=-1)) + 1
    order = np.random.default_rng(0).permutation(n_donors)
    return order[own] % max(min(_MOST_FOLDS, n_donors), 1), False


def _thinned(
    rows: NDArray[np.intp], studies: NDArray, labels: NDArray, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Return at most so many samples as a fold is trained on, the large classes of large studies thinned."""
    if len(rows) <= _MOST_TRAINED:
        return rows
    cells = studies[rows] * (labels.max() + 2) + labels[rows]
    mixed = generator.permutation(len(rows))
    _, cell, counts = np.unique(cells[mixed], return_inverse=True, return_counts=True)
    rank = np.empty(len(rows), dtype=np.intp)
    for number in range(len(counts)):
        rank[cell == number] = np.arange(counts[number])
    return np.sort(rows[mixed[np.argsort(rank, kind="stable")[:_MOST_TRAINED]]])


def _asked(rows: NDArray[np.intp], rest: NDArray[np.intp], labels: NDArray, donors: NDArray) -> NDArray[np.intp]:
    """Return the left-out samples with a class that the rest knows, of donors that it does not."""
    learned = set(donors[rest].tolist()) - {UNLABELLED}
    unseen = np.array([name not in learned for name in donors[rows].tolist()], dtype=bool)
    names, counts = np.unique(labels[rest], return_counts=True)
    return rows[unseen & (labels[rows] != NO_CLASS) & np.isin(labels[rows], names[counts >= _FEWEST_KNOWN])]


def _cohorts(
    asked: NDArray[np.intp], studies: NDArray, labels: NDArray, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], str, bool]]:
    """Yield the samples of cohorts, how to place them, and whether it is a study as it is."""
    for study in np.unique(studies[asked]):
        own = generator.permutation(asked[studies[asked] == study])
        yield own[:_MOST_ASKED], "auto", True
        yield own[:_MOST_ASKED], "none", False
        for label in np.unique(labels[own]):
            of_class = own[labels[own] == label]
            if len(of_class) >= _FEWEST:
                yield of_class[:_COHORT], "auto", False
                yield of_class[:_SMALL_COHORT], "auto", False
