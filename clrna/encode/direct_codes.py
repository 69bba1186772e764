"""Codes of placed samples without the values of each gene that lie between, where the network is linear."""

from typing import Optional

import numpy as np
from numpy.typing import NDArray

from clrna.model.linear_network import LinearNetwork
from clrna.model.model import Model
from clrna.model.study_placement import GenesThere


class DirectCodes:
    """The linear encoder after the axes of the space.

    A network is given what coordinates are on the axes and what a sample is beyond them, gene by gene. A linear one
    gives the same codes, but for rounding (differences of about 1e-6 of a code's deviation), when each part goes
    through it by itself, which takes a third of the time and a third of the memory.

    Parameters
    ----------
    network
        Of a model that places studies.
    axes
        Of its space, shape (genes, axes).
    """

    def __init__(self, network: LinearNetwork, axes: NDArray[np.float32]) -> None:
        self._weight = network.arrays["linear_weight"]
        self._bias = network.arrays["linear_bias"]
        self._of_axes = _product(axes, self._weight)
        self._there: GenesThere | None = None
        self._weight_there, self._of_axes_there = self._weight, self._of_axes

    @classmethod
    def of(cls, model: Model) -> Optional["DirectCodes"]:
        """Return that of a model; None where its network has layers, or computes elsewhere than on a CPU."""
        if model.transfer is None or not isinstance(model.network, LinearNetwork):
            return None
        return cls(model.network, model.transfer.space.axes)

    def codes(self, coordinates: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the codes of what lies on the axes, shape (samples, latent) for (samples, axes)."""
        return (coordinates @ self._of_axes).astype(np.float32) + self._bias

    def whole(self, scaled: NDArray[np.float32], there: GenesThere) -> NDArray[np.float32]:
        """Return the codes of samples as they are, but for the bias, shape (samples, latent).

        Parameters
        ----------
        scaled
            In units of the space, shape (samples, genes that are present).
        there
            Which genes those are.
        """
        self._choose(there)
        return scaled @ self._weight_there

    def explained(self, within: NDArray[np.float64], there: GenesThere) -> NDArray[np.float32]:
        """Return the part of :meth:`whole` that coordinates by these genes alone stand for, shape (samples, latent)."""
        self._choose(there)
        return (within @ self._of_axes_there).astype(np.float32)

    def _choose(self, there: GenesThere) -> None:
        if self._there is there:
            return
        self._there = there
        self._weight_there, self._of_axes_there = self._weight, self._of_axes
        if not there.present.all():
            self._weight_there = self._weight[there.present]
            self._of_axes_there = _product(there.axes, self._weight_there)


def _product(axes: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float64]:
    return (axes.T @ weight).astype(np.float64)
