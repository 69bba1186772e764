"""Locations and scales of genes, drawn towards those of all genes the more, the fewer samples there are."""

import numpy as np
import pytest

from clrna.model.gene_shrinkage import shrunken_deviations, shrunken_means

N_GENES = 4000


def drawn(n_samples, between, within=1.0, seed=0):
    """Draw offsets and samples about them; return the offsets, means and variances of the samples."""
    random = np.random.default_rng(seed)
    offsets = random.normal(0, between, N_GENES)
    samples = offsets + random.normal(0, within, (n_samples, N_GENES))
    return offsets, samples.mean(axis=0), samples.var(axis=0)


@pytest.mark.parametrize("n_samples", [3, 6, 20])
@pytest.mark.parametrize("between", [0.3, 1.0, 3.0])
def test_offsets_come_out_nearer_than_the_means_and_nearly_as_near_as_can_be(n_samples, between):
    offsets, means, variances = drawn(n_samples, between)
    error = ((shrunken_means(means, variances, n_samples) - offsets) ** 2).mean()
    assert error < ((means - offsets) ** 2).mean()
    best = between**2 / n_samples / (between**2 + 1 / n_samples)  # of the best linear predictor, all being known
    assert error < 1.35 * best


def test_without_offsets_nothing_is_found():
    _, means, variances = drawn(10, 0.0)
    assert np.abs(shrunken_means(means, variances, 10)).mean() < 0.1 * np.abs(means).mean()


def test_many_samples_are_believed():
    _, means, variances = drawn(2000, 1.0)
    np.testing.assert_allclose(shrunken_means(means, variances, 2000), means, atol=0.01)


def test_one_sample_says_nothing():
    means = np.array([3.0, -1.0])
    assert shrunken_means(means, np.zeros(2), 1).tolist() == [0, 0]
    assert shrunken_deviations(np.array([4.0, 4.0]), np.ones(2), 1).tolist() == [1, 1]


def test_samples_that_are_all_alike_say_nothing():
    assert shrunken_means(np.array([3.0, -1.0]), np.zeros(2), 5).tolist() == [0, 0]
    assert shrunken_deviations(np.zeros(2), np.ones(2), 5).tolist() == [1, 1]


def test_two_samples_count_for_less_than_twenty():
    means, variances = np.full(50, 2.0) * np.resize([1, -1], 50), np.ones(50)
    few, many = (np.abs(shrunken_means(means, variances, n)).mean() for n in (2, 20))
    assert few == pytest.approx(2 * 3 / 4) and many == pytest.approx(2 * (4 - 1 / 19) / 4)


@pytest.mark.parametrize("n_samples", [5, 12, 60])
def test_deviations_come_out_nearer_than_those_of_the_samples(n_samples):
    random = np.random.default_rng(1)
    true = np.exp(random.normal(0, 0.2, N_GENES))
    typical = random.uniform(0.5, 2, N_GENES)
    variances = (random.normal(0, 1, (n_samples, N_GENES)) * true * np.sqrt(typical)).var(axis=0, ddof=1)
    found = np.log(shrunken_deviations(variances, typical, n_samples))
    plain = np.log(np.sqrt(variances / typical))
    assert ((found - np.log(true)) ** 2).mean() < ((plain - np.log(true)) ** 2).mean()
    assert np.corrcoef(found, np.log(true))[0, 1] > (0.4 if n_samples == 5 else 0.6)


def test_deviations_of_many_samples_are_found():
    random = np.random.default_rng(2)
    true = np.where(np.arange(400) < 200, 0.8, 1.5)
    variances = (random.normal(0, 1, (3000, 400)) * true).var(axis=0, ddof=1)
    np.testing.assert_allclose(shrunken_deviations(variances, np.ones(400), 3000), true, rtol=0.06)


def test_deviations_stay_within_a_factor_of_2_and_genes_that_do_not_vary_are_left():
    variances, typical = np.array([1e-6, 1.0, 1e6, 0.0, 1.0]), np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    found = shrunken_deviations(variances, typical, 500)
    assert (found[0], found[2]) == (0.5, 2.0) and found[3:].tolist() == [1.0, 1.0]


def test_replicates_that_hardly_vary_are_not_blown_up():
    """Three of one line, whose deviations are a fiftieth of those of samples of one class."""
    variances = np.random.default_rng(3).chisquare(2, N_GENES) / 2 / 2500
    assert shrunken_deviations(variances, np.ones(N_GENES), 3).min() >= 0.5
