"""Training studies that lack some of the genes: standardized by what they have, the rest estimated from the others.

Each sample is standardized by itself over the genes that it has. What these are on average in the studies that have
more tells where such a sample's mean and deviation lie among all genes; then what is missing is estimated from the
leading axes of all samples, again and again, as the axes depend on it.
"""

import logging
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.errors import InputError
from clrna.model.measured_genes import measured_genes
from clrna.model.principal_components import ScaledRows, nearly_principal_axes
from clrna.model.products import BY_NUMPY, Products
from clrna.model.standardize import GeneStatistics, standardize_samples
from clrna.quoted import quoted
from clrna.train.cell_levels import CellLevels

logger = logging.getLogger("clrna")

# Axes that missing values are estimated from, and how often.
_AXES = 20
_ROUNDS = 2
# Rounds in which the level of the studies is found; each is a sum over studies.
_LEVEL_ROUNDS = 20
# Part of the variance that the axes are thought to leave at least.
_LEAST_NOISE = 1e-3
# Samples that a deviation of 0 counts as.
_PRIOR = 5.0
# Genes that a study has to share with the others.
_FEWEST = 2
# Samples of a study that are worked on at a time, so that none of its size is ever copied.
_ROWS = 256


def genes_of_studies(
    values: NDArray, studies: NDArray[np.intp], names: NDArray, stated: Mapping[str, NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Return which genes each study measured, shape (studies, genes).

    Parameters
    ----------
    values
        Expression, shape (samples, genes), finite.
    studies
        Number of each sample's study from 0.
    names
        Of the studies, in the order of their numbers.
    stated
        Of some studies, by name, what the file says of each gene, shape (genes,). What is constant over a study, and
        not its smallest value, is a filling whatever the file says.
    """
    present = np.ones((len(names), values.shape[1]), dtype=bool)
    for number, name in enumerate(names):
        least, most = np.full(values.shape[1], np.inf), np.full(values.shape[1], -np.inf)
        for rows in _parts(studies == number):
            own = values[rows]
            least, most = np.minimum(least, own.min(axis=0)), np.maximum(most, own.max(axis=0))
        varying = measured_genes(least, most, int((studies == number).sum()))
        if varying.sum() >= _FEWEST:  # else its samples are all alike, which fillings do not make them
            present[number] = varying
        if name in stated:
            present[number] &= stated[name]
        if present[number].sum() < _FEWEST:
            raise InputError(f"study {quoted(name)} measured {present[number].sum()} of the genes; leave it out")
    return present


def standardize_training(
    values: NDArray,
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    present: NDArray[np.bool_],
    seed: int,
    out: NDArray[np.float32] | None = None,
    products: Products = BY_NUMPY,
) -> NDArray[np.float32]:
    """Return samples standardized one by one, with an estimate where their study has not measured a gene.

    Parameters
    ----------
    values
        Expression, shape (samples, genes), finite.
    studies
        Number of each sample's study from 0.
    labels
        Class of each sample, -1 where it has none; a gene's deviation is that of samples of one class and study.
    present
        From :func:`genes_of_studies`.
    seed
        Of the axes.
    out
        Where to write, of the shape of ``values`` and maybe the same. A new array where not given.
    products
        Where matrices of the size of ``values`` are multiplied.

    Returns
    -------
    Shape (samples, genes), finite.

    References
    ----------
    Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x; Tipping & Bishop 1999, Probabilistic
    principal component analysis, doi:10.1111/1467-9868.00196 (the estimate of what is missing).
    """
    scores = np.empty(values.shape, dtype=np.float32) if out is None else out
    if present.all():
        return standardize_samples(values, scores)
    if not (~present & present.any(axis=0)).any():  # what is missing is missing everywhere
        _standardize_some(scores, values, np.arange(len(values)), np.asarray(present.any(axis=0)))
        return scores
    _say(present)
    for number, there in enumerate(present):
        _standardize_some(scores, values, np.flatnonzero(studies == number), there)
    mean = _on_one_level(scores, studies, present)
    scale = _deviation(scores, studies, labels, present)
    _fill_by_class(scores, studies, labels, present, mean)
    for _ in range(_ROUNDS):
        _estimate_missing(scores, studies, labels, present, scale, seed, products)
    return standardize_samples(scores, scores)


def _parts(rows: NDArray) -> list[NDArray[np.intp]]:
    """Return the numbers of some samples, or of those of a mask, in parts of a bounded size."""
    numbers = np.flatnonzero(rows) if rows.dtype == bool else rows
    return [numbers[start : start + _ROWS] for start in range(0, len(numbers), _ROWS)]


def _standardize_some(
    scores: NDArray[np.float32], values: NDArray, rows: NDArray[np.intp], there: NDArray[np.bool_]
) -> None:
    """Write samples standardized by the genes that are there, 0 in the others; ``scores`` may be ``values``."""
    for part in _parts(rows):
        found = np.zeros((len(part), len(there)), dtype=np.float32)
        found[:, there] = standardize_samples(values[np.ix_(part, there)])
        scores[part] = found


def _say(present: NDArray[np.bool_]) -> None:
    lacking = int((~present.all(axis=1)).sum())
    text = "%d of %d training studies lack genes, %.0f %% of them at most; these are estimated from the others"
    logger.info(text, lacking, len(present), 100 * (~present).mean(axis=1).max())


def _on_one_level(
    scores: NDArray[np.float32], studies: NDArray[np.intp], present: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Move each study's samples to where they lie among all genes, in place; return the mean of each gene."""
    sizes = np.bincount(studies, minlength=len(present))[:, None] * present
    total = np.maximum(sizes.sum(axis=0), 1)
    means, variances = np.zeros(present.shape), np.zeros(present.shape)
    for number in range(len(present)):
        own = GeneStatistics.of_rows(scores, studies == number)
        means[number], variances[number] = own.mean, own.squares / max(own.n, 1)
    level, spread = np.zeros((len(present), 1)), np.ones((len(present), 1))
    mean = np.zeros(present.shape[1])
    for _ in range(_LEVEL_ROUNDS):
        moved = means * spread + level
        mean = (sizes * moved).sum(axis=0) / total
        variance = (sizes * (variances * spread**2 + (moved - mean) ** 2)).sum(axis=0) / total
        center, width = mean.mean(), np.sqrt(mean.var() + variance.mean())
        mean, variance = (mean - center) / width, variance / width**2
        for number, there in enumerate(present):
            level[number] = mean[there].mean()
            spread[number] = np.sqrt(mean[there].var() + variance[there].mean())
    for number in range(len(present)):
        for rows in _parts(studies == number):
            scores[rows] = scores[rows] * np.float32(spread[number, 0]) + np.float32(level[number, 0])
    return mean


def _fill_by_class(
    scores: NDArray[np.float32],
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    present: NDArray[np.bool_],
    mean: NDArray[np.float64],
) -> None:
    """Write the gene's mean and what the class adds to it in the studies that measured it, in place.

    What a class adds is told next to what each study adds; a class that one study holds would else bring that study's
    own deviation with it.
    """
    names, classes = np.unique(labels, return_inverse=True)
    sizes = np.zeros((len(present), len(names)))
    np.add.at(sizes, (studies, classes), 1)
    means = np.zeros((*sizes.shape, len(mean)))
    for number, of_class in np.argwhere(sizes > 0):
        own = GeneStatistics.of_rows(scores, (studies == number) & (classes == of_class))
        means[number, of_class] = own.mean - mean
    weights = sizes[:, :, None] * present[:, None, :]
    of_study, of_class = np.zeros((len(present), len(mean))), np.zeros((len(names), len(mean)))
    for _ in range(_LEVEL_ROUNDS):
        of_study = (weights * (means - of_class)).sum(axis=1) / (weights.sum(axis=1) + _PRIOR)
        of_class = (weights * (means - of_study[:, None])).sum(axis=0) / (weights.sum(axis=0) + _PRIOR)
    for number in np.flatnonzero(~present.all(axis=1)):
        missing = ~present[number]
        for rows in _parts(studies == number):
            scores[np.ix_(rows, missing)] = mean[missing] + of_class[np.ix_(classes[rows], missing)]


def _deviation(
    scores: NDArray[np.float32], studies: NDArray[np.intp], labels: NDArray[np.int64], present: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return each gene's deviation within class and study, of those that measured it."""
    squares, free = np.zeros(scores.shape[1]), np.zeros(scores.shape[1])
    for number, there in enumerate(present):
        for label in np.unique(labels[studies == number]):
            own = GeneStatistics.of_rows(scores, (studies == number) & (labels == label))
            squares += there * own.squares
            free += there * (own.n - 1)
    deviation = np.sqrt(squares / np.maximum(free, 1))
    varying = deviation[deviation > 0]
    return deviation + (0.3 * float(np.median(varying)) if varying.size else 1.0)


def _estimate_missing(
    scores: NDArray[np.float32],
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    present: NDArray[np.bool_],
    scale: NDArray[np.float64],
    seed: int,
    products: Products,
) -> None:
    """Write the expected values of what is missing, by the leading axes of all samples, in place."""
    matrix = ScaledRows(scores, 1 / scale, _ROWS, single=True, products=products)
    axes = nearly_principal_axes(matrix, min(_AXES, *scores.shape), seed)
    coordinates = ScaledRows(scores, 1 / scale, _ROWS, products=products).times(axes)
    center = matrix.center
    noise = _noise(scores, center, scale, coordinates)
    levels = CellLevels(coordinates, studies, labels)
    somewhere = present.any(axis=0)  # of the others nothing is known, and they stay at 0 everywhere
    for number in np.flatnonzero((~present & somewhere).any(axis=1)):
        there = present[number]
        missing = ~there & somewhere
        known = axes[there]
        gram = known.T @ known
        for label in np.unique(labels[studies == number]):
            parts = _parts((studies == number) & (labels == label))
            given = [((scores[np.ix_(rows, there)] - center[there]) / scale[there]) @ known for rows in parts]
            estimate = levels.estimate(np.concatenate(given), gram, noise, int(label))
            for rows, own in zip(parts, np.split(estimate, np.cumsum([len(part) for part in parts])[:-1]), strict=True):
                scores[np.ix_(rows, missing)] = (own @ axes[missing].T) * scale[missing] + center[missing]


def _noise(
    scores: NDArray[np.float32], center: NDArray[np.float64], scale: NDArray[np.float64], coordinates: NDArray
) -> float:
    """Return the mean variance of a scaled gene that the axes leave."""
    blocks = np.array_split(scores, len(scores) // _ROWS + 1)
    total = sum(float((((block - center) / scale) ** 2).sum()) for block in blocks)
    # Few samples have no more directions than axes, which leave nothing.
    return max(total - float((coordinates**2).sum()), _LEAST_NOISE * total) / scores.size
