"""Each term of the cost, its gradient and the center update, against float64 numpy written from the formulas."""

import numpy as np
import pytest
import torch

from clrna.train.losses import CenterLoss, contrast, cross_entropy, rmse

RANDOM = np.random.default_rng(7)
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def gradient_of(value: torch.Tensor, at: torch.Tensor) -> np.ndarray:
    (gradient,) = torch.autograd.grad(value, at)
    return gradient.numpy()


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_rmse_and_its_gradient() -> None:
    genes, rebuilt = RANDOM.normal(size=(6, 11)), RANDOM.normal(size=(6, 11))
    out = tensor(rebuilt)
    value = rmse(out, torch.tensor(genes))
    expected = np.sqrt(np.mean((rebuilt - genes) ** 2))
    np.testing.assert_allclose(value.item(), expected, **CLOSE)
    np.testing.assert_allclose(gradient_of(value, out), (rebuilt - genes) / (genes.size * expected), **CLOSE)


def test_rmse_of_a_perfect_reconstruction_has_a_finite_gradient() -> None:
    out = tensor(np.ones((2, 3)))
    assert np.isfinite(gradient_of(rmse(out, torch.ones(2, 3, dtype=torch.float64)), out)).all()


@pytest.mark.parametrize("weights", [None, np.array([0.2, 1.0, 3.0])])
def test_cross_entropy_and_its_gradient(weights: np.ndarray | None) -> None:
    logits, labels = RANDOM.normal(size=(8, 3)), np.array([0, 2, -1, 1, 1, -1, 0, 2])
    known = labels >= 0
    counted = np.ones(3) if weights is None else weights
    share = np.where(known, counted[labels], 0)
    share = share / share.sum()
    chances = softmax(logits)
    expected = -(share[known] * np.log(chances[known, labels[known]])).sum()
    slope = share[:, None] * (chances - np.eye(3)[labels] * known[:, None])

    given = tensor(logits)
    value = cross_entropy(given, torch.tensor(labels), None if weights is None else torch.tensor(weights))
    np.testing.assert_allclose(value.item(), expected, **CLOSE)
    np.testing.assert_allclose(gradient_of(value, given), slope, **CLOSE)


def test_cross_entropy_without_labels_is_zero() -> None:
    assert cross_entropy(torch.randn(4, 3), torch.full((4,), -1)).item() == 0


def numpy_features(codes: np.ndarray) -> np.ndarray:
    """L2-normalise each feature over the batch."""
    return codes / np.sqrt((codes**2).sum(axis=0))


def center_loss_with(centers: np.ndarray, rate: float) -> CenterLoss:
    loss = CenterLoss(*centers.shape, rate, torch.device("cpu"))
    loss.centers = torch.tensor(centers)
    return loss


def test_center_loss_and_its_gradient() -> None:
    codes, labels = RANDOM.normal(size=(9, 4)), np.array([0, 1, 1, -1, 2, 0, 1, -1, 0])
    centers = RANDOM.normal(size=(3, 4))
    known = np.flatnonzero(labels >= 0)
    chosen = codes[known]
    norms = np.sqrt((chosen**2).sum(axis=0))
    features = chosen / norms
    differences = features - centers[labels[known]]
    expected = (differences**2).sum(axis=1).mean()
    # d f_ij / d x_kj = (delta_ik - f_ij f_kj) / norm_j
    outer = 2 * differences / len(known)
    slope = np.zeros_like(codes)
    slope[known] = (outer - features * (outer * features).sum(axis=0)) / norms

    loss, given = center_loss_with(centers, 0.8), tensor(codes)
    value = loss.cost(*loss.features(given, torch.tensor(labels)))
    np.testing.assert_allclose(value.item(), expected, **CLOSE)
    np.testing.assert_allclose(gradient_of(value, given), slope, **CLOSE)


def test_centers_start_at_zero_and_move_by_the_published_rule() -> None:
    loss = CenterLoss(4, 5, 0.8, torch.device("cpu"))
    assert not loss.centers.any()
    loss.centers = loss.centers.double()
    centers = np.zeros((4, 5))
    for _ in range(3):
        codes, labels = RANDOM.normal(size=(10, 5)), RANDOM.integers(-1, 3, 10)
        labels[:3] = 0, 1, 1
        features = numpy_features(codes[labels >= 0])
        own = labels[labels >= 0]
        moved = centers.copy()
        for c in range(4):
            members = features[own == c]
            moved[c] -= 0.8 * sum(centers[c] - f for f in members) / (1 + len(members)) if len(members) else 0
        centers = moved
        with torch.no_grad():
            given, classes = loss.features(torch.tensor(codes), torch.tensor(labels))
        loss.update(given, classes)
        np.testing.assert_allclose(loss.centers.numpy(), centers, **CLOSE)
    assert not loss.centers[3].any(), "the center of a class without samples has moved"


def test_center_loss_without_labels_is_zero_and_moves_nothing() -> None:
    loss, codes = center_loss_with(np.ones((3, 4)), 0.8), torch.randn(5, 4, dtype=torch.float64)
    features, classes = loss.features(codes, torch.full((5,), -1))
    assert loss.cost(features, classes).item() == 0
    loss.update(features, classes)
    assert (loss.centers == 1).all()


def test_a_dead_feature_gives_no_nan() -> None:
    loss = CenterLoss(2, 3, 0.5, torch.device("cpu"))
    codes = torch.zeros(4, 3, requires_grad=True)
    value = loss.cost(*loss.features(codes, torch.tensor([0, 1, 0, 1])))
    value.backward()
    assert value.item() == 0
    assert codes.grad is not None and torch.isfinite(codes.grad).all()


def numpy_contrast(first: np.ndarray, second: np.ndarray, temperature: float) -> float:
    """NT-Xent, sample by sample as equation 1 of Chen et al. 2020 has it."""
    views = np.concatenate([first, second])
    n = len(first)

    def similarity(i: int, k: int) -> float:
        return views[i] @ views[k] / (np.linalg.norm(views[i]) * np.linalg.norm(views[k]))

    def one(i: int, j: int) -> float:
        others = [np.exp(similarity(i, k) / temperature) for k in range(2 * n) if k != i]
        return -np.log(np.exp(similarity(i, j) / temperature) / sum(others))

    return sum(one(k, k + n) + one(k + n, k) for k in range(n)) / (2 * n)


def test_contrast_and_its_gradient() -> None:
    first, second = RANDOM.normal(size=(5, 4)), RANDOM.normal(size=(5, 4))
    given = tensor(first)
    value = contrast(given, torch.tensor(second), 0.3)
    np.testing.assert_allclose(value.item(), numpy_contrast(first, second, 0.3), **CLOSE)

    slope, step = np.zeros_like(first), 1e-6
    for place in np.ndindex(first.shape):
        shifted = [first.copy(), first.copy()]
        shifted[0][place] += step
        shifted[1][place] -= step
        slope[place] = np.subtract(*(numpy_contrast(each, second, 0.3) for each in shifted)) / (2 * step)
    np.testing.assert_allclose(gradient_of(value, given), slope, rtol=1e-6, atol=1e-8)


def test_contrast_prefers_views_that_agree() -> None:
    codes = torch.tensor(RANDOM.normal(size=(6, 8)))
    assert contrast(codes, codes, 0.1) < contrast(codes, codes.roll(1, 0), 0.1)
