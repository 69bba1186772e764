"""From the genes of a sample to the classifier's logits, taken apart into what each gene adds."""

import dataclasses
import logging

import numpy as np
from numpy.typing import NDArray

from clrna.explain.integrated_gradients import TOLERANCE, DenseLayers, integrated_gradients
from clrna.model.model import Model
from clrna.plural import plural

logger = logging.getLogger("clrna")

# Samples whose contributions are held at once, whatever the caller holds.
ROWS = 256


@dataclasses.dataclass(frozen=True)
class Contributions:
    """What the genes of samples add to a difference of logits.

    Attributes
    ----------
    of_genes
        Shape (samples, genes); each row sums to ``difference - baseline``, exactly in a model without layers, else
        within 1 % wherever ``off`` is at most 1.
    value
        Network input of the samples less that where the way to them begins, as ``of_genes``.
    difference, baseline
        The difference of logits of the samples, and there; shape (samples,).
    off
        How far the sum is off beside what is admitted, shape (samples,); 0 in a model without layers.
    """

    of_genes: NDArray[np.float64]
    value: NDArray[np.float64]
    difference: NDArray[np.float64]
    baseline: NDArray[np.float64]
    off: NDArray[np.float64]


class LogitPath:
    """A model's network from its input to the classifier's logits, in float64.

    Parameters
    ----------
    model
        A trained model with at least two classes.
    """

    def __init__(self, model: Model) -> None:
        arrays = model.network.to_arrays()
        linear = arrays.get("linear_weight", np.zeros((0, 0)))
        self._linear = linear.astype(np.float64) if linear.size else None
        self._linear_bias = arrays["linear_bias"].astype(np.float64) if linear.size else 0.0
        self._layers = DenseLayers.of(arrays, ends_in_selu=model.settings.latent_activation == "selu")
        self._classifier = arrays["classifier.weight"].astype(np.float64)
        self._classifier_bias = arrays["classifier.bias"].astype(np.float64)
        self._n, self._n_off, self._most_off = 0, 0, 0.0

    def contributions(self, start: NDArray, inputs: NDArray, contrast: NDArray) -> Contributions:
        """Take the difference of the logits of samples apart.

        Parameters
        ----------
        start
            Network input where the way to each sample begins, shape (samples or 1, genes).
        inputs
            Network input of the samples, shape (samples, genes).
        contrast
            What is told from what: weights of the logits, shape (samples, classes), such as 1 for one class and -1 for
            another.
        """
        first, last = np.asarray(start, dtype=np.float64), np.asarray(inputs, dtype=np.float64)
        direction = contrast @ self._classifier
        value = last - first
        difference, baseline = self._differences(last, contrast), self._differences(first, contrast)
        slope, off = np.zeros((len(last), last.shape[1])), np.zeros(len(last))
        if self._layers is not None:
            slope, off = integrated_gradients(self._layers, first, last, direction, difference - baseline)
            self._n += len(off)
            self._n_off += int((off > 1).sum())
            self._most_off = max(self._most_off, float(off.max(initial=0.0)))
        if self._linear is not None:
            slope = slope + direction @ self._linear.T
        return Contributions(slope * value, value, difference, baseline, off)

    def warn_of_errors(self) -> None:
        """Say of how many sums so far no number of steps sufficed."""
        if self._n_off:
            logger.warning(
                "of %s %d %s more than %.0f %% off the difference of the logits, at most %.1f %%",
                plural(self._n, "sum"), self._n_off, "is" if self._n_off == 1 else "are", 100 * TOLERANCE,
                100 * TOLERANCE * self._most_off,
            )  # fmt: skip

    def _differences(self, inputs: NDArray[np.float64], contrast: NDArray) -> NDArray[np.float64]:
        codes = np.zeros((len(inputs), self._classifier.shape[1]))
        if self._layers is not None:
            codes += self._layers.rest(self._layers.first(inputs))
        if self._linear is not None:
            codes += inputs @ self._linear + self._linear_bias
        return ((codes @ self._classifier.T + self._classifier_bias) * contrast).sum(axis=1)


def against_others(labels: NDArray[np.intp], n_classes: int) -> NDArray[np.float64]:
    """Return contrasts of each label with the mean of all others, shape (labels, classes)."""
    contrast = np.full((len(labels), n_classes), -1 / (n_classes - 1))
    contrast[np.arange(len(labels)), labels] = 1
    return contrast


def against_one(labels: NDArray[np.intp], others: NDArray[np.intp], n_classes: int) -> NDArray[np.float64]:
    """Return contrasts of each label with another one, shape (labels, classes)."""
    return np.eye(n_classes)[labels] - np.eye(n_classes)[others]
