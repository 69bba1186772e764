"""What a model says of the samples whose codes it holds: of which study they are and, if asked to, which they are."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, UNLABELLED

SAMPLE: Final = "sample"


@dataclasses.dataclass(frozen=True)
class ReferenceSamples:
    """The samples behind a model's reference codes, in their order; every array holds text, shape (samples,).

    Attributes
    ----------
    studies
        Which study each is from.
    names, donors, categories
        Which sample, of which donor and of which sample category ('' where that is not known). None in a model that
        was trained without ``--keep-names``: names of samples and donors may be nobody else's business.
    """

    studies: NDArray
    names: NDArray | None = None
    donors: NDArray | None = None
    categories: NDArray | None = None

    @property
    def is_named(self) -> bool:
        """Whether the model tells which samples they are."""
        return self.names is not None

    def to_columns(self) -> dict[str, list[str]]:
        """Return the columns that there are, as JSON can hold them."""
        columns = {STUDY: self.studies, SAMPLE: self.names, DONOR: self.donors, SAMPLE_CATEGORY: self.categories}
        return {name: [str(value) for value in column] for name, column in columns.items() if column is not None}

    @classmethod
    def from_columns(cls, columns: Mapping[str, list[str]], n_samples: int) -> "ReferenceSamples":
        """Return what :meth:`to_columns` gave.

        Raises
        ------
        KeyError, ValueError
            There is no column of studies, or a column is not of ``n_samples`` samples.
        """

        def column(name: str) -> NDArray | None:
            if name not in columns:
                return None
            values = np.array([str(value) for value in columns[name]], dtype=object)
            if len(values) != n_samples:
                raise ValueError(f"its reference samples are {n_samples}, but {len(values)} have a {name}")
            return values

        studies = column(STUDY)
        if studies is None:
            raise KeyError(STUDY)
        return cls(studies, column(SAMPLE), column(DONOR), column(SAMPLE_CATEGORY))


def names_of_labels(numbers: NDArray, classes: Sequence[str]) -> NDArray[np.object_]:
    """Return labels by name.

    Parameters
    ----------
    numbers
        Of the reference samples' labels, -1 where there is none, shape (samples,).
    classes
        Names of the labels; none where the model was to learn none, though studies are placed by them.
    """
    if not classes:
        return np.full(len(numbers), UNLABELLED, dtype=object)
    return np.array([*classes, UNLABELLED], dtype=object)[numbers]
