import numpy as np
import pytest

from clrna.model.distance import fit_reference


def test_distance_is_that_of_the_formula() -> None:
    random = np.random.default_rng(0)
    codes, labels = random.normal(size=(60, 4)), np.repeat([0, 2, -1], 20)
    reference = fit_reference(codes, labels)
    centers = np.stack([codes[:20].mean(axis=0), codes[20:40].mean(axis=0)])
    np.testing.assert_allclose(reference.centers, centers, rtol=1e-6)
    new = random.normal(size=(7, 4))
    expected = [
        min(np.sqrt(np.mean(((code - center) / reference.deviation) ** 2)) for center in centers) for code in new
    ]
    np.testing.assert_allclose(reference.distance(new), expected, rtol=1e-5)


def test_training_samples_are_near_one_and_others_far() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 600)
    codes = random.normal(0, 30, (3, 10))[labels] + random.normal(0, 2, (600, 10))
    reference = fit_reference(codes, labels)
    near = reference.distance(codes)
    assert near.mean() == pytest.approx(1, abs=0.05)
    assert reference.distance(codes + 40).min() > near.max()


def test_without_labels_the_mean_of_all_is_the_center() -> None:
    codes = np.random.default_rng(2).normal(size=(30, 4))
    reference = fit_reference(codes, np.full(30, -1))
    np.testing.assert_allclose(reference.centers, codes.mean(axis=0, keepdims=True), atol=1e-6)


def test_dimensions_that_do_not_vary_give_finite_distances() -> None:
    codes = np.zeros((10, 3))
    assert np.isfinite(fit_reference(codes, np.zeros(10, dtype=int)).distance(codes + 1)).all()
    codes[:, 0] = np.arange(10)
    distance = fit_reference(codes, np.zeros(10, dtype=int)).distance(codes)
    assert np.isfinite(distance).all()
    assert distance.max() < 3
