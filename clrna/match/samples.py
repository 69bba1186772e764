"""Samples as matching takes them: codes, and beside them what is known, as text or as numbers."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED

UNKNOWN = -1


@dataclass(frozen=True)
class MatchSamples:
    """Samples with their codes; every other array holds text, shape (samples,), '' where a thing is not known.

    Attributes
    ----------
    codes
        Shape (samples, features).
    names, studies, donors, labels, categories
        What each sample is.
    label_is_predicted
        Whether the label is what a model said, shape (samples,).
    learned
        Whether a model that made the codes was trained on the sample's study, shape (samples,).
    """

    codes: NDArray
    names: NDArray
    studies: NDArray
    donors: NDArray
    labels: NDArray
    categories: NDArray
    label_is_predicted: NDArray[np.bool_]
    learned: NDArray[np.bool_]

    def of_rows(self, rows: NDArray) -> Self:
        """Return some of the samples, by number or by truth."""
        return replace(self, **{name: values[rows] for name, values in vars(self).items()})

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.names)


def numbered(*columns: NDArray) -> list[NDArray[np.intp]]:
    """Return columns of text as numbers, equal where the text is, whichever column it stands in; -1 for ''."""
    names, numbers = np.unique(np.concatenate(columns).astype(str), return_inverse=True)
    numbers = np.where(names[numbers] == UNLABELLED, UNKNOWN, numbers)
    return np.split(numbers, np.cumsum([len(column) for column in columns])[:-1])


def of_own_where_unknown(numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return numbers in which each unknown is a group of its own that no other has, below -1."""
    return np.where(numbers == UNKNOWN, UNKNOWN - 1 - np.arange(len(numbers)), numbers)
