"""What studies and what classes add to coordinates, where many studies are of one class only.

Least squares give all that a study of one tissue deviates by to its tissue, and the platform comes to be the tissue.
Here both are random effects. How much of what the means vary by along an axis is the studies' doing follows from how
much that is: classes differ by little more than their samples do, along any axis, and studies by up to many times that.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

# Along an axis on which the means of studies and classes have the variance t, in variances within classes, classes are
# taken to have t / (t + this) of it: a fifth where t is small, and never more than the variance within one class.
_CLASSES_SATURATE = 5.0
# The least variance that the means are taken to have.
_LEAST_SPREAD = 0.05
# Variance of what studies and classes do together, in variances within classes.
_INTERACTION = 0.1
# Variances of studies and of classes by which it is judged how well a design tells them from each other.
_OF_STUDY, _OF_CLASS = 1.0, 0.5
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
    noise. The variances of both are :func:`shares_of_spread`.

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
    Henderson 1975, doi:10.2307/2529430 (best linear prediction of random effects).
    """
    there, own = np.unique(studies, return_inverse=True)
    if len(there) < 2:
        return StudyEffects.none(n_studies, rows.shape[1])
    _, classes = np.unique(labels, return_inverse=True)
    means, counts, within = _cell_means(rows, own, classes)
    deviation = np.sqrt(within)
    found, uncertainty = _predicted(means / deviation, counts)
    offsets = np.zeros((n_studies, rows.shape[1]))
    offsets[there] = found * deviation
    return StudyEffects(offsets, uncertainty * within)


def shares_of_spread(spread: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the variance of what studies add, and of what classes do, by that of both together.

    Learned from 16 studies of 24 tissues together, of which many share several, so that it could be told: along the
    first axes studies have 68, 47 and 28 variances within classes and classes 0.2, 1.2 and 2, along the last 0.1 and
    0.03 (benchmarks/transfer/NOTES.md).

    Parameters
    ----------
    spread
        Variance of the means of studies and classes along each axis, in variances within classes, shape (axes,).

    Returns
    -------
    Shapes (axes,) both.
    """
    of_classes = spread / (spread + _CLASSES_SATURATE)
    return spread - of_classes, of_classes


def class_reliability(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how much of what a class deviates by can be told from what its studies add, shape (classes,).

    From 0, where nothing can, to 1: the reliability of the best linear predictor, which depends on how many samples
    each study has of each class, and on no expression. A class that one study holds, and this study nothing else, is
    told the least.

    Parameters
    ----------
    counts
        Labelled samples by study and class, shape (studies, classes).

    References
    ----------
    Henderson 1975, doi:10.2307/2529430 (prediction error variance, the constant being unknown).
    """
    precision = _precision(counts)
    by_study, by_class = precision.sum(axis=1), precision.sum(axis=0)
    # The studies are eliminated, as in `_solved`; what is left is the constant, unknown here, and the classes.
    of_study = 1 / (by_study + 1 / _OF_STUDY)
    design = np.column_stack([by_study, precision])
    system = np.diag([by_study.sum(), *(by_class + 1 / _OF_CLASS)])
    system[0, 1:] = system[1:, 0] = by_class
    system -= design.T @ (of_study[:, None] * design)
    doubt = np.diag(np.linalg.inv(system))[1:]
    return np.clip(1 - doubt / _OF_CLASS, 0.0, 1.0)


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


def _precision(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the inverse variance of each cell's mean about the effects of its study and class, 0 for empty cells."""
    return np.where(counts > 0, 1 / (1 / np.maximum(counts, 1) + _INTERACTION), 0.0)


def _predicted(
    means: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predict what studies add, shape (studies, axes), and the mean variance about that, shape (axes,).

    Parameters
    ----------
    means
        Of each study's samples of each class, in deviations within classes, shape (studies, classes, axes).
    counts
        Samples of each cell, shape (studies, classes).
    """
    filled = counts > 0
    # The mean of all cells is the constant, so a study counts by its classes: one of many is nearer to the middle than
    # one of a single class.
    deviations = np.where(filled[:, :, None], means - means[filled].mean(axis=0), 0.0)
    of_noise = float((1 / counts[filled]).mean())
    spread = means[filled].var(axis=0, ddof=min(1, int(filled.sum()) - 1)) - of_noise
    of_studies, of_classes = shares_of_spread(np.maximum(spread, _LEAST_SPREAD))
    n_studies, n_classes, n_axes = means.shape
    effects, uncertainty, precision = np.zeros((n_studies, n_axes)), np.zeros(n_axes), _precision(counts)
    width = max(_BLOCK // (n_studies * n_classes + n_classes**2), 1)
    for start in range(0, n_axes, width):
        axes = slice(start, start + width)
        effects[:, axes], uncertainty[axes] = _solved(
            deviations[:, :, axes], precision, of_studies[axes], of_classes[axes]
        )
    return effects, uncertainty


def _solved(
    deviations: NDArray[np.float64],
    precision: NDArray[np.float64],
    of_studies: NDArray[np.float64],
    of_classes: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve the mixed model equations on some axes; shapes as :func:`_predicted`."""
    of_study = 1 / (precision.sum(axis=1)[:, None] + 1 / of_studies)
    # The studies are eliminated; what is left is one small system for the classes on each axis.
    diagonal = precision.sum(axis=0) + 1 / of_classes[:, None]
    reduced = np.einsum("sc,sa,sd->acd", precision, of_study, precision, optimize=True)
    inverse = np.linalg.inv(np.eye(precision.shape[1]) * diagonal[:, :, None] - reduced)
    weighted = precision[:, :, None] * deviations
    sums = weighted.sum(axis=1)
    classes = np.einsum("acd,da->ca", inverse, weighted.sum(axis=0) - precision.T @ (of_study * sums))
    effects = of_study * (sums - precision @ classes)
    doubt = of_study + of_study**2 * np.einsum("sc,acd,sd->sa", precision, inverse, precision, optimize=True)
    return effects, doubt.mean(axis=0)
