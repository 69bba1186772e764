"""Features of samples, drawn towards the classes that they are thought to be of.

A network that is trained with center loss brings samples of one class together. The closed form does so once the study
is placed: then more is known of a sample's class than its place alone says, and its features may say it too.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.model.softmax import softmax

# Part of the way to the class's mean: replicates stay nearest to each other, and samples of a tissue that the model
# lacks stay together. See benchmarks/transfer/NOTES.md.
SHARE = 0.4


@dataclasses.dataclass(frozen=True)
class ClassPull:
    """Where classes lie along the features that tell them apart, and how far samples are drawn there.

    Attributes
    ----------
    means
        Shape (classes, discriminants). Features after these tell samples of one class apart and stay as they are.
    share
        Part of the way, from 0 to 1, that a sample goes whose class is certain.

    References
    ----------
    Wen et al. 2016, A discriminative feature learning approach for deep face recognition,
    doi:10.1007/978-3-319-46478-7_31 (center loss).
    """

    means: NDArray[np.float64]
    share: float

    @classmethod
    def of(cls, codes: NDArray, labels: NDArray[np.integer], n_classes: int, n_discriminants: int) -> "ClassPull":
        """Return that of training samples.

        Parameters
        ----------
        codes
            Shape (samples, latent).
        labels
            Class of each from 0, -1 where it has none; every class has a sample.
        n_classes
            Number of classes.
        n_discriminants
            Leading features that tell classes apart.
        """
        first = codes[:, :n_discriminants].astype(np.float64)
        return cls(np.stack([first[labels == number].mean(axis=0) for number in range(n_classes)]), SHARE)

    def features(
        self, codes: NDArray[np.float32], log_odds: NDArray[np.float64], kept: float = 1.0
    ) -> NDArray[np.float32]:
        """Return the features of samples, shape (samples, latent).

        Each goes towards the mean of the classes, weighed by how probable they are of it, and the less far the less
        probable the best of them is.

        Parameters
        ----------
        codes
            Shape (samples, latent).
        log_odds
            Of the classes, all that is known taken together, shape (samples, classes).
        kept
            What is left of the odds of a label, see :attr:`clrna.model.centering.Centering.kept`.
        """
        probable = softmax(log_odds, axis=1)
        share = kept * self.share * probable.max(axis=1, keepdims=True)
        width = self.means.shape[1]
        features = codes.copy()
        features[:, :width] += (share * (probable @ self.means - codes[:, :width])).astype(np.float32)
        return features

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        return {"means": self.means.astype(np.float32), "share": np.array([self.share], dtype=np.float32)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], n_classes: int, latent_dim: int) -> "ClassPull | None":
        """Return what :meth:`to_arrays` gave; None where there is nothing, as in models of before.

        Raises
        ------
        KeyError, ValueError
            An array is missing or of another shape.
        """
        if not arrays:
            return None
        means, share = arrays["means"].astype(np.float64), float(arrays["share"][0])
        if means.ndim != 2 or len(means) != n_classes or means.shape[1] > latent_dim or not 0 <= share <= 1:
            raise ValueError("what its features are drawn to does not fit its classes and codes")
        return cls(means, share)
