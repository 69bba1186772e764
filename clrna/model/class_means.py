"""Where classes and studies lie, each next to the other: a study's mean is not that of its mix of tissues."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

# Samples of mean 0 that each class is taken to have beside its own, so that a class of few samples in one
# study does not take that study's offset for its own.
_PRIOR_SAMPLES = 3.0
# The same for a study's offset, so that one or two labelled samples do not decide it; without any it is 0.
_PRIOR_OFFSET = 1.0


@dataclasses.dataclass(frozen=True)
class ClassMeans:
    """Least squares estimates of ``sample = class mean + study offset + rest``.

    Attributes
    ----------
    class_means
        Shape (classes, genes).
    offsets
        Shape (studies, genes).
    within
        Variance of the rest, pooled over the labelled samples, shape (genes,).
    """

    class_means: NDArray[np.float64]
    offsets: NDArray[np.float64]
    within: NDArray[np.float64]


class ClassMeansFit:
    """Gathers the labelled samples, study by study; what it holds does not grow with their number.

    Parameters
    ----------
    n_studies, n_classes, n_genes
        How many there are.

    References
    ----------
    The fixed effects of studies and the shrunk, random ones of classes are those of a mixed model:
    Robinson 1991, That BLUP is a good thing, doi:10.1214/ss/1177011926.
    """

    def __init__(self, n_studies: int, n_classes: int, n_genes: int) -> None:
        self.counts = np.zeros((n_studies, n_classes))
        self._of_study = np.zeros((n_studies, n_genes))
        self._of_class = np.zeros((n_classes, n_genes))
        self._squares = np.zeros(n_genes)

    def update(self, study: int, values: NDArray, classes: NDArray) -> None:
        """Take in samples of one study.

        Parameters
        ----------
        study
            Number of the study.
        values
            Standardized by the study's own statistics, shape (samples, genes).
        classes
            Class of each sample from 0, -1 where it has none; those are left out.
        """
        known = classes >= 0
        rows = np.asarray(values[known], dtype=np.float64)
        members = (classes[known][:, None] == np.arange(self.counts.shape[1])).astype(np.float64)
        self.counts[study] += members.sum(axis=0)
        self._of_study[study] += rows.sum(axis=0)
        self._of_class += members.T @ rows
        self._squares += (rows**2).sum(axis=0)

    def solve(self) -> ClassMeans:
        """Return the estimates."""
        n_studies, n_classes = self.counts.shape
        normal = np.zeros((n_studies + n_classes, n_studies + n_classes))
        normal[:n_studies, :n_studies] = np.diag(self.counts.sum(axis=1) + _PRIOR_OFFSET)
        normal[n_studies:, n_studies:] = np.diag(self.counts.sum(axis=0) + _PRIOR_SAMPLES)
        normal[:n_studies, n_studies:] = self.counts
        normal[n_studies:, :n_studies] = self.counts.T
        sums = np.vstack([self._of_study, self._of_class])
        effects = np.asarray(np.linalg.solve(normal, sums), dtype=np.float64)
        offsets, means = effects[:n_studies], effects[n_studies:]
        n_samples = max(self.counts.sum(), 1.0)
        rest = self._squares - 2 * (effects * sums).sum(axis=0)
        rest += (self.counts.sum(axis=1) @ offsets**2) + (self.counts.sum(axis=0) @ means**2)
        rest += 2 * ((self.counts.T @ offsets) * means).sum(axis=0)
        return ClassMeans(means, offsets, np.maximum(rest, 0.0) / n_samples)
