"""What studies add, against the equations solved whole and against what was put in."""

import numpy as np
import pytest

from clrna.model.mixed_model import _INTERACTION, _predicted, class_reliability, fit_study_effects, shares_of_spread

N_AXES, N_STUDIES, N_CLASSES = 5, 4, 3


def samples(n_studies: int, n_classes: int, seed: int = 0, n: int = 4000) -> tuple[np.ndarray, ...]:
    """Rows, studies, labels and true offsets of variance 9; classes of variance 4, noise of variance 1."""
    random = np.random.default_rng(seed)
    studies, labels = random.integers(0, n_studies, n), random.integers(0, n_classes, n)
    centers, offsets = random.normal(0, 2, (n_classes, N_AXES)), random.normal(0, 3, (n_studies, N_AXES))
    return centers[labels] + offsets[studies] + random.normal(size=(n, N_AXES)), studies, labels, offsets


def test_offsets_come_near_the_true_ones_though_studies_are_of_unlike_classes() -> None:
    rows, studies, labels, offsets = samples(N_STUDIES, N_CLASSES)
    kept = (labels != studies % N_CLASSES) | (np.arange(len(rows)) < 100)
    found = fit_study_effects(rows[kept], studies[kept], labels[kept], N_STUDIES).offsets
    np.testing.assert_allclose(found - found.mean(axis=0), offsets - offsets.mean(axis=0), atol=0.35)


def test_effects_are_those_of_the_mixed_model_equations_solved_whole() -> None:
    """Henderson's equations of all effects at once, with the variances that the spread of the means gives each axis."""
    random = np.random.default_rng(1)
    counts = np.array([[9, 0, 2], [0, 5, 0], [1, 1, 30]])
    means = random.normal(0, 3, (*counts.shape, N_AXES)) * (counts > 0)[:, :, None]
    found, uncertainty = _predicted(means, counts)
    cells = np.argwhere(counts > 0)
    of_cells, numbers = means[cells[:, 0], cells[:, 1]], counts[cells[:, 0], cells[:, 1]]
    of_studies, of_classes = shares_of_spread(of_cells.var(axis=0, ddof=1) - (1 / numbers).mean())
    design = np.hstack([np.eye(3)[cells[:, 0]], np.eye(3)[cells[:, 1]]])
    precision = np.diag(1 / (1 / numbers + _INTERACTION))
    for axis in range(N_AXES):
        prior = np.diag([1 / of_studies[axis]] * 3 + [1 / of_classes[axis]] * 3)
        doubt = np.linalg.inv(design.T @ precision @ design + prior)
        expected = doubt @ design.T @ precision @ (of_cells[:, axis] - of_cells[:, axis].mean())
        np.testing.assert_allclose(found[:, axis], expected[:3], atol=1e-9)
        assert uncertainty[axis] == pytest.approx(np.diag(doubt)[:3].mean())


def test_classes_have_a_fifth_of_a_small_spread_and_no_more_than_varies_within_them() -> None:
    spread = np.array([0.05, 1.0, 5.0, 70.0, 1e6])
    of_studies, of_classes = shares_of_spread(spread)
    np.testing.assert_allclose(of_studies + of_classes, spread)
    assert of_classes[0] / spread[0] == pytest.approx(0.2, abs=0.01)
    assert (np.diff(of_classes) > 0).all() and of_classes[-1] < 1


def test_blocks_of_axes_change_nothing(monkeypatch) -> None:
    rows, studies, labels, _ = samples(N_STUDIES, N_CLASSES)
    whole = fit_study_effects(rows, studies, labels, N_STUDIES)
    monkeypatch.setattr("clrna.model.mixed_model._BLOCK", 1)
    parts = fit_study_effects(rows, studies, labels, N_STUDIES)
    np.testing.assert_allclose(parts.offsets, whole.offsets, atol=1e-12)
    np.testing.assert_allclose(parts.uncertainty, whole.uncertainty, atol=1e-12)


@pytest.mark.parametrize("spread", [6.0, 1.0])
def test_a_study_of_one_class_deviates_for_the_most_part_by_its_own_doing(spread) -> None:
    """Studies of all classes differ by the spread, classes by 1; the last study alone holds the last class."""
    random = np.random.default_rng(2)
    studies, labels = np.repeat(np.arange(9), 60), np.tile(np.arange(60) % 6, 9)
    labels[studies == 8] = 6
    offsets, centers = random.normal(0, spread, (9, 40)), random.normal(0, 1, (7, 40))
    rows = offsets[studies] + centers[labels] + 0.5 * random.normal(size=(540, 40))
    found = fit_study_effects(rows, studies, labels, 9).offsets
    deviation = rows[studies == 8].mean(axis=0) - rows.mean(axis=0)
    assert float(found[8] @ deviation / (deviation @ deviation)) > 0.7
    # Of the others, which hold six classes each, it is told by how they differ from each other.
    others, true = found[:8] - found[:8].mean(axis=0), offsets[:8] - offsets[:8].mean(axis=0)
    np.testing.assert_allclose(others, true, atol=0.3)


def test_the_only_study_and_one_without_labels_have_none() -> None:
    rows, studies, labels, _ = samples(N_STUDIES, N_CLASSES)
    alone = fit_study_effects(rows, np.zeros_like(studies), labels, 1)
    assert (alone.offsets == 0).all() and (alone.uncertainty == 0).all()
    kept = studies != 2
    found = fit_study_effects(rows[kept], studies[kept], labels[kept], N_STUDIES).offsets
    assert (found[2] == 0).all() and (found[[0, 1, 3]] != 0).all()


def test_studies_of_one_sample_each_and_axes_without_variance_are_no_error() -> None:
    rows = np.random.default_rng(3).normal(size=(6, 3))
    rows[:, 1] = 2.0
    found = fit_study_effects(rows, np.arange(6), np.array([0, 1, 2, 0, 1, 2]), 6)
    assert np.isfinite(found.offsets).all() and np.isfinite(found.uncertainty).all()
    np.testing.assert_allclose(found.offsets[:, 1], 0, atol=1e-6)


def test_reliability_is_the_variance_of_the_predictor_by_that_of_the_class() -> None:
    """From the covariance of all cells at once: studies of variance 1, classes of 0.5, and an unknown constant."""
    counts = np.array([[9, 0, 2, 0], [0, 5, 0, 0], [1, 1, 30, 0], [0, 0, 0, 40]])
    cells = np.argwhere(counts > 0)
    of_study, of_class = np.eye(4)[cells[:, 0]], np.eye(4)[cells[:, 1]]
    noise = np.diag([_INTERACTION + 1 / counts[tuple(cell)] for cell in cells])
    inverse = np.linalg.inv(of_study @ of_study.T + 0.5 * of_class @ of_class.T + noise)
    one = np.ones((len(cells), 1))
    without_constant = inverse - inverse @ one @ one.T @ inverse / (one.T @ inverse @ one)
    expected = 0.5 * np.diag(of_class.T @ without_constant @ of_class)
    np.testing.assert_allclose(class_reliability(counts), expected)


def test_classes_that_are_their_studies_are_told_the_least() -> None:
    apart = class_reliability(np.full((4, 4), 50))
    confounded = class_reliability(50 * np.eye(4, dtype=int))
    mixed = class_reliability(np.array([[50, 0, 0, 0], [0, 50, 50, 50], [0, 50, 50, 50]]))
    assert apart.min() > 0.7 and confounded.max() < 0.25
    assert mixed[0] < 0.5 * mixed[1:].min()
    np.testing.assert_allclose(class_reliability(np.array([[50]])), 0, atol=1e-12)


def test_a_class_of_few_samples_is_told_by_less_and_studies_without_labels_change_nothing() -> None:
    one, twice = class_reliability(np.array([[50, 50, 3]])), class_reliability(np.array([[50, 50, 3], [0, 0, 0]]))
    assert one[2] < 0.9 * one[0]
    np.testing.assert_array_equal(one, twice)
