import numpy as np
import pytest

from clrna.metrics.calinski_harabasz import calinski_harabasz_of
from clrna.metrics.class_scatter import Classes
from clrna.metrics.davies_bouldin import davies_bouldin_of
from clrna.results.versus import Versus
from clrna.score.differences import Drawn, ScorePlace, minus_combat
from clrna.score.estimate import mean_of_group_means, mean_statistic, median_statistic
from clrna.score.resampling import FEWEST_DONORS, interval_about, on_halves, spread_about

UNBOUNDED = (-np.inf, None)


def mean_interval(values, owners, n=200, seed=0):
    statistic, value = mean_statistic(values), float(np.mean(values))
    return interval_about(value, on_halves(statistic, value, owners, n, seed), UNBOUNDED)


@pytest.mark.parametrize("n", [11, 60])
def test_covers_the_mean_about_as_often_as_it_says(n):
    rng = np.random.default_rng(0)
    covered = 0
    for i in range(300):
        low, high = mean_interval(rng.normal(size=n), np.arange(n), seed=i)
        covered += low <= 0 <= high
    assert 0.88 < covered / 300 < 0.99


@pytest.mark.parametrize("n", [30, 31])
def test_spreads_as_the_mean_does(n):
    """The deviation of halves is the standard error of the mean, for an odd number of donors too."""
    values = np.random.default_rng(4).normal(size=n)
    found = on_halves(mean_statistic(values), float(values.mean()), np.arange(n), 4000, seed=1).values
    assert found.std() == pytest.approx(values.std(ddof=1) / np.sqrt(n), rel=0.05)


def test_samples_of_one_donor_widen_the_interval():
    values = np.repeat(np.random.default_rng(1).normal(size=20), 10)
    by_donor = mean_interval(values, np.repeat(np.arange(20), 10), 500)
    by_sample = mean_interval(values, np.arange(200), 500)
    assert np.diff(by_donor)[0] > 2 * np.diff(by_sample)[0]


def test_a_half_holds_no_sample_twice_and_half_of_the_donors_whole():
    owners, seen = np.repeat(np.arange(7), 3), []

    def statistic(weights):
        seen.append(weights)
        return float(weights @ owners)

    on_halves(statistic, 3.0, owners, 50, seed=0)
    for weights in seen:
        assert set(weights) == {0.0, 1.0}
        assert (weights.reshape(7, 3).std(axis=1) == 0).all()
    assert [weights.sum() for weights in seen] == [9, 12] * 25
    assert all((one + two == 1).all() for one, two in zip(seen[::2], seen[1::2], strict=True))


def test_seeded_and_paired():
    values, owners = np.random.default_rng(2).normal(size=30), np.arange(30)
    first = mean_interval(values, owners, 100, seed=3)
    assert first == mean_interval(values, owners, 100, seed=3)
    assert first != mean_interval(values, owners, 100, seed=4)
    np.testing.assert_allclose(np.array(mean_interval(values + 1, owners, 100, seed=3)) - 1, first)


@pytest.mark.parametrize("metric", [calinski_harabasz_of, davies_bouldin_of])
def test_indices_made_of_scatter_lie_in_their_intervals(metric):
    """Few samples in many dimensions, where copies of samples would pull both far to one side."""
    rng = np.random.default_rng(5)
    labels = np.repeat(["a", "b", "c"], 8)
    classes = Classes(rng.normal(size=(24, 40)) + np.repeat(rng.normal(size=(3, 40)), 8, axis=0), labels)

    def statistic(weights):
        return metric(classes.weighted(weights))

    value = statistic(np.ones(24))
    found = on_halves(statistic, value, np.arange(24), 200, seed=0, ratio=True)
    low, high = interval_about(value, found, (0, None))
    assert 0 < low < value < high
    assert np.exp(np.log(found.values).mean()) == pytest.approx(value)
    copied = [statistic(np.bincount(rng.integers(0, 24, 24), minlength=24).astype(float)) for _ in range(200)]
    above = float(np.mean(np.array(copied) > value))
    assert above > 0.9 or above < 0.1, "the case no longer shows what halves are for"


@pytest.mark.parametrize(
    ("owners", "n", "reason"),
    [
        (np.zeros(5, int), 100, "1 donor is too few"),
        (np.repeat(np.arange(FEWEST_DONORS - 1), 9), 100, "4 donors are too few"),
        (np.arange(9), 0, "none was asked for"),
        (np.array([], int), 10, "0 donors are too few"),
        (np.arange(9), 10, "every half of the donors gives the same"),
    ],
)
def test_no_interval_and_why(owners, n, reason):
    found = on_halves(mean_statistic(np.ones(len(owners))), 1.0, owners, n, seed=0)
    assert found.reason == reason
    assert np.isnan(interval_about(1.0, found, (0, 1))).all()


def test_a_score_that_most_halves_do_not_define_has_no_interval():
    found = on_halves(lambda weights: np.nan, 0.5, np.arange(5), 50, seed=0)
    assert found.reason == "most halves of the donors do not define the score"
    some = spread_about(0.5, np.array([np.nan, 0.4, 0.6, 0.8]))
    assert interval_about(0.5, some, (0, 1)) == pytest.approx((0.31, 0.69))


def test_ends_stay_within_the_range_of_the_score():
    found = spread_about(0.95, np.linspace(0.7, 0.9, 101))
    low, high = interval_about(0.95, found, (0, 1))
    assert low == pytest.approx(0.95 - 0.095)
    assert high == 1.0


def test_ratios_stay_above_zero_and_grow_by_factors():
    found = spread_about(8.0, np.array([1.0, 2.0, 4.0]), ratio=True)
    np.testing.assert_allclose(found.values, [4.0, 8.0, 16.0])


def places(*embeddings):
    return [ScorePlace(name, "transfer_f1", "tissue", "unseen", "") for name in embeddings]


def drawn(values, owners, rows=None):
    value = float(np.mean(values))
    return Drawn(
        value, np.arange(len(values)) if rows is None else rows,
        on_halves(mean_statistic(values), value, owners, 400, seed=0),
    )  # fmt: skip


def test_differences_are_of_the_same_halves():
    """Two scores that rise and fall together differ by next to nothing, though each is uncertain by itself."""
    rng = np.random.default_rng(6)
    owners, base = np.arange(40), rng.normal(size=40)
    step = 0.2 + 0.01 * rng.normal(size=40)
    model, combat = places("X_clrna", "X_combat")
    found = minus_combat({model: drawn(base + step, owners), combat: drawn(base, owners)})
    assert set(found) == {model}
    value, low, high = found[model]
    assert value == pytest.approx(step.mean())
    error = step.std(ddof=1) / np.sqrt(40)
    assert (low, high) == pytest.approx((value - 1.96 * error, value + 1.96 * error), abs=0.5 * error)
    assert low < value < high
    assert np.diff(mean_interval(base, owners))[0] > 10 * (high - low)


@pytest.mark.parametrize(("n_apart", "shown"), [(1, False), (2, False), (4, False), (8, True)])
@pytest.mark.parametrize("n", [28, 29])
def test_one_or_two_samples_make_no_embedding_better(n, n_apart, shown):
    """As by the sign test: of samples that one embedding alone gets right it takes more than five."""
    right = np.ones(n)
    wrong = right.copy()
    wrong[:n_apart] = 0
    model, combat = places("X_clrna", "X_combat")
    value, low, high = minus_combat({model: drawn(right, np.arange(n)), combat: drawn(wrong, np.arange(n))})[model]
    assert value == pytest.approx(n_apart / n)
    assert Versus(value, low, high, n).verdict == ("better" if shown else "unknown")
    value, low, high = minus_combat({model: drawn(wrong, np.arange(n)), combat: drawn(right, np.arange(n))})[model]
    assert Versus(value, low, high, n).verdict == ("worse" if shown else "unknown")


def test_differences_need_the_same_samples_and_combat():
    values, owners = np.random.default_rng(7).normal(size=12), np.arange(12)
    model, combat, other = places("X_clrna", "X_combat", "X_pca")
    elsewhere = drawn(values, owners, rows=np.arange(1, 13))
    assert minus_combat({model: elsewhere, combat: drawn(values, owners)}) == {}
    assert minus_combat({model: drawn(values, owners), other: drawn(values, owners)}) == {}


def test_a_difference_that_never_varies_has_no_interval():
    """Two embeddings that answer alike: no sample tells them apart, which is no proof that none would."""
    values, owners = np.random.default_rng(8).uniform(size=12), np.arange(12)
    model, combat = places("X_clrna", "X_combat")
    value, low, high = minus_combat({model: drawn(values, owners), combat: drawn(values, owners)})[model]
    assert value == 0 and np.isnan([low, high]).all()
    perfect = minus_combat({model: drawn(np.ones(12), owners), combat: drawn(values, owners)})[model]
    assert perfect[1] < perfect[0] < perfect[2], "the other's spread is that of the difference"


def test_statistics_count_as_repeated_samples():
    values, groups = np.array([1.0, 4.0, 9.0, 16.0]), np.array(list("aabb"))
    weights = np.array([2.0, 0.0, 1.0, 3.0])
    repeated = np.repeat(values, weights.astype(int))
    assert mean_statistic(values)(weights) == pytest.approx(repeated.mean())
    assert median_statistic(values)(weights) == np.median(repeated)
    assert mean_of_group_means(values, groups)(weights) == pytest.approx((1.0 + (9 + 3 * 16) / 4) / 2)
    for statistic in (mean_statistic(values), median_statistic(values), mean_of_group_means(values, groups)):
        assert np.isnan(statistic(np.zeros(4)))
