"""A network without layers, in numpy: what a closed form computes, without the second that loading torch takes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LinearNetwork:
    """Linear path, its way back and a classifier on the codes, as :class:`clrna.model.network.Autoencoder` has them.

    Attributes
    ----------
    arrays
        By the names that the model file has, float32.
    output_is_relu
        Whether reconstructed expression is cut at 0.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    output_is_relu: bool

    def __post_init__(self) -> None:
        genes, latent = self._shape("linear_weight", 2)
        expected = {"linear_bias": (latent,), "linear_decoder_weight": (latent, genes), "linear_decoder_bias": (genes,)}
        if self.n_classes:
            expected |= {"classifier.weight": (self.n_classes, latent), "classifier.bias": (self.n_classes,)}
        unknown = set(self.arrays) - set(expected) - {"linear_weight"}
        if unknown:
            raise ValueError(f"tensor {min(unknown)} is none of a network without layers")
        for name, shape in expected.items():
            if self._shape(name, len(shape)) != shape:
                raise ValueError(f"tensor {name} has shape {self.arrays[name].shape}, not {shape}")

    @property
    def n_classes(self) -> int:
        """Number of labels that the classifier knows."""
        return len(self.arrays["classifier.weight"]) if "classifier.weight" in self.arrays else 0

    def to_arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return all that is to be kept, by name."""
        return dict(self.arrays)

    def encode(self, genes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return codes of shape (samples, latent) for input of shape (samples, genes)."""
        return genes @ self.arrays["linear_weight"] + self.arrays["linear_bias"]

    def decode(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return expression of shape (samples, genes) for codes."""
        genes = codes @ self.arrays["linear_decoder_weight"] + self.arrays["linear_decoder_bias"]
        return np.maximum(genes, 0) if self.output_is_relu else genes

    def classify(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits of shape (samples, classes), no columns where there is no classifier."""
        if not self.n_classes:
            return np.zeros((len(codes), 0), dtype=np.float32)
        return codes @ self.arrays["classifier.weight"].T + self.arrays["classifier.bias"]

    def _shape(self, name: str, n_axes: int) -> tuple[int, ...]:
        shape = self.arrays[name].shape
        if len(shape) != n_axes or self.arrays[name].dtype.kind != "f":
            raise ValueError(f"tensor {name} has shape {shape} and type {self.arrays[name].dtype}")
        return shape
