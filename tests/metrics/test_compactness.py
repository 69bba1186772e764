import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from clrna.metrics import neighbors
from clrna.metrics.calinski_harabasz import calinski_harabasz, calinski_harabasz_of
from clrna.metrics.class_scatter import Classes
from clrna.metrics.davies_bouldin import davies_bouldin, davies_bouldin_of
from clrna.metrics.silhouette import silhouette_widths

OURS = {"calinski_harabasz": calinski_harabasz, "davies_bouldin": davies_bouldin}
WEIGHTED = {"calinski_harabasz": calinski_harabasz_of, "davies_bouldin": davies_bouldin_of}


@pytest.fixture
def clouds():
    rng = np.random.default_rng(5)
    labels = rng.choice(list("abcd"), 90, p=[0.5, 0.3, 0.15, 0.05])
    return rng.normal(size=(90, 6)) + np.array([ord(label) - 97 for label in labels])[:, None], labels


@pytest.mark.parametrize("name", OURS)
def test_agrees_with_scikit_learn(clouds, name):
    assert OURS[name](*clouds) == pytest.approx(getattr(sklearn_metrics, f"{name}_score")(*clouds), rel=1e-10)


@pytest.mark.parametrize("name", OURS)
def test_weights_are_the_metric_of_the_resample(clouds, name):
    values, labels = clouds
    weights = np.random.default_rng(6).poisson(1.0, len(labels))
    weights[labels == "d"] = 0
    repeated = np.repeat(np.arange(len(labels)), weights)
    expected = getattr(sklearn_metrics, f"{name}_score")(values[repeated], labels[repeated])
    assert WEIGHTED[name](Classes(values, labels).weighted(weights)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", OURS)
def test_one_class_has_no_value(name):
    assert np.isnan(OURS[name](np.random.default_rng(0).normal(size=(5, 2)), np.array(["a"] * 5)))


def test_no_scatter_within_classes_is_not_infinity():
    assert np.isnan(calinski_harabasz(np.array([[0.0], [0.0], [1.0], [1.0]]), np.array(list("aabb"))))


def test_as_many_classes_as_samples():
    assert np.isnan(calinski_harabasz(np.eye(3), np.array(list("abc"))))


def test_silhouette_by_hand():
    # a = 1 within, b = 10 and 9 to the other class of one sample, which is alone and gets 0.
    widths = silhouette_widths(np.array([[0.0], [1.0], [10.0]]), np.array(["x", "x", "y"]))
    np.testing.assert_allclose(widths, [0.9, 8 / 9, 0.0])


@pytest.mark.parametrize("memory", [700, 4_000_000])
def test_silhouette_is_scikit_learns(monkeypatch, memory):
    monkeypatch.setattr(neighbors, "_VALUES_IN_MEMORY", memory)
    rng = np.random.default_rng(0)
    values, labels = rng.normal(size=(120, 6)), rng.integers(4, size=120)
    values[3] = values[5]  # two samples in one place
    labels[0] = 9  # alone in its class
    theirs = sklearn_metrics.silhouette_samples(values, labels)
    np.testing.assert_allclose(silhouette_widths(values, labels), theirs, rtol=0, atol=1e-12)
    assert theirs[0] == 0 and np.ptp(theirs) > 0.1


@pytest.mark.parametrize("name", OURS)
def test_an_embedding_far_from_zero_loses_no_digits(clouds, name):
    values, labels = clouds
    assert OURS[name](values + 1e6, labels) == pytest.approx(OURS[name](values, labels), rel=1e-6)
