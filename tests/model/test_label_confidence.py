"""How sure a label is: learned from answers that were right or wrong."""

import numpy as np
import pytest
from scipy.special import expit, logit

from clrna.model.class_statistics import ClassStatistics
from clrna.model.label_confidence import (
    LabelConfidence,
    expected_coefficients,
    features_of,
    fit_label_confidence,
)

TOLD = np.array([0.8, 0.3, 0.3])


def classes(reliability: np.ndarray | None = TOLD, studies: np.ndarray | None = None) -> ClassStatistics:
    """Three classes, of which nothing counts here but how well each is known."""
    none = np.zeros((3, 2))
    return ClassStatistics(
        none, np.eye(2), none, none, np.eye(2), 1.0, np.ones(2), reliability, studies_of_class=studies
    )


def probability(one: LabelConfidence, log_odds: np.ndarray, weight: float = 0.0) -> np.ndarray:
    return one.probability(features_of(classes(), log_odds, weight))


def answers(n: int = 4000, seed: int = 0, margin: float = 3) -> tuple[np.ndarray, np.ndarray]:
    """Features, and answers that are right with a probability of expit(-1 + 2 * 0.8 log(1 + margin))."""
    random = np.random.default_rng(seed)
    log_odds = np.zeros((n, 3))
    log_odds[:, 0] = random.exponential(margin, n)
    features = features_of(classes(), log_odds, 0.0)
    return features, random.random(n) < expit(-1 + 2 * features[:, 1])


def fitted(features: np.ndarray, right: np.ndarray, lost: float = 0.0) -> LabelConfidence:
    return fit_label_confidence(features, right, np.ones(len(right)), np.full(len(right), lost))


def test_features_by_hand() -> None:
    log_odds = np.array([[5.0, 1.0, 4.0], [0.0, -1.0, 0.5]])
    expected = [[1, 0.8 * np.log(2), 0.25, 0.2], [1, 0.3 * np.log(1.5), 0.25, 0.7]]
    np.testing.assert_allclose(features_of(classes(), log_odds, 0.25), expected)
    np.testing.assert_allclose(features_of(classes(), np.zeros((2, 1)), 1.0), [[1, 0, 1, 0.2]] * 2)


def test_features_of_models_of_before_by_hand() -> None:
    """The distance as it is, and the number of studies that hold the class, or neither."""
    log_odds = np.array([[5.0, 1.0, 4.0], [0.0, -1.0, 0.5]])
    expected = np.array([[1, np.log(2), 0.25, 0.25], [1, np.log(1.5), 0.25, 1]])
    held_by = classes(None, np.array([4.0, 1.0, 1.0]))
    np.testing.assert_allclose(features_of(held_by, log_odds, 0.25), expected)
    np.testing.assert_allclose(features_of(classes(None), log_odds, 0.25), expected[:, :3])


def test_the_probability_that_made_the_answers_is_found() -> None:
    features, right = answers(20_000)
    found = fitted(features, right)
    margins = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [6.0, 0.0, 0.0]])
    expected = expit(-1 + 2 * 0.8 * np.log1p([0, 1, 6]))
    np.testing.assert_allclose(probability(found, margins), expected, atol=0.04)


def test_mean_confidence_is_the_share_of_right_answers() -> None:
    features, right = answers(seed=1)
    found = fitted(features, right)
    assert expit(features @ found.coefficients).mean() == pytest.approx(right.mean(), abs=0.01)


@pytest.mark.parametrize("turned", [False, True])
def test_a_larger_margin_is_never_less_sure(turned) -> None:
    """Not even where the answers of the training said so."""
    features, right = answers()
    found = fitted(features, ~right if turned else right)
    margins = np.column_stack([np.linspace(0, 50, 200), np.zeros(200), np.zeros(200)])
    steps = np.diff(probability(found, margins, 0.5))
    assert (steps >= 0).all() if turned else (steps > 0).all()


def test_weights_count() -> None:
    """Two answers of 10,000 samples together against one that weighs three times as much."""
    features = np.tile([1.0, 0.0, 0.0, 1.0], (3, 1))
    right, weights = np.array([True, True, False]), np.array([5000.0, 5000.0, 30_000.0])
    found = fit_label_confidence(features, right, weights, np.zeros(3))
    assert found.probability(features[:1])[0] == pytest.approx(0.25, abs=0.01)


def test_what_a_fold_had_to_do_without_makes_the_model_surer() -> None:
    """By 6 times the share in log odds, as far as the answers outweigh what is known of models in general."""
    features, right = answers(20_000)
    plain, lost = (fitted(features, right, share) for share in (0.0, 0.5))
    at = np.array([[1.0, 0.0, 0.0]])
    gained = logit(probability(lost, at)) - logit(probability(plain, at))
    assert gained[0] == pytest.approx(6 * 0.5, abs=0.15)


def test_few_answers_move_what_is_known_of_models_in_general_a_little() -> None:
    """With none, the confidence of 5 log odds for a class of reliability 0.8, and of 0.3, is known by hand."""
    features, right = answers(10)
    at = np.array([[5.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    none = fitted(features[:0], right[:0])
    expected = expit(-1.44 + 2.52 * np.log(6) * TOLD[:2] - 1.2 * (1 - TOLD[:2]))
    np.testing.assert_allclose(probability(none, at), expected)
    wrong = fitted(features, np.zeros(10, dtype=bool))
    lower = probability(wrong, at)
    assert (lower < expected).all() and (lower > expected - 0.3).all()


def test_a_class_that_may_as_well_be_its_study_is_less_sure_and_no_evidence_mends_it() -> None:
    features, right = answers(20)
    found = fitted(features, right)
    some, much = (probability(found, margin * np.eye(3)[:2]) for margin in (5.0, 50.0))
    assert some[1] < some[0] - 0.2
    assert much[0] > 0.95 and much[1] < 0.7


def test_the_threshold_flags_one_right_answer_in_twenty_within_its_limits() -> None:
    features, right = answers(margin=15)
    found = fitted(features, right)
    probability = expit(features @ found.coefficients)
    assert 0.5 < found.threshold < 0.9
    assert (probability[right] < found.threshold).mean() == pytest.approx(0.05, abs=0.005)
    features, right = answers(margin=50)
    sure = fitted(features, np.ones(len(right), dtype=bool))
    assert sure.threshold == 0.9
    assert fitted(features[:0], right[:0]).threshold == 0.9


def test_labels_of_few_samples_lower_the_constant_and_nothing_else() -> None:
    enough, few = (expected_coefficients(lost) for lost in (0.0, 0.25))
    np.testing.assert_allclose(few - enough, [-2.75, 0, 0, 0])
    nothing = np.zeros(0)
    asked = (features_of(classes(), np.zeros((0, 2)), 0.0), nothing.astype(bool), nothing, nothing)
    np.testing.assert_allclose(fit_label_confidence(*asked, few).coefficients, few)
    np.testing.assert_allclose(fit_label_confidence(*asked).coefficients, enough)


def test_it_comes_back_from_its_arrays() -> None:
    one = LabelConfidence(np.array([1.0, 2.0, -0.5, -2.0]), 0.75)
    again = LabelConfidence.from_arrays(one.to_arrays())
    np.testing.assert_array_equal(again.coefficients, one.coefficients)
    assert again.threshold == 0.75
    with pytest.raises(ValueError, match="another number"):
        LabelConfidence.from_arrays({**one.to_arrays(), "coefficients": np.zeros(2)})


def test_that_of_the_oldest_models_knows_no_classes() -> None:
    old = LabelConfidence.from_arrays({"coefficients": np.array([1.0, 2.0, -0.5]), "threshold": np.array([0.75])})
    assert not old.knows_classes
    found = old.probability(features_of(classes(None), np.array([[5.0, 0.0]]), 0.5))
    np.testing.assert_allclose(found, expit(1 + 2 * np.log(6) - 0.25))
