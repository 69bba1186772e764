"""Learn where each gene lies and how it scatters in each training study."""

import numpy as np
from numpy.typing import NDArray

from clrna.model.gene_shrinkage import shrunken_deviations, shrunken_means
from clrna.model.latent_space import LatentSpace
from clrna.model.standardize import GeneStatistics
from clrna.model.study_levels import MOST_STUDIES, StudyLevels


def fit_study_levels(
    space: LatentSpace,
    placed: NDArray[np.float32],
    coordinates: NDArray[np.float64],
    offsets: NDArray[np.float64],
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    numbers: NDArray[np.intp],
    units: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> StudyLevels:
    """Learn the levels of the largest training studies.

    Parameters
    ----------
    space
        The model's.
    placed
        Training samples in its units, each study less its offset along the axes, shape (samples, genes).
    coordinates
        Of those, shape (samples, axes).
    offsets
        Of each study along the axes, shape (studies, axes).
    studies
        Number of each sample's study from 0.
    labels
        Class of each sample, -1 where it has none.
    numbers
        Of each study among the model's training studies, shape (studies,).
    units
        From :func:`units_of_samples`.
    """
    sizes = np.bincount(studies, minlength=len(offsets))
    kept = np.sort(np.argsort(-sizes, kind="stable")[:MOST_STUDIES])
    axes = space.axes.astype(np.float64)
    squares, free = _squares_within(placed, studies, labels, len(offsets))
    within = squares.sum(axis=0) / max(free.sum(), 1)
    of_genes, deviations = [], []
    for study in kept:
        own = studies == study
        beyond = GeneStatistics(placed.shape[1])
        for rows in np.array_split(np.flatnonzero(own), own.sum() // 128 + 1):
            beyond.update(placed[rows] - coordinates[rows].astype(np.float32) @ space.axes.T)
        rest = shrunken_means(beyond.mean, beyond.sd**2, beyond.n)
        of_genes.append(offsets[study] @ axes.T + rest)
        number = int(free[study])
        deviations.append(shrunken_deviations(squares[study] / max(number, 1), within, number + 1))
    middle, spread = (np.array([of_samples[studies == study].mean() for study in kept]) for of_samples in units)
    return StudyLevels(
        numbers[kept].astype(np.int32), sizes[kept].astype(np.int32), np.array(of_genes), np.array(deviations),
        within, middle, spread,
    )  # fmt: skip


def moments_of_samples(
    values: NDArray, studies: NDArray[np.intp], present: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and deviation of each sample over the genes that its study measured, shape (samples,) each.

    Parameters
    ----------
    values
        Shape (samples, genes), finite.
    studies
        Number of each sample's study from 0.
    present
        Which genes each study measured, shape (studies, genes).
    """
    mean, deviation = np.zeros(len(values)), np.zeros(len(values))
    for number, row in enumerate(values):
        own = row[present[studies[number]]].astype(np.float64)
        mean[number], deviation[number] = own.mean(), own.std()
    return mean, deviation


def units_of_samples(
    values: tuple[NDArray[np.float64], NDArray[np.float64]], scores: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what standardized samples are multiplied by and what is added to them to give their values again.

    Parameters
    ----------
    values
        Mean and deviation of each sample from :func:`moments_of_samples`.
    scores
        The same of the samples each standardized by itself, what a study lacks being estimated.

    Returns
    -------
    Mean and deviation of each sample over all genes in the units of ``values``, shape (samples,) each.
    """
    varies = scores[1] > 0  # else it has one value, and any multiple of it will do
    spread = np.divide(values[1], scores[1], out=np.ones(len(varies)), where=varies)
    return values[0] - spread * scores[0], spread


def _squares_within(
    placed: NDArray[np.float32], studies: NDArray[np.intp], labels: NDArray[np.int64], n_studies: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sums of squares about the means of each study's classes, and the degrees of freedom of each study."""
    squares, free = np.zeros((n_studies, placed.shape[1])), np.zeros(n_studies)
    labelled = labels >= 0 if (labels >= 0).any() else np.ones(len(labels), dtype=bool)
    for study in range(n_studies):
        for label in np.unique(labels[(studies == study) & labelled]):
            own = GeneStatistics.of_rows(placed, (studies == study) & (labels == label))
            squares[study] += own.squares
            free[study] += own.n - 1
    return squares, free
