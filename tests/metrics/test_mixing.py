import numpy as np
import pytest

from clrna.metrics.bras import bras_of_samples
from clrna.metrics.kbet import kbet_neighborhood, kbet_p_values
from clrna.metrics.lisi import lisi
from clrna.metrics.neighbors import nearest_neighbors
from clrna.metrics.pcr import pcr_comparison, variance_between


def around(values, k, distance="euclidean"):
    rows = np.arange(len(values))
    return nearest_neighbors(values, values, k, distance, rows, rows)


def test_bras_leaves_out_what_has_nothing_to_compare():
    rng = np.random.default_rng(0)
    labels = np.array(["both"] * 5 + ["one"] * 3)
    studies = np.array(["s", "s", "t", "t", "u", "s", "s", "s"])
    values = bras_of_samples(rng.normal(size=(8, 3)), labels, studies)
    assert np.isfinite(values).tolist() == [True] * 4 + [False] * 4


def test_bras_is_low_where_studies_are_apart_and_high_where_mixed():
    rng = np.random.default_rng(1)
    studies, labels = np.array(["s", "t"] * 20), np.array(["a"] * 40)
    mixed = rng.normal(size=(40, 3)) + 5
    apart = mixed + 40 * (studies == "t")[:, None] * np.array([1, 0, 0])
    assert np.mean(bras_of_samples(mixed, labels, studies)) > 0.85
    assert np.mean(bras_of_samples(apart, labels, studies)) < 0.1


def test_bras_of_one_point_is_1():
    values = bras_of_samples(np.ones((4, 2)), np.array(["a"] * 4), np.array(list("sstt")))
    np.testing.assert_allclose(values, 1.0)


def test_lisi_counts_equally_frequent_classes():
    # Four equidistant neighbours with a perplexity of 4: shares are the plain frequencies.
    distances, neighbors = np.ones((1, 4)), np.array([[1, 2, 3, 4]])
    assert lisi(distances, neighbors, np.array([0, 0, 0, 0, 0]), 4)[0] == pytest.approx(1.0)
    assert lisi(distances, neighbors, np.array([0, 0, 0, 1, 1]), 4)[0] == pytest.approx(2.0)
    assert lisi(distances, neighbors, np.array([0, 0, 1, 2, 3]), 4)[0] == pytest.approx(4.0)
    assert lisi(distances, neighbors, np.array([0, 0, 0, 0, 1]), 4)[0] == pytest.approx(1.6)


def test_lisi_narrows_to_the_perplexity():
    # Two near neighbours of one class, six far ones of another: a perplexity of 2 sees the near ones alone.
    distances = np.array([[1.0, 1.0] + [9.0] * 6])
    codes = np.array([0, 0, 0] + [1] * 6)
    neighbors = np.arange(1, 9)[None, :]
    assert lisi(distances, neighbors, codes, 2)[0] == pytest.approx(1.0, abs=1e-3)
    assert lisi(distances, neighbors, codes, 7)[0] > 1.4


def test_lisi_without_neighbours_has_no_value():
    assert np.isnan(lisi(np.full((1, 3), np.inf), np.full((1, 3), -1), np.array([0]), 2)[0])


def test_lisi_does_not_depend_on_the_unit_of_distance():
    values = np.random.default_rng(0).normal(size=(40, 3))
    found = []
    for unit in (1.0, 1e6, 1e-6):
        neighbors, distances = around(values * unit, 30)
        found.append(lisi(distances, neighbors, np.arange(40) % 2, 10))
    np.testing.assert_allclose(found[1], found[0], atol=1e-4)
    np.testing.assert_allclose(found[2], found[0], atol=1e-4)


def test_kbet_accepts_a_mixture_and_rejects_separate_studies():
    rng = np.random.default_rng(2)
    codes = np.arange(100) % 2
    values = rng.normal(size=(100, 4))
    rows = np.arange(100)[:, None]
    mixed = kbet_p_values(np.hstack([rows, around(values, 19)[0]]), codes)
    apart = kbet_p_values(np.hstack([rows, around(values + 50 * codes[:, None], 19)[0]]), codes)
    assert (mixed >= 0.05).mean() > 0.85
    assert (apart >= 0.05).mean() == 0.0


@pytest.mark.parametrize(("sizes", "expected"), [((20, 20), 10), ((100, 60), 20), ((900, 900), 70)])
def test_kbet_neighborhood(sizes, expected):
    assert kbet_neighborhood(np.repeat([0, 1], sizes)) == expected


def test_pcr_is_r_squared_weighted_by_variance():
    rng = np.random.default_rng(3)
    studies = np.repeat(["s", "t", "u"], 10)
    values = rng.normal(size=(30, 5)) + np.repeat([0, 2, -1], 10)[:, None]
    centered = values - values.mean(axis=0)
    left, size, _ = np.linalg.svd(centered, full_matrices=False)
    components = left * size
    design = (studies[:, None] == np.array(["s", "t", "u"])).astype(float)
    fitted = design @ np.linalg.lstsq(design, components, rcond=None)[0]
    r_squared = 1 - ((components - fitted) ** 2).sum(axis=0) / (components**2).sum(axis=0)
    assert variance_between(values, studies) == pytest.approx((r_squared * size**2).sum() / (size**2).sum())


def test_pcr_comparison_is_never_negative_and_knows_no_variance():
    studies = np.array(list("aabb"))
    apart = variance_between(np.array([[0.0], [0.1], [5.0], [5.1]]), studies)
    mixed = variance_between(np.array([[0.0], [5.0], [0.1], [5.1]]), studies)
    assert pcr_comparison(mixed, apart) == 0.0
    assert pcr_comparison(apart, mixed) > 0.9
    assert np.isnan(pcr_comparison(0.0, mixed))
    assert np.isnan(variance_between(np.ones((4, 1)), studies))
