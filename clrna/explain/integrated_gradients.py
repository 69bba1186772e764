"""Integrated gradients through dense layers with SELU, in numpy."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Of SELU: Klambauer et al. 2017, arXiv:1706.02515.
_ALPHA = 1.6732632423543772
_SCALE = 1.0507009873554805

# Error of the sum that is admitted: a share of the difference that it is to give, and a little where that is near 0.
TOLERANCE = 0.01
_FLOOR = 1e-6
_FIRST_STEPS, MOST_STEPS = 16, 4096


@dataclasses.dataclass(frozen=True)
class DenseLayers:
    """Dense layers, one after the other.

    Attributes
    ----------
    weights, biases
        Of each layer, shapes (outputs, inputs) and (outputs,). SELU follows each but the last.
    ends_in_selu
        Whether it follows the last, too.
    """

    weights: Sequence[NDArray[np.float64]]
    biases: Sequence[NDArray[np.float64]]
    ends_in_selu: bool

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray], *, ends_in_selu: bool) -> "DenseLayers | None":
        """Return the encoder's layers of a network by the names that the model file has; None without any."""
        n_layers = sum(name.startswith("encoder.") and name.endswith(".weight") for name in arrays)
        if not n_layers:
            return None
        weights = [arrays[f"encoder.{number}.weight"].astype(np.float64) for number in range(n_layers)]
        biases = [arrays[f"encoder.{number}.bias"].astype(np.float64) for number in range(n_layers)]
        return cls(weights, biases, ends_in_selu)

    def first(self, inputs: NDArray) -> NDArray[np.float64]:
        """Return what comes out of the first layer before SELU, shape (samples, outputs)."""
        return inputs @ self.weights[0].T + self.biases[0]

    def rest(self, hidden: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the layers make of that."""
        return self._states(hidden)[-1]

    def slopes(self, hidden: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient of ``rest(hidden)`` along a direction with respect to ``hidden``.

        Parameters
        ----------
        hidden, direction
            Shapes (samples, outputs of the first layer) and (samples, outputs of the last).
        """
        states = self._before_selu(hidden)
        gradient = direction * _selu_slope(states[-1]) if self.ends_in_selu else direction
        for weight, state in zip(self.weights[:0:-1], states[-2::-1], strict=True):
            gradient = (gradient @ weight) * _selu_slope(state)
        return gradient

    def _before_selu(self, hidden: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        states = [hidden]
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            states.append(_selu(states[-1]) @ weight.T + bias)
        return states

    def _states(self, hidden: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        states = self._before_selu(hidden)
        return [*states[:-1], _selu(states[-1]) if self.ends_in_selu else states[-1]]


def integrated_gradients(
    layers: DenseLayers,
    start: NDArray[np.float64],
    inputs: NDArray[np.float64],
    direction: NDArray[np.float64],
    whole: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean gradient of the layers' output between two points, a row for each sample.

    Times ``inputs - start`` it gives each input's share of the difference of the output along ``direction``. The
    mean is that of midpoints of equal steps, whose number is doubled until the shares sum to the difference within
    1 %. Only what follows the first layer is computed at each step, since the first is linear.

    Parameters
    ----------
    layers
        The layers.
    start, inputs
        Where the straight way begins and ends, shape (samples, inputs) each, or (1, inputs).
    direction
        Shape (samples, outputs of the last layer).
    whole
        The difference that 1 % is of, shape (samples,), where the layers' is a part of it and may be larger, what is
        beside them having the other sign; the layers' own if None.

    Returns
    -------
    Gradient, shape (samples, inputs), and what its sum is off by beside what is admitted, shape (samples,): above 1
    where no number of steps sufficed.

    References
    ----------
    Sundararajan, Taly & Yan 2017, Axiomatic attribution for deep networks, arXiv:1703.01365.
    """
    first = np.broadcast_to(layers.first(start), (len(direction), len(layers.biases[0])))
    way = layers.first(inputs) - first
    wanted = ((layers.rest(first + way) - layers.rest(first)) * direction).sum(axis=1)
    admitted = TOLERANCE * np.abs(wanted if whole is None else whole) + _FLOOR
    slopes = np.zeros_like(way)
    off = np.full(len(way), np.inf)
    steps = _FIRST_STEPS
    while steps <= MOST_STEPS and (off > 1).any():
        rows = np.flatnonzero(off > 1)
        mean = np.zeros((len(rows), way.shape[1]))
        for part in (np.arange(steps) + 0.5) / steps:
            mean += layers.slopes(first[rows] + part * way[rows], direction[rows]) / steps
        slopes[rows] = mean
        error = np.abs((mean * way[rows]).sum(axis=1) - wanted[rows])
        off[rows] = error / admitted[rows]
        steps *= 2
    return slopes @ layers.weights[0], off


def _selu(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return _SCALE * np.where(values > 0, values, _ALPHA * np.expm1(np.minimum(values, 0)))


def _selu_slope(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return _SCALE * np.where(values > 0, 1.0, _ALPHA * np.exp(np.minimum(values, 0)))
