"""A probability of each class, from log odds and how sure the first is."""

import numpy as np
import pytest

from clrna.model.class_probabilities import class_probabilities


def test_the_first_has_its_confidence_and_the_others_share_the_rest_by_their_log_odds():
    log_odds = np.array([[3.0, -1.0, 1.0], [-2.0, 4.0, 3.5]])
    found = class_probabilities(log_odds, np.array([0.8, 0.6]))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found.max(axis=1), [0.8, 0.6], atol=1e-9)
    for row, odds in zip(found, log_odds, strict=True):
        # Distances between the logarithms are those between the log odds, times one factor.
        distances, wanted = np.log(row) - np.log(row[0]), odds - odds[0]
        np.testing.assert_allclose(distances[1:] / wanted[1:], distances[1] / wanted[1], rtol=1e-6)


def test_of_two_classes_the_other_has_what_is_left():
    found = class_probabilities(np.array([[0.0, 700.0], [1.0, 0.9]]), np.array([0.7, 0.99]))
    np.testing.assert_allclose(found, [[0.3, 0.7], [0.99, 0.01]], atol=1e-9)


def test_a_softmax_with_its_own_largest_as_confidence_stays_as_it_is():
    probabilities = np.array([[0.5, 0.3, 0.2, 0.0], [1.0, 0.0, 0.0, 0.0]])
    with np.errstate(divide="ignore"):
        found = class_probabilities(np.log(probabilities), probabilities.max(axis=1))
    np.testing.assert_allclose(found, probabilities, atol=1e-8)


@pytest.mark.parametrize("confidence", [0.0, 0.2, 1 / 3])
def test_the_first_stays_first_where_its_confidence_is_less_than_an_equal_share(confidence):
    found = class_probabilities(np.array([[0.1, 0.0, 0.2]]), np.array([confidence]))
    assert found.argmax(axis=1).tolist() == [2]
    np.testing.assert_allclose(found, 1 / 3, atol=1e-6)


def test_ties_share():
    found = class_probabilities(np.array([[1.0, 1.0, 0.0]]), np.array([0.9]))
    assert found[0, 0] == found[0, 1] and found.argmax() == 0
    np.testing.assert_allclose(found, [[0.5, 0.5, 0.0]], atol=1e-9)


def test_one_class_is_certain():
    assert class_probabilities(np.array([[5.0]]), np.array([0.4])).tolist() == [[1.0]]
