"""Features drawn towards classes."""

import numpy as np
import pytest

from clrna.model.class_pull import SHARE, ClassPull

CODES = np.array([[2.0, 0.0, 5.0], [4.0, 0.0, 6.0], [0.0, 6.0, 7.0], [9.0, 9.0, 9.0]], dtype=np.float32)
LABELS = np.array([0, 0, 1, -1])
SURE = np.array([[50.0, 0.0]])


@pytest.fixture
def pull() -> ClassPull:
    return ClassPull.of(CODES, LABELS, 2, 2)


def test_means_are_those_of_labelled_samples_along_the_discriminants(pull: ClassPull) -> None:
    np.testing.assert_array_equal(pull.means, [[3, 0], [0, 6]])


def test_a_sample_of_one_class_goes_a_share_of_the_way_and_keeps_the_rest(pull: ClassPull) -> None:
    code = np.array([[1.0, 1.0, 8.0]], dtype=np.float32)
    features = pull.features(code, SURE)
    np.testing.assert_allclose(features, [[1 + 2 * SHARE, 1 - SHARE, 8]], rtol=1e-6)
    assert features.dtype == np.float32 and code[0, 0] == 1


def test_one_whose_class_is_open_goes_half_as_far_and_to_neither(pull: ClassPull) -> None:
    features = pull.features(np.zeros((1, 3), dtype=np.float32), np.zeros((1, 2)))
    np.testing.assert_allclose(features, [[1.5 * SHARE / 2, 3 * SHARE / 2, 0]], rtol=1e-6)


def test_nothing_moves_where_nothing_is_left_of_the_odds(pull: ClassPull) -> None:
    np.testing.assert_array_equal(pull.features(CODES[:1], SURE, kept=0.0), CODES[:1])


def test_arrays_come_back(pull: ClassPull) -> None:
    again = ClassPull.from_arrays(pull.to_arrays(), 2, 3)
    assert again is not None and again.share == pytest.approx(SHARE)
    np.testing.assert_allclose(again.means, pull.means)
    assert ClassPull.from_arrays({}, 2, 3) is None


@pytest.mark.parametrize(("n_classes", "latent_dim", "share"), [(3, 3, 0.3), (2, 1, 0.3), (2, 3, 1.5), (2, 3, np.nan)])
def test_arrays_that_do_not_fit_are_refused(pull: ClassPull, n_classes: int, latent_dim: int, share: float) -> None:
    arrays = {**pull.to_arrays(), "share": np.array([share])}
    with pytest.raises(ValueError, match="does not fit its classes and codes"):
        ClassPull.from_arrays(arrays, n_classes, latent_dim)
