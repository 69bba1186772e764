"""Products of large matrices for what is learned in closed form: by numpy, or by PyTorch on a GPU."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

# Samples that are multiplied at once where not all of them lie on the device.
_ROWS = 1024


class Products:
    """Where matrices are multiplied: here, by numpy. PyTorch is not loaded.

    An array that was put there has ``@``, ``+=``, slices and ``T``, and is fetched as one of numpy.

    Attributes
    ----------
    single
        Whether what is put there becomes float32. Sums over blocks are float64 in any case.
    """

    single: bool = False

    def put(self, array: NDArray) -> Any:
        """Return the array there."""
        return array

    def fetch(self, array: Any) -> NDArray:
        """Return what lies there as an array of numpy."""
        return array

    def zeros(self, shape: tuple[int, ...]) -> Any:
        """Return float64 of that shape there, to add products to."""
        return np.zeros(shape)

    def keeps(self, n_bytes: int) -> bool:
        """Whether a matrix of that size is put there once, and not for each product with it."""
        return False

    def times(self, rows: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a product of which ``rows``, shape (samples, genes), may be larger than what there is room for."""
        return rows @ right


class TorchProducts(Products):
    """By PyTorch on a device, in float32 as :func:`torch.set_float32_matmul_precision` has it by default.

    Parameters
    ----------
    device
        One that adds in float64, which that of a Mac does not.
    """

    single = True

    def __init__(self, device: "torch.device") -> None:
        self._device = device

    def put(self, array: NDArray) -> "torch.Tensor":
        """Return a copy of the array there, in float32."""
        import torch

        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).to(self._device, copy=True)

    def fetch(self, array: "torch.Tensor") -> NDArray:
        """Return what lies there as an array of numpy."""
        return array.cpu().numpy()

    def zeros(self, shape: tuple[int, ...]) -> "torch.Tensor":
        """Return float64 of that shape there, to add products to."""
        import torch

        return torch.zeros(shape, dtype=torch.float64, device=self._device)

    def keeps(self, n_bytes: int) -> bool:
        """Whether a matrix of that size is put there once, and not for each product with it."""
        from clrna.model.device import fits_on

        return fits_on(self._device, n_bytes)

    def times(self, rows: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a product of which ``rows``, shape (samples, genes), may be larger than what there is room for."""
        there = self.put(right)
        return np.concatenate([self.fetch(self.put(block) @ there) for block in _blocks(rows)])


BY_NUMPY: Final = Products()


def products_on(device: "torch.device") -> Products:
    """Return products on ``device``: on Nvidia's by PyTorch, on all others by numpy on the CPU."""
    return TorchProducts(device) if device.type == "cuda" else BY_NUMPY


def _blocks(rows: NDArray) -> Iterator[NDArray]:
    for start in range(0, max(len(rows), 1), _ROWS):
        yield rows[start : start + _ROWS]
