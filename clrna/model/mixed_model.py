"""What studies and what classes add to coordinates, where many studies are of one class only.

Least squares give all that a study of one tissue deviates by to its tissue, and the platform comes to be the tissue.
Here both are random effects whose variances are learned from all studies: along an axis on which studies differ
more than classes do within them, a study of one tissue is taken to deviate for the most part by its own doing.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

# Variances that the first round starts from, in variances within classes. Where every study is of one class nothing
# tells them from each other, and their ratio stays.
_FIRST_OF_STUDY, _FIRST_OF_CLASS = 1.0, 0.5
# Variance of what studies and classes do together, in variances within classes.
_INTERACTION = 0.1
# Studies, and classes, whose variance is the mean over all axes, that each axis is taken to have beside its own.
_PRIOR = 20.0
_ROUNDS = 40
_WITHOUT_END = 10**9
# Numbers that the matrices of one block of axes hold at most.
_BLOCK = 4_000_000


@dataclasses.dataclass(frozen=True)
class StudyEffects:
    """What studies add.

    Attributes
    ----------
    offsets
        Best linear predictor of each study's, shape (studies, axes).
    uncertainty
        Mean variance of what offsets truly are about that, shape (axes,).
    """

    offsets: NDArray[np.float64]
    uncertainty: NDArray[np.float64]

    @classmethod
    def none(cls, n_studies: int, n_axes: int) -> "StudyEffects":
        """Return those of studies that nothing is known of."""
        return cls(np.zeros((n_studies, n_axes)), np.zeros(n_axes))


def fit_study_effects(
    rows: NDArray[np.float64], studies: NDArray[np.intp], labels: NDArray[np.int64], n_studies: int
) -> StudyEffects:
    """Predict what studies add to the coordinates of their samples.

    On each axis, the mean of the samples of one class in one study is a constant, the study's effect, the class's and
    noise. Variances are found by expectation and maximization, each axis leaning on the mean of all.

    Parameters
    ----------
    rows
        Coordinates of labelled samples, shape (samples, axes).
    studies, labels
        Number of the study and of the class of each.
    n_studies
        How many there are.

    Returns
    -------
    A study without labelled samples has the offset 0, and so has the only one: where all is of one study, nothing
    tells an offset from the rest.

    References
    ----------
    Henderson 1975, doi:10.2307/2529430 (best linear prediction of random effects). Laird & Ware 1982,
    doi:10.2307/2529876 (variance components by EM).
    """
    there, own = np.unique(studies, return_inverse=True)
    if len(there) < 2:
        return StudyEffects.none(n_studies, rows.shape[1])
    _, classes = np.unique(labels, return_inverse=True)
    means, counts, within = _cell_means(rows, own, classes)
    model = _MixedModel(means / np.sqrt(within), counts)
    model.fit()
    offsets = np.zeros((n_studies, rows.shape[1]))
    offsets[there] = model.studies * np.sqrt(within)
    return StudyEffects(offsets, model.uncertainty * within)


def class_reliability(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how much of what a class deviates by can be told from what its studies add, shape (classes,).

    From 0, where nothing can, to 1: the reliability of the best linear predictor, which depends on how many samples
    each study has of each class and on the variances that the first round starts from, and on no expression. A class
    that one study holds, and this study nothing else, is told the least.

    Parameters
    ----------
    counts
        Labelled samples by study and class, shape (studies, classes).

    References
    ----------
    Henderson 1975, doi:10.2307/2529430 (prediction error variance, the constant being unknown).
    """
    precision = np.where(counts > 0, 1 / (1 / np.maximum(counts, 1) + _INTERACTION), 0.0)
    by_study, by_class = precision.sum(axis=1), precision.sum(axis=0)
    # The studies are eliminated, as in `_MixedModel`; what is left is the constant and the classes.
    of_study = 1 / (by_study + 1 / _FIRST_OF_STUDY)
    design = np.column_stack([by_study, precision])
    system = np.diag([by_study.sum(), *(by_class + 1 / _FIRST_OF_CLASS)])
    system[0, 1:] = system[1:, 0] = by_class
    system -= design.T @ (of_study[:, None] * design)
    doubt = np.diag(np.linalg.inv(system))[1:]
    return np.clip(1 - doubt / _FIRST_OF_CLASS, 0.0, 1.0)


def reliability_without_end(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return :func:`class_reliability` as it would be, had each study samples without end of the classes it has."""
    return class_reliability(np.where(counts > 0, _WITHOUT_END, 0))


def _cell_means(
    rows: NDArray[np.float64], studies: NDArray[np.intp], classes: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return means and numbers of samples by study and class, and each axis' variance about the means.

    Shapes (studies, classes, axes), (studies, classes) and (axes,).
    """
    shape = (int(studies.max()) + 1, int(classes.max()) + 1)
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (studies, classes), 1)
    means = np.zeros((*shape, rows.shape[1]))
    np.add.at(means, (studies, classes), rows)
    means /= np.maximum(counts, 1)[:, :, None]
    free = len(rows) - np.count_nonzero(counts)
    within = ((rows - means[studies, classes]) ** 2).sum(axis=0) / max(free, 1)
    # Where no cell has two samples, what there is varies between cells only.
    within = within if free > 0 else rows.var(axis=0)
    return means, counts, np.maximum(within, 1e-12 * max(float(within.max()), 1e-300))


class _MixedModel:
    """Crossed random effects of studies and classes on many axes, in variances within cells.

    Parameters
    ----------
    means
        Shape (studies, classes, axes).
    counts
        Samples of each cell, shape (studies, classes).
    """

    def __init__(self, means: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        self._means = means
        filled = counts > 0
        self._precision = np.where(filled, 1 / (1 / np.maximum(counts, 1) + _INTERACTION), 0.0)
        n_studies, n_classes, n_axes = means.shape
        self._constant = means[filled].mean(axis=0)
        self._of_studies, self._of_classes = (np.full(n_axes, first) for first in (_FIRST_OF_STUDY, _FIRST_OF_CLASS))
        self.studies, self._classes = np.zeros((n_studies, n_axes)), np.zeros((n_classes, n_axes))
        self.uncertainty = np.zeros(n_axes)

    def fit(self) -> None:
        """Find variances and effects together."""
        n_studies, n_classes, n_axes = self._means.shape
        width = max(_BLOCK // (n_studies * n_classes + n_classes**2), 1)
        for _ in range(_ROUNDS):
            squares = np.zeros((2, n_axes))
            for start in range(0, n_axes, width):
                axes = slice(start, start + width)
                squares[:, axes] = self._expect(axes)
            self._of_studies, self._of_classes = (
                (own + _PRIOR * own.mean() / count) / (count + _PRIOR)
                for own, count in zip(squares, (n_studies, n_classes), strict=True)
            )
            rest = self._means - self.studies[:, None, :] - self._classes[None, :, :]
            self._constant = np.einsum("sc,sca->a", self._precision, rest) / self._precision.sum()

    def _expect(self, axes: slice) -> NDArray[np.float64]:
        """Predict the effects on some axes; return the expected sums of their squares, shape (2, axes)."""
        precision, rest = self._precision, self._means[:, :, axes] - self._constant[axes]
        weighted = precision[:, :, None] * rest
        of_study = 1 / (precision.sum(axis=1)[None, :] + 1 / self._of_studies[axes, None])
        # The studies are eliminated; what is left is one small system for the classes on each axis.
        reduced = np.einsum("sc,as,sd->acd", precision, of_study, precision, optimize=True)
        diagonal = precision.sum(axis=0)[None, :] + 1 / self._of_classes[axes, None]
        inverse = np.linalg.inv(np.eye(len(precision.T)) * diagonal[:, :, None] - reduced)
        sums = weighted.sum(axis=1)
        right = weighted.sum(axis=0) - precision.T @ (of_study.T * sums)
        classes = np.einsum("acd,da->ca", inverse, right)
        studies = of_study.T * (sums - precision @ classes)
        doubt_of_classes = np.einsum("acc->ca", inverse)
        spread = np.einsum("sc,acd,sd->sa", precision, inverse, precision, optimize=True)
        doubt_of_studies = of_study.T + of_study.T**2 * spread
        self.studies[:, axes], self._classes[:, axes] = studies, classes
        self.uncertainty[axes] = doubt_of_studies.mean(axis=0)
        return np.stack(
            [
                (studies**2 + doubt_of_studies).sum(axis=0),
                (classes**2 + doubt_of_classes).sum(axis=0),
            ]
        )
