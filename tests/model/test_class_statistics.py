"""Offsets of studies, covariances and what they say of a sample, against calculations by another way."""

import numpy as np
import pytest

from clrna.model.class_statistics import (
    ClassEvidence,
    ClassStatistics,
    Offsets,
    fit_class_statistics,
    shrunk,
)
from clrna.model.mixed_model import class_reliability

N_AXES, N_STUDIES, N_CLASSES = 6, 4, 3


def placed(n_samples: int = 240, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Rows, studies, labels and the true offsets; every class in every study, in unlike shares."""
    random = np.random.default_rng(seed)
    studies, labels = random.integers(0, N_STUDIES, n_samples), random.integers(0, N_CLASSES, n_samples)
    labels = np.where(random.random(n_samples) < 0.5, studies % N_CLASSES, labels)
    centers, offsets = random.normal(0, 4, (N_CLASSES, N_AXES)), random.normal(0, 3, (N_STUDIES, N_AXES))
    rows = centers[labels] + offsets[studies] + random.normal(size=(n_samples, N_AXES))
    return rows, studies, labels, offsets


def test_means_and_covariances_before_and_after_offsets() -> None:
    rows, studies, labels, _ = placed()
    labels[:20] = -1
    found = fit_class_statistics(rows, studies, labels, N_CLASSES, 0.2)
    known = labels >= 0
    moved = rows - found.offsets[studies]
    for number in range(N_CLASSES):
        np.testing.assert_allclose(found.means[number], rows[labels == number].mean(axis=0))
        np.testing.assert_allclose(found.placed_means[number], moved[labels == number].mean(axis=0))
    rest = rows[known] - found.means[labels[known]]
    np.testing.assert_allclose(found.within, np.cov(rest.T, bias=True), atol=1e-9)
    rest = moved[known] - found.placed_means[labels[known]]
    np.testing.assert_allclose(found.placed_within, np.cov(rest.T, bias=True), atol=1e-9)
    assert np.trace(found.placed_within) < 0.5 * np.trace(found.within)


@pytest.mark.parametrize(
    ("name", "value"), [("offsets", 3.4e38), ("means", np.inf), ("placed_within", -1.0), ("within", -1.0)]
)
def test_arrays_that_no_training_leaves_are_refused(name: str, value: float) -> None:
    rows, studies, labels, _ = placed()
    arrays = fit_class_statistics(rows, studies, labels, N_CLASSES, 0.2).to_arrays()
    assert ClassStatistics.from_arrays(arrays, 0.2, N_AXES).n_classes == N_CLASSES
    with pytest.raises(ValueError, match=f"{name} are none that samples can have"):
        ClassStatistics.from_arrays({**arrays, name: np.full_like(arrays[name], value)}, 0.2, N_AXES)


def test_shrinking_keeps_variances_and_halves_correlations() -> None:
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    np.testing.assert_allclose(shrunk(covariance), [[4, 0.5], [0.5, 9]], atol=1e-4)
    np.testing.assert_allclose(shrunk(covariance, 0.1), [[4, 0.9], [0.9, 9]], atol=1e-4)
    assert np.linalg.eigvalsh(shrunk(np.zeros((2, 2)))).min() > 0


def test_log_odds_are_those_of_linear_discriminants() -> None:
    """With all genes there: minus half the squared distance to each mean, but for what all classes share."""
    rows, studies, labels, _ = placed()
    statistics = fit_class_statistics(rows, studies, labels, N_CLASSES, 0.2)
    found = ClassEvidence(statistics, np.eye(N_AXES)).log_odds(rows)
    inverse = np.linalg.inv(shrunk(statistics.within) + statistics.between())
    rest = rows[:, None, :] - statistics.means
    expected = -np.einsum("nka,ab,nkb->nk", rest, inverse, rest) / 2
    np.testing.assert_allclose(found - found[:, :1], expected - expected[:, :1], atol=1e-8)


def test_what_a_new_study_may_add_is_what_the_training_studies_added_and_what_is_not_known_of_them() -> None:
    rows, studies, labels, _ = placed()
    found = fit_class_statistics(rows, studies, labels, N_CLASSES, 0.2)
    squares = found.offsets.T @ found.offsets / N_STUDIES
    np.testing.assert_allclose(found.between() - np.diag(found.uncertainty), squares, atol=1e-9)
    assert (found.uncertainty > 0).all()


def test_directions_in_which_studies_differ_tell_no_class() -> None:
    """Classes differ as much along axis 0, where studies do too, as along axis 1, where none does."""
    random = np.random.default_rng(0)
    studies, labels = np.repeat(np.arange(6), 40), np.tile(np.repeat([0, 1], 20), 6)
    rows = random.normal(size=(240, 2)) + 4 * labels[:, None]
    rows[:, 0] += np.array([9, -9, 6, -6, 3, -3])[studies]
    statistics = fit_class_statistics(rows, studies, labels, 2, 0.2)
    weight = ClassEvidence(statistics, np.eye(2)).weight
    gained = weight[:, 1] - weight[:, 0]
    assert 0 <= gained[0] < 0.2 * gained[1]


def test_reliability_is_that_of_the_studies_that_hold_labelled_samples() -> None:
    rows, _, _, _ = placed(16)
    studies, labels = np.repeat([0, 1, 2, 3], 4), np.array([0, 0, 1, 1, 0, 2, 2, 2, -1, -1, -1, -1, 0, 0, -1, -1])
    found = fit_class_statistics(rows, studies, labels, 3, 0.2).reliability
    assert found is not None
    expected = class_reliability(np.array([[2, 2, 0], [1, 0, 3], [2, 0, 0]]))
    np.testing.assert_allclose(found, expected * (1 - 1 / 6))


def test_shares_count_where_classes_are_told_from_studies() -> None:
    """In full where each study holds each class, by nothing where each class is a study; samples' numbers do not."""
    random = np.random.default_rng(0)
    for per_cell in (2, 20):
        labels = np.repeat(np.arange(4), 4 * per_cell)
        crossed, nested = np.tile(np.arange(4), 4 * per_cell), labels
        rows = random.normal(size=(len(labels), 3)) + labels[:, None]
        for studies, expected in ((crossed, 1.0), (nested, 0.0)):
            found = fit_class_statistics(rows, studies, labels, 4, 0.2).shares_count
            assert found is not None and found.tolist() == [expected]


def test_statistics_of_a_model_of_before_take_no_notice_of_studies() -> None:
    rows, studies, labels, _ = placed()
    arrays = fit_class_statistics(rows, studies, labels, N_CLASSES, 0.2).to_arrays()
    old = {name: array for name, array in arrays.items() if name not in ("uncertainty", "reliability", "shares_count")}
    found = ClassStatistics.from_arrays(old, 0.2, N_AXES)
    assert (found.between() == 0).all()
    assert set(found.to_arrays()) == set(old)


def test_fewer_genes_say_less() -> None:
    """Half of each axis' length is there: the same coordinates, of more noise, give smaller log odds."""
    rows, studies, labels, _ = placed()
    statistics = fit_class_statistics(rows, studies, labels, N_CLASSES, 5.0)
    whole = ClassEvidence(statistics, np.eye(N_AXES)).log_odds(rows)
    half = ClassEvidence(statistics, 0.5 * np.eye(N_AXES)).log_odds(0.5 * rows)
    assert (np.ptp(half, axis=1) < np.ptp(whole, axis=1)).all()


def statistics_of(offsets: np.ndarray, within: np.ndarray) -> ClassStatistics:
    means = np.zeros((2, len(within)))
    return ClassStatistics(means, within, offsets, means, within, 0.1)


def test_an_offset_is_shrunk_by_what_it_may_be_and_by_what_is_known_of_it() -> None:
    """One axis: variance between studies 9 + 0.3 x 2, within classes 2."""
    offsets = Offsets(statistics_of(np.array([[3.0], [-3.0]]), np.array([[2.0]])))
    for n_samples in (1, 8, 10_000):
        expected = 5 * 9.6 / (9.6 + 2 / n_samples)
        assert offsets.predict(np.array([5.0]), n_samples)[0] == pytest.approx(expected, rel=1e-5)


def test_an_offset_along_axes_where_studies_never_differed_is_shrunk_more() -> None:
    offsets = Offsets(statistics_of(np.array([[3.0, 0.0], [-3.0, 0.0]]), np.eye(2)))
    found = offsets.predict(np.array([5.0, 5.0]), 1)
    np.testing.assert_allclose(found, [5 * 9.3 / 10.3, 5 * 0.3 / 1.3], rtol=1e-5)


def test_they_come_back_from_their_arrays_and_damage_is_noticed() -> None:
    rows, studies, labels, _ = placed()
    arrays = fit_class_statistics(rows, studies, labels, N_CLASSES, 0.2).to_arrays()
    again = ClassStatistics.from_arrays(arrays, 0.2, N_AXES)
    np.testing.assert_array_equal(again.to_arrays()["within"], arrays["within"])
    for name in arrays:
        with pytest.raises(ValueError, match="class statistics"):
            ClassStatistics.from_arrays({**arrays, name: arrays[name][..., :-1]}, 0.2, N_AXES)
        with pytest.raises(KeyError):
            ClassStatistics.from_arrays({key: array for key, array in arrays.items() if key != name}, 0.2, N_AXES)
