"""Location and scale of each gene in the training studies, which expression of other studies can be brought to."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clrna.errors import UsageError
from clrna.quoted import listed, quoted

# Studies that are kept, the largest: each takes 4 bytes a gene of the file.
MOST_STUDIES = 20

_TYPES = {
    "studies": np.int32,
    "sizes": np.int32,
    "offsets": np.float16,
    "deviations": np.float16,
    "within": np.float32,
    "middle": np.float32,
    "spread": np.float32,
}
_OF_GENES = ("offsets", "deviations")


@dataclasses.dataclass(frozen=True)
class StudyLevels:
    """What genes are like in each of some training studies, in the units of the model's space.

    Attributes
    ----------
    studies
        Number of each study among the model's training studies, shape (studies,).
    sizes
        Number of their samples, shape (studies,).
    offsets
        Of each gene next to the classes, shape (studies, genes).
    deviations
        Of each gene among samples of one class, in typical ones, shape (studies, genes).
    within
        Typical variance of each gene among samples of one class and study, shape (genes,).
    middle, spread
        Mean and deviation of a sample over all genes, in the units of the training data, the mean of each study's
        samples, shape (studies,).
    """

    studies: NDArray[np.int32]
    sizes: NDArray[np.int32]
    offsets: NDArray[np.float64]
    deviations: NDArray[np.float64]
    within: NDArray[np.float64]
    middle: NDArray[np.float64]
    spread: NDArray[np.float64]

    def row_of(self, name: str | None, training_studies: Sequence[str]) -> int:
        """Return the row of a study, of the largest where no name is given.

        Parameters
        ----------
        name
            Of the study.
        training_studies
            Names of the model's.

        Raises
        ------
        UsageError
            The model does not keep the levels of such a study.
        """
        if name is None:
            return int(self.sizes.argmax())
        kept = [training_studies[number] for number in self.studies]
        if name not in kept:
            raise UsageError(f"--corrected-to {quoted(name)}: the model holds the levels of {listed(kept, 20)}")
        return kept.index(name)

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        return {name: getattr(self, name).astype(kind) for name, kind in _TYPES.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], n_genes: int) -> "StudyLevels | None":
        """Return what :meth:`to_arrays` gave; None where there is nothing, as in models of before.

        Raises
        ------
        KeyError, ValueError
            An array is missing or of another shape.
        """
        if not arrays:
            return None
        found = {name: arrays[name] for name in _TYPES}
        number = len(found["studies"])
        shapes = {"within": (n_genes,), **dict.fromkeys(_OF_GENES, (number, n_genes))}
        for name, array in found.items():
            if number == 0 or array.shape != shapes.get(name, (number,)):
                raise ValueError(f"the levels of its studies, {name}, have the shape {array.shape}")
        if found["studies"].min() < 0 or not (found["deviations"] > 0).all() or not (found["within"] >= 0).all():
            raise ValueError("the levels of its studies hold values that cannot be")
        return cls(
            found["studies"].astype(np.int32),
            found["sizes"].astype(np.int32),
            *(found[name].astype(np.float64) for name in list(_TYPES)[2:]),
        )
