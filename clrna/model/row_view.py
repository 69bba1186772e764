"""Some rows of a matrix without a copy of them."""

import numpy as np
from numpy.typing import NDArray


class RowView:
    """Rows of a matrix by their numbers; what is asked for of them is copied, no more.

    Parameters
    ----------
    values
        Shape (samples, genes).
    rows
        Which of them, in which order.
    """

    def __init__(self, values: "NDArray | RowView", rows: NDArray[np.intp]) -> None:
        self._values = values
        self._rows = rows
        self.shape: tuple[int, int] = (len(rows), values.shape[1])
        self.dtype: np.dtype = values.dtype

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice | NDArray) -> NDArray:
        return self._values[self._rows[part]]
