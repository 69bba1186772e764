import numpy as np
import pytest

from clrna.score.bootstrap import donor_interval
from clrna.score.estimate import mean_of_group_means, mean_statistic, median_statistic


def test_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for i in range(200):
        values = rng.normal(size=60)
        low, high = donor_interval(mean_statistic(values), np.arange(60), 200, seed=i)
        covered += low <= 0 <= high
    assert 0.88 < covered / 200 < 0.99


def test_samples_of_one_donor_widen_the_interval():
    values = np.repeat(np.random.default_rng(1).normal(size=20), 10)
    by_donor = donor_interval(mean_statistic(values), np.repeat(np.arange(20), 10), 500, seed=0)
    by_sample = donor_interval(mean_statistic(values), np.arange(200), 500, seed=0)
    assert np.diff(by_donor)[0] > 2 * np.diff(by_sample)[0]


def test_seeded_and_paired():
    values, owners = np.random.default_rng(2).normal(size=30), np.arange(30)
    first = donor_interval(mean_statistic(values), owners, 100, seed=3)
    assert first == donor_interval(mean_statistic(values), owners, 100, seed=3)
    assert first != donor_interval(mean_statistic(values), owners, 100, seed=4)
    shifted = donor_interval(mean_statistic(values + 1), owners, 100, seed=3)
    np.testing.assert_allclose(np.array(shifted) - 1, first)


@pytest.mark.parametrize(("owners", "n"), [(np.zeros(5, int), 100), (np.arange(5), 0), (np.array([], int), 10)])
def test_no_interval(owners, n):
    assert np.isnan(donor_interval(mean_statistic(np.ones(len(owners))), owners, n, seed=0)).all()


def test_a_score_that_most_resamples_do_not_define_has_no_interval():
    assert np.isnan(donor_interval(lambda weights: np.nan, np.arange(5), 50, seed=0)).all()


def test_statistics_count_as_repeated_samples():
    values, groups = np.array([1.0, 4.0, 9.0, 16.0]), np.array(list("aabb"))
    weights = np.array([2.0, 0.0, 1.0, 3.0])
    repeated = np.repeat(values, weights.astype(int))
    assert mean_statistic(values)(weights) == pytest.approx(repeated.mean())
    assert median_statistic(values)(weights) == np.median(repeated)
    assert mean_of_group_means(values, groups)(weights) == pytest.approx((1.0 + (9 + 3 * 16) / 4) / 2)
    for statistic in (mean_statistic(values), median_statistic(values), mean_of_group_means(values, groups)):
        assert np.isnan(statistic(np.zeros(4)))
