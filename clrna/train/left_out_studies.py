"""Leave whole studies out of the training data, to learn how often the labels of an unseen study are right."""

import dataclasses
import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.model.calibration import fit_threshold
from clrna.model.distance import Reference, fit_reference
from clrna.model.label_confidence import N_FEATURES, LabelConfidence, features_of, fit_label_confidence
from clrna.model.neighbor_votes import neighbor_votes
from clrna.model.products import BY_NUMPY, Products
from clrna.model.row_view import RowView
from clrna.model.study_placement import Adaptation, GenesThere, place_study, placed_coordinates
from clrna.stages import stage
from clrna.train.samples import NO_CLASS
from clrna.train.thinning import thinned
from clrna.train.transfer_fit import TransferFit, fit_transfer

logger = logging.getLogger("clrna")

_MOST_FOLDS = 5
# Samples that a fold is trained on, and that are asked of a left-out study, at most.
_MOST_TRAINED = 2000
_MOST_ASKED = 400
# Share of the samples with a right label that are to count as like the training data.
_LIKE_TRAINING = 0.98
# Samples of a class that a fold has to be trained on to be asked for it. What is asked counts the less the more of
# its class the fold had to do without: the model that is used has all of them.
_FEWEST_KNOWN = 5
_POWER = 2
# Samples of one class of a left-out study that make a cohort of their own; of small ones; fewest of either.
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
        """Return the distance that most samples with a right label do not exceed; infinite where there is none."""
        return like_training(self.distances[self.right]) if self.right.any() else float("inf")

    def confidence(self, expected: NDArray[np.float64] | None = None) -> LabelConfidence:
        """Return how sure labels are. Donors of one study say nothing of another, so they only set the threshold.

        Parameters
        ----------
        expected
            As for :func:`clrna.model.label_confidence.fit_label_confidence`.
        """
        weights = self.weights if self.across_studies else np.zeros(len(self.right))
        return fit_label_confidence(self.features, self.right, weights, 1 - self.kept, expected)

    def accuracy_by_class(self, n_classes: int) -> list[tuple[int, float | None]]:
        """Return the samples asked and the share of right ones of each class, in studies left out whole."""
        rows = []
        for number in range(n_classes):
            asked = self.whole & (self.truth == number)
            rows.append((int(asked.sum()), float(self.right[asked].mean()) if asked.any() else None))
        return rows


def like_training(distances: NDArray) -> float:
    """Return the distance from the nearest class center, in deviations, that most of these samples do not exceed."""
    return fit_threshold(distances, _LIKE_TRAINING)


@stage("leaving studies out")
def leave_studies_out(
    scores: NDArray[np.float32],
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    donors: NDArray,
    n_classes: int,
    latent_dim: int,
    seed: int,
    present: NDArray[np.bool_],
    measured: NDArray[np.float32] | None = None,
    askable: NDArray[np.bool_] | None = None,
    products: Products = BY_NUMPY,
) -> LeftOut:
    """Train without each study in turn, and ask for the labels of its samples.

    They are asked as one study, as cohorts of a single class, most studies that users bring being such, as a few
    samples, and one by one.

    Parameters
    ----------
    scores, studies, labels, n_classes, latent_dim, seed, products
        As for :func:`clrna.train.transfer_fit.fit_transfer`.
    donors
        Of each sample, '' where unknown. Samples whose donor stands in another study are not asked.
    present
        Which genes each study measured, shape (studies, genes); its samples are asked by these alone.
    measured
        ``share`` of :func:`clrna.train.transfer_fit.fit_transfer`; ``present`` where not given.
    askable
        Which samples may be asked, shape (samples,). Studies without such samples are never left out.
        All may be where not given.
    """
    measured = present.astype(np.float32) if measured is None else measured
    askable = np.ones(len(labels), dtype=bool) if askable is None else askable
    folds, across = _folds(studies, donors, askable)
    answers: list[tuple[NDArray, ...]] = []
    for number in range(int(folds.max(initial=-1)) + 1):
        generator = np.random.default_rng([seed, number])
        rest, out = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        kept = _shares_kept(rest, labels, n_classes)
        rest = rest[thinned(_cells(studies, labels)[rest], _MOST_TRAINED, generator)]
        asked = _asked(out[askable[out]], rest, labels, donors)
        if not len(asked):
            continue
        fold = _fit_fold(RowView(scores, rest), studies[rest], labels[rest], latent_dim, seed, measured, products)
        for rows, adapt, whole in _cohorts(asked, studies, labels, generator):
            truth = labels[rows]
            features, right, distances = fold.ask(scores[rows], present[studies[rows[0]]], truth, adapt)
            weights = kept[truth] ** _POWER / len(rows)
            share = kept[truth] * (len(labels) - len(out)) / len(labels)
            answers.append((features, right, distances, weights, share, truth, np.full(len(rows), whole)))
        del fold  # before the next one is there
    if not answers:
        none = np.zeros(0)
        features, nobody = np.zeros((0, N_FEATURES)), none.astype(bool)
        return LeftOut(features, nobody, none, none, none, none.astype(np.int64), nobody, False)
    features, right, distances, weights, share, truth, whole_studies = (
        np.concatenate(part) for part in zip(*answers, strict=True)
    )
    return LeftOut(features, right, distances, weights, share, truth, whole_studies, across)


@dataclasses.dataclass(frozen=True)
class _Fold:
    """What was learned without some studies, and the classes that it knows."""

    fit: TransferFit
    codes: NDArray[np.float64]
    labels: NDArray[np.int64]
    reference: Reference
    known: NDArray[np.int64]
    known_genes: dict[bytes, GenesThere] = dataclasses.field(default_factory=dict)

    def ask(
        self, scores: NDArray[np.float32], present: NDArray[np.bool_], truth: NDArray[np.int64], adapt: Adaptation
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
        """Return the features of the evidence, whether the label is right, and the distance of the code."""
        there = self._genes_there(present)
        products = there.products(there.space.scaled(scores, there.present)).astype(np.float64)
        placement = place_study(there, products, len(scores), adapt, self._votes_of_coordinates)
        coordinates, _, alone = placed_coordinates(there, products, placement)
        codes = self.fit.encoder.codes(coordinates)
        votes = self._votes(codes)
        log_odds = placement.label_log_odds(alone, self.fit.encoder.log_odds(codes), votes)
        right = self.known[log_odds.argmax(axis=1)] == truth
        distances = self.reference.distance(codes).astype(np.float64)
        return features_of(self.fit.statistics, log_odds, placement.weight), right, distances

    def _genes_there(self, present: NDArray[np.bool_]) -> GenesThere:
        """Return what these genes make of the statistics; the next cohort is often of the same study."""
        key = present.tobytes()
        if key not in self.known_genes:
            self.known_genes.clear()
            self.known_genes[key] = GenesThere(self.fit.space, self.fit.statistics, present)
        return self.known_genes[key]

    def _votes_of_coordinates(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._votes(self.fit.encoder.codes(coordinates))

    def _votes(self, codes: NDArray[np.float64]) -> NDArray[np.float64]:
        return neighbor_votes(codes, self.codes, self.labels, len(self.known))


def _fit_fold(
    scores: RowView,
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    latent_dim: int,
    seed: int,
    measured: NDArray[np.float32],
    products: Products,
) -> _Fold:
    known, own = np.unique(labels, return_inverse=True)
    own = own - int(known[0] == NO_CLASS)
    known = known[known != NO_CLASS]
    there, own_studies = np.unique(studies, return_inverse=True)
    fit = fit_transfer(scores, own_studies, own, len(known), latent_dim, seed, measured[there], products)
    codes = fit.encoder.codes(fit.coordinates)
    return _Fold(fit, codes, own, fit_reference(codes, own), known)


def _shares_kept(rest: NDArray[np.intp], labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Return the share of the samples of each class that a fold has."""
    kept, of_class = (np.bincount(own[own >= 0], minlength=n_classes) for own in (labels[rest], labels))
    return kept / np.maximum(of_class, 1)


def _folds(studies: NDArray[np.intp], donors: NDArray, askable: NDArray[np.bool_]) -> tuple[NDArray[np.intp], bool]:
    """Return a fold for each sample: of whole studies, of donors where there is one study only; -1 for none."""
    counts = np.bincount(studies)
    if len(counts) > 1:
        # The largest studies first, each to the fold that has the fewest samples.
        asked = np.bincount(studies[askable], minlength=len(counts)) > 0
        fold_of, sizes = np.full(len(counts), -1, dtype=np.intp), np.zeros(min(_MOST_FOLDS, int(asked.sum())))
        for study in np.argsort(-counts, kind="stable"):
            if asked[study]:
                fold_of[study] = sizes.argmin()
                sizes[fold_of[study]] += counts[study]
        return fold_of[studies], True
    names = np.array([name or f" {number}" for number, name in enumerate(donors.astype(str))])
    _, own = np.unique(names, return_inverse=True)
    n_donors = int(own.max(initial=-1)) + 1
    order = np.random.default_rng(0).permutation(n_donors)
    return order[own] % max(min(_MOST_FOLDS, n_donors), 1), False


def _cells(studies: NDArray[np.intp], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each pair of study and class."""
    return studies * (labels.max(initial=NO_CLASS) + 2) + labels


def _asked(rows: NDArray[np.intp], rest: NDArray[np.intp], labels: NDArray, donors: NDArray) -> NDArray[np.intp]:
    """Return the left-out samples with a class that the rest knows, of donors that it does not."""
    learned = set(donors[rest].tolist()) - {UNLABELLED}
    unseen = np.array([name not in learned for name in donors[rows].tolist()], dtype=bool)
    names, counts = np.unique(labels[rest], return_counts=True)
    names = names[(counts >= _FEWEST_KNOWN) & (names != NO_CLASS)]
    if len(names) < 2:
        return rows[:0]
    return rows[unseen & np.isin(labels[rows], names)]


def _cohorts(
    asked: NDArray[np.intp], studies: NDArray, labels: NDArray, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], Adaptation, bool]]:
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
