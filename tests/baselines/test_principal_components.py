import numpy as np
import pytest

from clrna.baselines.principal_components import pca
from clrna.errors import InputError


def test_agrees_with_a_singular_value_decomposition():
    values = np.random.default_rng(0).normal(size=(30, 12)) * np.arange(12, 0, -1)
    scores = pca(values, 3)
    left, size, right = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    strongest = right[np.arange(12), np.abs(right).argmax(axis=1)]
    np.testing.assert_allclose(scores, ((left * size) * np.sign(strongest))[:, :3], atol=1e-4)
    assert scores.dtype == np.float32


def test_sign_does_not_turn_with_the_order_of_the_samples():
    values = np.random.default_rng(1).normal(size=(40, 9))
    order = np.random.default_rng(2).permutation(40)
    np.testing.assert_allclose(pca(values, 4)[order], pca(values[order], 4), atol=1e-4)


def test_large_matrices_are_seeded():
    values = np.random.default_rng(3).normal(size=(600, 1200)).astype(np.float32)
    np.testing.assert_array_equal(pca(values, 5, seed=7), pca(values, 5, seed=7))


@pytest.mark.parametrize(("shape", "expected"), [((4, 9), 3), ((9, 4), 4)])
def test_more_components_than_there_are(shape, expected, caplog):
    with caplog.at_level("WARNING", logger="clrna"):
        scores = pca(np.random.default_rng(0).normal(size=shape), 50)
    assert scores.shape == (shape[0], expected)
    assert "50 principal components asked for" in caplog.text


def test_one_sample_has_no_components():
    with pytest.raises(InputError, match="at least 2 samples"):
        pca(np.ones((1, 5)), 2)
