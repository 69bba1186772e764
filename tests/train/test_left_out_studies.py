"""Whole studies left out in turn: who is asked, by whom, and what each answer weighs."""

import numpy as np
import pytest
from scipy.special import expit

from clrna.model.label_confidence import fit_label_confidence
from clrna.model.standardize import standardize_samples
from clrna.train.left_out_studies import LeftOut, leave_studies_out

N_CLASSES, N_GENES = 3, 50


def made(studies: np.ndarray, labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Scores of samples whose classes are told apart easily."""
    random = np.random.default_rng(seed)
    programs, shifts = random.normal(0, 2, (N_CLASSES + 1, N_GENES)), random.normal(0, 0.5, (9, N_GENES))
    noise = random.normal(size=(len(labels), N_GENES))
    return standardize_samples(random.normal(5, 2, N_GENES) + programs[labels] + shifts[studies] + noise)


def leave_out(studies, labels, donors=None, scores=None) -> LeftOut:
    donors = np.array([f"d{number}" for number in range(len(labels))], dtype=object) if donors is None else donors
    scores = made(studies, labels) if scores is None else scores
    present = np.ones((int(studies.max()) + 1, N_GENES), dtype=bool)
    return leave_studies_out(scores, studies, labels, donors, N_CLASSES, 6, 0, present)


def design(per_cell: int = 10, n_studies: int = 3) -> tuple[np.ndarray, np.ndarray]:
    studies = np.repeat(np.arange(n_studies), per_cell * N_CLASSES)
    return studies, np.tile(np.arange(N_CLASSES), per_cell * n_studies)


def test_each_sample_is_asked_in_its_study_alone_and_in_cohorts_of_its_class() -> None:
    """Of each study: all 30 together, all 30 alone, and of each class 10 and 8."""
    found = leave_out(*design())
    assert len(found.right) == 3 * (30 + 30 + 3 * (10 + 8))
    assert found.whole.sum() == 90
    assert np.bincount(found.truth).tolist() == [114] * 3
    assert found.across_studies
    assert found.right.mean() > 0.9
    assert found.accuracy_by_class(3) == [(30, pytest.approx(1, abs=0.1))] * 3


def test_a_cohort_weighs_as_much_as_another_and_less_where_its_class_was_lost() -> None:
    """Two thirds of each class stay when one of three studies goes: (2/3)^2 a cohort, two and six a study."""
    found = leave_out(*design())
    assert found.weights.sum() == pytest.approx(3 * (2 + 6) * (2 / 3) ** 2)
    np.testing.assert_allclose(found.weights[found.whole], (2 / 3) ** 2 / 30)
    np.testing.assert_allclose(found.kept, (2 / 3) * (2 / 3))


def test_samples_whose_donor_stays_or_whose_class_does_not_are_not_asked() -> None:
    studies, labels = design()
    donors = np.array([f"d{number}" for number in range(90)], dtype=object)
    donors[[0, 1]] = donors[40]
    labels[(labels == 2) & (studies > 0)] = -1
    found = leave_out(studies, labels, donors, made(studies, labels))
    whole = found.truth[found.whole]
    # Class 2 is in the first study alone. Of the others there are 60; three samples share a donor across studies.
    assert np.bincount(whole, minlength=3).tolist() == [29, 28, 0]
    assert found.accuracy_by_class(3)[2] == (0, None)


def test_unknown_donors_are_not_one_donor() -> None:
    studies, labels = design()
    found = leave_out(studies, labels, np.full(90, "", dtype=object))
    assert found.whole.sum() == 90


def test_a_class_of_fewer_than_five_samples_elsewhere_is_not_asked() -> None:
    studies, labels = design()
    labels[np.flatnonzero((labels == 2) & (studies > 0))[4:]] = -1
    found = leave_out(studies, labels, scores=made(studies, design()[1]))
    of_rare = found.truth[found.whole] == 2
    assert of_rare.sum() == 4  # those of the other studies, which ten samples of the first one teach


def test_one_study_leaves_donors_out() -> None:
    studies, labels = design(n_studies=1)
    donors = np.repeat([f"d{number}" for number in range(10)], 3).astype(object)
    found = leave_out(studies, labels, donors)
    assert not found.across_studies
    assert found.whole.sum() == 30
    assert found.right[found.whole].mean() > 0.9


def test_many_studies_are_left_out_five_at_most_in_parts_of_like_size() -> None:
    found = leave_out(*design(n_studies=9, per_cell=4))
    assert found.whole.sum() == 108
    # Nine studies in five folds: four of two studies and one of one.
    shares = np.round(found.kept[found.whole] ** 0.5, 3)
    assert {float(share): int((shares == share).sum()) for share in np.unique(shares)} == {0.778: 96, 0.889: 12}


@pytest.mark.parametrize("case", ["one donor", "one class", "no class"])
def test_where_nothing_can_be_asked_nothing_is(case) -> None:
    studies, labels = design(n_studies=1 if case == "one donor" else 3)
    donors = np.full(len(labels), "d", dtype=object) if case == "one donor" else None
    scores = made(studies, labels)
    if case != "one donor":
        labels[:] = 0 if case == "one class" else -1
    found = leave_out(studies, labels, donors, scores)
    assert len(found.right) == 0 and found.features.shape == (0, 4)
    assert found.distance_threshold() == float("inf")
    assert found.confidence().threshold == 0.9
    assert found.accuracy_by_class(1) == [(0, None)]


def test_confidence_and_threshold_come_from_the_answers() -> None:
    found = leave_out(*design())
    right = found.distances[found.right]
    assert (right <= found.distance_threshold()).mean() == pytest.approx(0.98, abs=0.01)
    sure = found.confidence().probability(np.array([[1.0, 0.8 * np.log(51), 0.0, 0.2]]))[0]
    assert sure > 0.95


def test_labels_that_mean_nothing_are_never_sure() -> None:
    """Classes dealt out by chance: right in a third. What is known of models in general keeps the mean above that."""
    studies, labels = design(per_cell=30)
    scores = made(studies, np.zeros_like(labels))
    found = leave_out(studies, np.random.default_rng(1).permutation(labels), scores=scores)
    assert found.right[found.whole].mean() == pytest.approx(1 / 3, abs=0.1)
    said = expit(found.features @ found.confidence().coefficients)
    assert (said > 0.9).mean() < 0.01 and said[found.whole].mean() < 0.7


def test_donors_of_the_only_study_do_not_make_a_model_sure_of_another_study() -> None:
    """All of their labels are right; as sure as any model of one study is, by what is known of models in general."""
    studies, labels = design(n_studies=1, per_cell=30)
    found = leave_out(studies, labels)
    assert found.right.mean() > 0.9 and not found.across_studies
    none = fit_label_confidence(found.features[:0], found.right[:0], np.zeros(0), np.zeros(0))
    np.testing.assert_array_equal(found.confidence().coefficients, none.coefficients)
