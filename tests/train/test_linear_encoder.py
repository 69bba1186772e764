"""The linear encoder in closed form and the classifier on its codes, against the formulas."""

import numpy as np
import pytest

from clrna.model.class_statistics import shrunk
from clrna.train.linear_encoder import fit_linear_encoder

N_AXES, N_CLASSES = 8, 4


def rows_and_labels(n_samples: int = 200, unlabelled: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = random.integers(0, N_CLASSES, n_samples)
    mixing = random.normal(size=(N_AXES, N_AXES))
    rows = random.normal(0, 1.5, (N_CLASSES, N_AXES))[labels] * 2 + random.normal(size=(n_samples, N_AXES)) @ mixing
    return rows + 5, np.where(random.random(n_samples) < unlabelled, -1, labels)


def test_log_odds_are_those_of_discriminant_analysis_with_shrunk_correlations() -> None:
    """Equal priors; correlations within classes halved along the principal components."""
    rows, labels = rows_and_labels()
    encoder = fit_linear_encoder(rows, labels, N_CLASSES, 7)
    found = encoder.log_odds(encoder.codes(rows))

    _, turn = np.linalg.eigh(np.cov(rows.T))
    turned, known = (rows - rows.mean(axis=0)) @ turn, labels >= 0
    means = np.stack([turned[labels == number].mean(axis=0) for number in range(N_CLASSES)])
    rest = turned[known] - means[labels[known]]
    inverse = np.linalg.inv(shrunk(rest.T @ rest / known.sum()))
    away = turned[:, None, :] - means
    expected = -np.einsum("nka,ab,nkb->nk", away, inverse, away) / 2
    np.testing.assert_allclose(found - found[:, :1], expected - expected[:, :1], atol=1e-6)


def test_the_second_block_is_half_as_long_and_discriminants_come_first() -> None:
    rows, labels = rows_and_labels()
    encoder = fit_linear_encoder(rows, labels, N_CLASSES, 8)
    codes = encoder.codes(rows)
    assert encoder.n_discriminants == N_CLASSES - 1
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-9)
    first, second = codes[:, :3], codes[:, 3:]
    assert (first**2).sum(axis=1).mean() == pytest.approx(4)
    assert (second**2).sum(axis=1).mean() == pytest.approx(4 * 0.5**2)


def test_class_means_differ_most_along_the_first_discriminant() -> None:
    rows, labels = rows_and_labels()
    encoder = fit_linear_encoder(rows, labels, N_CLASSES, 8)
    codes = encoder.codes(rows)[:, :3]
    spread = np.stack([codes[labels == number].mean(axis=0) for number in range(N_CLASSES)]).var(axis=0)
    assert spread[0] > spread[1] > spread[2] > 0


def test_the_second_block_is_white_within_classes_but_for_shrinkage() -> None:
    rows, labels = rows_and_labels(5000, unlabelled=0)
    encoder = fit_linear_encoder(rows, labels, N_CLASSES, 3 + N_AXES)
    codes = encoder.codes(rows)[:, 3:]
    rest = codes - np.stack([codes[labels == number].mean(axis=0) for number in range(N_CLASSES)])[labels]
    covariance = np.cov(rest.T)
    assert np.linalg.cond(covariance) < np.linalg.cond(np.cov(rows.T)) / 3
    np.testing.assert_allclose(np.diag(covariance).mean(), np.diag(covariance), rtol=0.5)


def test_more_features_than_the_data_give_are_0() -> None:
    rows, labels = rows_and_labels()
    codes = fit_linear_encoder(rows, labels, N_CLASSES, 30).codes(rows)
    assert (codes[:, 3 + N_AXES :] == 0).all()
    assert (codes[:, : 3 + N_AXES].std(axis=0) > 0).all()


def test_fewer_features_than_classes_hold_discriminants_alone() -> None:
    rows, labels = rows_and_labels()
    encoder = fit_linear_encoder(rows, labels, N_CLASSES, 2)
    assert encoder.n_discriminants == 2
    known = labels >= 0
    right = encoder.log_odds(encoder.codes(rows))[known].argmax(axis=1) == labels[known]
    assert right.mean() > 0.6


def test_one_class_has_no_discriminants() -> None:
    rows, _ = rows_and_labels()
    encoder = fit_linear_encoder(rows, np.zeros(len(rows), dtype=int), 1, 5)
    codes = encoder.codes(rows)
    assert encoder.n_discriminants == 0
    assert (codes.std(axis=0) > 0).all()
    assert (codes**2).sum(axis=1).mean() == pytest.approx(5)
    assert encoder.log_odds(codes).shape == (len(rows), 1)
