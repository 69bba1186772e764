"""How sure a label is: learned from answers that were right or wrong."""

import numpy as np
import pytest
from scipy.special import expit, logit

from clrna.model.label_confidence import LabelConfidence, features_of, fit_label_confidence


def answers(n: int = 4000, seed: int = 0, margin: float = 3) -> tuple[np.ndarray, np.ndarray]:
    """Features, and answers that are right with a probability of expit(-1 + 2 log(1 + margin))."""
    random = np.random.default_rng(seed)
    log_odds = np.zeros((n, 3))
    log_odds[:, 0] = random.exponential(margin, n)
    features = features_of(log_odds, 0.0)
    return features, random.random(n) < expit(-1 + 2 * features[:, 1])


def test_features_by_hand() -> None:
    found = features_of(np.array([[5.0, 1.0, 4.0], [0.0, 0.0, -9.0]]), 0.25)
    np.testing.assert_allclose(found, [[1, np.log(2), 0.25], [1, 0, 0.25]])
    np.testing.assert_allclose(features_of(np.zeros((2, 1)), 1.0), [[1, 0, 1], [1, 0, 1]])


def test_the_probability_that_made_the_answers_is_found() -> None:
    features, right = answers()
    found = fit_label_confidence(features, right, np.ones(len(right)))
    np.testing.assert_allclose(found.coefficients, [-1, 2, 0], atol=0.25)
    margins = np.array([[0.0, 0.0], [1.0, 0.0], [6.0, 0.0]])
    np.testing.assert_allclose(found.probability(margins, 0.0), expit(-1 + 2 * np.log1p([0, 1, 6])), atol=0.04)


def test_mean_confidence_is_the_share_of_right_answers() -> None:
    features, right = answers(seed=1)
    found = fit_label_confidence(features, right, np.ones(len(right)))
    assert expit(features @ found.coefficients).mean() == pytest.approx(right.mean(), abs=0.005)


@pytest.mark.parametrize("turned", [False, True])
def test_a_larger_margin_is_never_less_sure(turned) -> None:
    """Not even where the answers of the training said so."""
    features, right = answers()
    found = fit_label_confidence(features, ~right if turned else right, np.ones(len(right)))
    margins = np.column_stack([np.linspace(0, 50, 200), np.zeros(200)])
    steps = np.diff(found.probability(margins, 0.5))
    assert (steps >= 0).all() if turned else (steps > 0).all()


def test_weights_count() -> None:
    """Two answers of 1000 samples together against one that weighs more than both."""
    features = np.tile([1.0, 0.0, 0.0], (3, 1))
    right, weights = np.array([True, True, False]), np.array([50.0, 50.0, 300.0])
    found = fit_label_confidence(features, right, weights)
    assert found.probability(np.zeros((1, 2)), 0.0)[0] == pytest.approx(0.25, abs=0.01)


def test_what_a_fold_had_to_do_without_makes_the_model_surer() -> None:
    features, right = answers()
    weights = np.ones(len(right))
    plain, lost = (fit_label_confidence(features, right, weights, share) for share in (0.0, 0.5))
    at = np.array([[1.0, 0.0]])
    gained = logit(lost.probability(at, 0.0)) - logit(plain.probability(at, 0.0))
    assert gained[0] == pytest.approx(4 * 0.5)


def test_the_threshold_flags_one_right_answer_in_twenty_within_its_limits() -> None:
    features, right = answers(margin=15)
    found = fit_label_confidence(features, right, np.ones(len(right)))
    probability = expit(features @ found.coefficients)
    assert 0.5 < found.threshold < 0.9
    assert (probability[right] < found.threshold).mean() == pytest.approx(0.05, abs=0.005)
    sure = fit_label_confidence(features, np.ones(len(right), dtype=bool), np.ones(len(right)))
    assert sure.threshold == 0.9
    none = fit_label_confidence(features[:0], right[:0], np.zeros(0))
    assert none.threshold == 0.9
    np.testing.assert_array_equal(none.probability(np.array([[9.0, 0.0]]), 0.0), [0.5])


def test_it_comes_back_from_its_arrays() -> None:
    one = LabelConfidence(np.array([1.0, 2.0, -0.5]), 0.75)
    again = LabelConfidence.from_arrays(one.to_arrays())
    np.testing.assert_array_equal(again.coefficients, one.coefficients)
    assert again.threshold == 0.75
    with pytest.raises(ValueError, match="another number"):
        LabelConfidence.from_arrays({**one.to_arrays(), "coefficients": np.zeros(2)})
