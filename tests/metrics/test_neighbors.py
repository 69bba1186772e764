import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.neighbors import NearestNeighbors

from clrna.metrics import neighbors as module
from clrna.metrics.balanced_accuracy import balanced_accuracy
from clrna.metrics.macro_f1 import macro_f1
from clrna.metrics.majority_vote import majority_vote
from clrna.metrics.neighbors import nearest_neighbors
from clrna.metrics.retrieval_rank import retrieval_rank


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("memory", [50, 4_000_000])
def test_agrees_with_scikit_learn_in_any_chunk_size(distance, memory, monkeypatch):
    monkeypatch.setattr(module, "_VALUES_IN_MEMORY", memory)
    rng = np.random.default_rng(0)
    reference, queries = rng.normal(size=(40, 5)), rng.normal(size=(13, 5))
    found, distances = nearest_neighbors(queries, reference, 6, distance)
    expected = NearestNeighbors(n_neighbors=6, metric=distance, algorithm="brute").fit(reference)
    far, rows = expected.kneighbors(queries)
    np.testing.assert_array_equal(found, rows)
    np.testing.assert_allclose(distances, far, atol=1e-7)


@pytest.mark.parametrize("count", [1, 5, 30])
@pytest.mark.parametrize("columns", [63, 320, 321, 5003])
def test_the_largest_of_many_columns_are_those_of_all(count, columns):
    rng = np.random.default_rng(columns)
    values = rng.normal(size=(20, columns))
    values[rng.random(values.shape) < 0.3] = -np.inf  # samples that are left out
    found, largest = module.largest(values, count)
    expected = np.argsort(-values, axis=1, kind="stable")[:, :count]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(largest, np.take_along_axis(values, expected, axis=1))
    values[rng.random(values.shape) < 0.1] = np.nan
    expected = np.sort(-values, axis=1)[:, :count]
    np.testing.assert_array_equal(module.largest(values, count)[1], -expected)


def test_a_group_is_never_its_own_neighbour():
    values = np.array([[0.0], [0.1], [5.0]])
    groups = np.array([1, 1, 2])
    found, distances = nearest_neighbors(values, values, 2, "euclidean", groups, groups)
    assert found.tolist() == [[2, -1], [2, -1], [1, 0]]
    assert np.isinf(distances[0, 1])


def test_equal_distances_come_in_the_order_of_the_reference():
    found, _ = nearest_neighbors(np.zeros((1, 2)), np.zeros((9, 2)), 3)
    assert sorted(found[0].tolist()) == found[0].tolist()


def test_no_reference_and_an_unknown_distance():
    assert nearest_neighbors(np.ones((2, 2)), np.ones((0, 2)), 3)[0].tolist() == [[-1] * 3] * 2
    with pytest.raises(ValueError, match="manhattan"):
        nearest_neighbors(np.ones((2, 2)), np.ones((2, 2)), 1, "manhattan")


def test_majority_vote_ties_go_to_the_closest():
    classes = np.array([2, 0, 0, 1, 1])
    votes = np.array([[1, 2, 3, 4], [3, 1, 4, 2], [0, 1, 3, -1], [-1, -1, -1, -1], [0, 3, 4, -1]])
    assert majority_vote(votes, classes, 3).tolist() == [0, 1, 2, -1, 1]


def test_macro_f1_averages_true_classes_alone():
    truth, predicted = np.array(list("aabbc")), np.array(list("abbxc"))
    labels = sorted(set(truth))
    assert macro_f1(truth, predicted) == pytest.approx(f1_score(truth, predicted, average="macro", labels=labels))
    weights = np.array([2, 0, 1, 3, 0])
    repeated = np.repeat(np.arange(5), weights)
    expected = f1_score(truth[repeated], predicted[repeated], average="macro", labels=["a", "b"])
    assert macro_f1(truth, predicted, weights) == pytest.approx(expected)
    assert np.isnan(macro_f1(truth, predicted, np.zeros(5)))


def test_balanced_accuracy():
    truth, predicted = np.array(list("aaabbc")), np.array(list("aabbca"))
    assert balanced_accuracy(truth, predicted) == pytest.approx(balanced_accuracy_score(truth, predicted))
    assert balanced_accuracy(truth, predicted, np.array([1, 0, 0, 1, 0, 0])) == 1.0
    assert np.isnan(balanced_accuracy(truth, predicted, np.zeros(6)))


def test_retrieval_rank():
    reference, groups = np.array([[1.0], [2.0], [3.0], [9.0]]), np.array([5, 6, 7, 6])
    ranks = retrieval_rank(
        np.array([[0.0], [0.0], [4.0], [0.0]]), reference, np.array([5, 6, 6, 8]), groups, "euclidean"
    )
    assert ranks.tolist() == [1, 2, 2, 0]


def test_an_embedding_in_one_point_retrieves_nothing():
    ranks = retrieval_rank(np.zeros((1, 2)), np.zeros((10, 2)), np.array([3]), np.arange(10))
    assert ranks.tolist() == [10]
