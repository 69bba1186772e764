"""Votes of the nearest reference samples, counted by hand."""

import numpy as np

from clrna.model.neighbor_votes import neighbor_votes


def at(*degrees: float) -> np.ndarray:
    """Codes in these directions, of unlike lengths."""
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]) * np.arange(1, len(degrees) + 1)[:, None]


def test_five_nearest_by_angle_each_a_little_less_than_the_one_before() -> None:
    """From 0 degrees: classes 1, 0, 0, 2, 1, and beyond them two more of class 2."""
    references = at(50, 1, 20, -10, 40, 30, 170)
    labels = np.array([2, 1, 0, 0, 1, 2, 2])
    found = neighbor_votes(at(0), references, labels, 3)
    np.testing.assert_allclose(found, [[(0.999 + 0.998) / 5, (1 + 0.996) / 5, 0.997 / 5]])


def test_the_nearer_class_wins_a_tie() -> None:
    found = neighbor_votes(at(0), at(10, 20, 5, 30), np.array([0, 1, 1, 0]), 2)
    np.testing.assert_allclose(found, [[(0.999 + 0.997) / 4, (1 + 0.998) / 4]])


def test_samples_without_a_class_do_not_vote() -> None:
    found = neighbor_votes(at(0), at(0, 90, 180), np.array([-1, 1, -1]), 2)
    np.testing.assert_array_equal(found, [[0, 1]])


def test_without_any_nobody_votes() -> None:
    assert (neighbor_votes(at(0, 5), at(1, 2), np.array([-1, -1]), 2) == np.zeros((2, 2))).all()
    assert (neighbor_votes(at(0, 5), np.zeros((0, 2)), np.zeros(0, dtype=int), 3) == np.zeros((2, 3))).all()


def test_a_code_of_length_0_has_neighbours_too() -> None:
    found = neighbor_votes(np.zeros((1, 2)), at(0, 90), np.array([0, 1]), 2)
    np.testing.assert_allclose(found, [[0.5, 0.4995]])


def test_half_precision_references_vote_like_those_that_they_were() -> None:
    random = np.random.default_rng(0)
    codes, references = random.normal(size=(30, 8)), random.normal(size=(200, 8)).astype(np.float32)
    labels = random.integers(0, 4, 200)
    whole = neighbor_votes(codes, references, labels, 4)
    half = neighbor_votes(codes, references.astype(np.float16), labels, 4)
    assert (whole.argmax(axis=1) == half.argmax(axis=1)).mean() > 0.9


def test_samples_are_asked_in_blocks_to_the_same_votes(monkeypatch) -> None:
    random = np.random.default_rng(3)
    codes, references, labels = random.normal(size=(23, 6)), random.normal(size=(40, 6)), random.integers(-1, 3, 40)
    whole = neighbor_votes(codes, references, labels, 3)
    monkeypatch.setattr("clrna.model.neighbor_votes._ROWS", 5)
    np.testing.assert_array_equal(neighbor_votes(codes, references, labels, 3), whole)
