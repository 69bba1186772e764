import numpy as np
import pytest

from clrna.model.calibration import fit_temperature, fit_threshold


def drawn(temperature: float, n_samples: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and labels drawn from their softmax at a temperature."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 4, (n_samples, 5))
    powers = np.exp(logits / temperature)
    chances = powers / powers.sum(axis=1, keepdims=True)
    return logits, (chances.cumsum(axis=1) > random.random((n_samples, 1))).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    logits, labels = drawn(temperature)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.1)


def test_unlabelled_samples_do_not_count() -> None:
    logits, labels = drawn(2.0, 300)
    doubled = np.concatenate([labels, np.full(300, -1)])
    assert fit_temperature(np.concatenate([logits, logits]), doubled) == pytest.approx(fit_temperature(logits, labels))


def test_without_labels_or_with_one_class_nothing_is_changed() -> None:
    assert fit_temperature(np.ones((4, 3)), np.full(4, -1)) == 1
    assert fit_temperature(np.ones((4, 1)), np.zeros(4, dtype=int)) == 1
    assert fit_temperature(np.ones((4, 0)), np.full(4, -1)) == 1


def test_few_samples_that_are_all_right_do_not_make_the_model_certain() -> None:
    logits = 2.0 * np.eye(3)
    temperature = fit_temperature(logits, np.arange(3))
    assert 0.4 < temperature < 1
    assert fit_temperature(np.repeat(logits, 100, axis=0), np.repeat(np.arange(3), 100)) < temperature


def test_threshold_is_a_quantile() -> None:
    assert fit_threshold(np.arange(101.0)) == pytest.approx(99)
