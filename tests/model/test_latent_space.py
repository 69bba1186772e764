"""The space of samples that are standardized one by one."""

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.model.latent_space import LatentSpace, fit_latent_space
from clrna.model.standardize import standardize_samples

N_GENES = 40


def expression(n_samples: int = 60, seed: int = 0) -> np.ndarray:
    """Two classes on 40 genes of different levels."""
    random = np.random.default_rng(seed)
    level, program = random.normal(5, 2, N_GENES), random.normal(0, 1.5, N_GENES)
    classes = np.arange(n_samples) % 2
    return (level + classes[:, None] * program + random.normal(size=(n_samples, N_GENES))).astype(np.float32)


@pytest.fixture
def fitted() -> tuple[LatentSpace, np.ndarray, np.ndarray]:
    """Space, coordinates and expression."""
    values = expression()
    space, coordinates = fit_latent_space(standardize_samples(values), np.arange(60) % 2)
    return space, coordinates, values


def test_standardized_samples_have_mean_0_and_deviation_1_over_the_genes_that_they_have() -> None:
    values = expression()
    values[3, :7] = np.nan
    found = standardize_samples(values)
    np.testing.assert_allclose(np.nanmean(found, axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(np.nanstd(found, axis=1), 1, atol=1e-5)
    assert np.isnan(found[3, :7]).all() and np.isnan(found).sum() == 7


def test_a_sample_that_does_not_vary_is_0() -> None:
    assert (standardize_samples(np.full((2, 5), 7.3)) == 0).all()


def test_scale_is_the_deviation_within_cells_and_a_part_of_the_median_one(fitted) -> None:
    space, _, values = fitted
    scores = standardize_samples(values).astype(np.float64)
    rest = np.vstack([scores[at::2] - scores[at::2].mean(axis=0) for at in (0, 1)])
    within = np.sqrt((rest**2).sum(axis=0) / (60 - 2))
    np.testing.assert_allclose(space.scale, within + 0.3 * np.median(within), rtol=1e-5)
    np.testing.assert_allclose(space.mean, scores.mean(axis=0), atol=1e-6)


def test_axes_are_the_principal_ones(fitted) -> None:
    space, coordinates, values = fitted
    rows = (standardize_samples(values) - space.mean) / space.scale
    np.testing.assert_allclose(space.axes.T @ space.axes, np.eye(space.n_axes), atol=1e-5)
    size = np.linalg.svd(rows, compute_uv=False)[: space.n_axes]
    np.testing.assert_allclose(np.sqrt((coordinates**2).sum(axis=0)), size, rtol=1e-3, atol=1e-3)
    present = np.ones(N_GENES, dtype=bool)
    np.testing.assert_allclose(space.scaled(values, present) @ space.axes, coordinates, atol=1e-3)


def test_noise_is_the_variance_that_the_axes_leave() -> None:
    scores = standardize_samples(expression(1000, seed=2))
    space, coordinates = fit_latent_space(scores, np.arange(1000) % 2)
    rows = (scores - space.mean) / space.scale
    left = rows - coordinates @ space.axes.T
    assert space.noise == pytest.approx(float((left**2).mean()), abs=1e-5)


@pytest.mark.parametrize("share", [1.0, 0.6])
def test_the_unit_of_a_sample_does_not_matter(fitted, share) -> None:
    space, _, values = fitted
    present = np.random.default_rng(1).random(N_GENES) < share
    random = np.random.default_rng(2)
    other = values * random.uniform(0.1, 9, (60, 1)) + random.normal(0, 20, (60, 1))
    np.testing.assert_allclose(space.scaled(other, present), space.scaled(values, present), atol=1e-3)


def test_a_sample_s_own_mean_over_few_genes_is_taken_for_the_training_s(fitted) -> None:
    """Genes of a low level are not taken for average ones because the others are not there."""
    space, _, values = fitted
    low = space.mean < np.median(space.mean)
    whole = space.scaled(values, np.ones(N_GENES, dtype=bool))[:, low]
    part = space.scaled(values, low)
    assert np.corrcoef(part.ravel(), whole.ravel())[0, 1] > 0.9
    assert abs(float((part - whole).mean())) < 0.1


def test_values_that_are_missing_are_the_training_s_mean(fitted) -> None:
    space, _, values = fitted
    values[4, 3] = np.nan
    assert space.scaled(values, np.ones(N_GENES, dtype=bool))[4, 3] == 0


def test_back_undoes_scaled_in_each_sample_s_own_unit(fitted) -> None:
    space, _, values = fitted
    present = np.ones(N_GENES, dtype=bool)
    other = values * 3 + 100
    np.testing.assert_allclose(space.back(space.scaled(other, present), other, present), other, rtol=1e-4)


def test_the_gram_is_that_of_the_genes_that_are_there(fitted) -> None:
    space, _, _ = fitted
    present = np.arange(N_GENES) % 3 > 0
    part = space.axes[present].astype(np.float64)
    np.testing.assert_allclose(space.gram(present) - part.T @ part, 1e-3 * np.eye(space.n_axes), atol=1e-12)
    np.testing.assert_array_equal(space.gram(np.ones(N_GENES, dtype=bool)), np.eye(space.n_axes))


def test_samples_that_do_not_differ_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"^the training samples do not differ .*see --standardize$"):
        fit_latent_space(np.zeros((5, 8), dtype=np.float32), np.zeros(5, dtype=int))


def test_one_sample_a_cell_takes_the_deviation_of_all() -> None:
    scores = standardize_samples(expression(4))
    space, _ = fit_latent_space(scores, np.arange(4))
    deviation = scores.std(axis=0, dtype=np.float64)
    np.testing.assert_allclose(space.scale, deviation + 0.3 * np.median(deviation), rtol=1e-5)
