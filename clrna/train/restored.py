"""Training samples restored from what a model keeps of them, so that others can be trained beside them.

A code says where its sample lies along most axes. Along the others it lies where samples of its class do, and scatters
about that as they did; and so does each gene beyond the axes, on the level that it has in the sample's study.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_statistics import ClassStatistics, shrunk
from clrna.model.latent_space import LatentSpace
from clrna.model.study_levels import StudyLevels
from clrna.model.transfer import TransferStatistics

# Variance that codes and encoder were rounded by, both to 11 bits, as a share of the mean square of each feature.
_ROUNDING = 1e-6
# Share of the identity in the correlations within classes, which few samples leave without some directions.
_SHRINKAGE = 0.1
# Degrees of freedom that all studies together count as beside a study's own, where it is asked how its samples scatter.
_PRIOR = 10.0
_ROWS = 512


@dataclasses.dataclass(frozen=True)
class RestoredSamples:
    """What stands for the training samples of a model.

    Attributes
    ----------
    values
        Expression, float32 of shape (samples, genes), in the units of each study.
    studies
        Name of each one's study.
    labels
        Class of each from 0, -1 where it has none.
    """

    values: NDArray[np.float32]
    studies: NDArray
    labels: NDArray[np.int32]


def restore_samples(
    transfer: TransferStatistics, weight: NDArray, bias: NDArray, number_of: dict[str, int], seed: int
) -> RestoredSamples:
    """Restore the reference samples of a model.

    Parameters
    ----------
    transfer
        Of the model, with levels and with the studies of its reference samples.
    weight, bias
        Of its linear encoder, shapes (genes, latent) and (latent,).
    number_of
        Number of each study among the model's training studies.
    seed
        Of what is drawn.

    Raises
    ------
    ValueError
        The model does not keep an offset for each study of its reference samples.

    References
    ----------
    Tipping & Bishop 1999, doi:10.1111/1467-9868.00196 (a sample as its scores and a noise of each gene). Rubin 1987,
    Multiple imputation for nonresponse in surveys, doi:10.1002/9780470316696 (what is not known is drawn and not put
    at its mean, which would scatter too little).
    """
    if transfer.levels is None or transfer.references is None:
        raise ValueError("the model keeps no levels or studies of its samples")
    space, statistics = transfer.space, transfer.classes
    names, studies = np.unique(transfer.references.studies.astype(str), return_inverse=True)
    if len(names) != len(statistics.offsets):
        raise ValueError("the model keeps offsets of other studies than its reference samples are of")
    generator = np.random.default_rng(seed)
    inward = space.axes.T.astype(np.float64) @ weight.astype(np.float64)
    given = transfer.codes.astype(np.float64) - bias
    labels = transfer.labels
    placed = _coordinates(given, inward, statistics, labels, generator)
    rows_of = {int(number): row for row, number in enumerate(transfer.levels.studies)}
    rows = np.array([rows_of.get(number_of[name], -1) for name in names])
    cells = studies * (statistics.n_classes + 1) + labels
    values = np.empty((len(given), len(space.mean)), dtype=np.float32)
    scatter, free = _scatter_of_studies(placed, studies, cells)
    for number, row in enumerate(rows):
        own = np.flatnonzero(studies == number)
        values[own] = _values(
            placed[own], statistics.offsets[number], _deviations(space, transfer.levels, row, scatter, free, number),
            space, transfer.levels, int(row), generator,
        )  # fmt: skip
    return RestoredSamples(values, transfer.references.studies.astype(str).astype(object), labels)


def _coordinates(
    given: NDArray, inward: NDArray, statistics: ClassStatistics, labels: NDArray, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return placed coordinates, shape (samples, axes), that have the codes, less their bias, of ``given``."""
    within = shrunk(statistics.placed_within, _SHRINKAGE)
    counts = np.bincount(labels[labels >= 0], minlength=statistics.n_classes)
    weights = counts / counts.sum() if counts.any() else np.full(statistics.n_classes, 1 / statistics.n_classes)
    middle = weights @ statistics.placed_means
    expected = np.vstack([statistics.placed_means, middle])[labels]
    of_codes = inward.T @ within @ inward
    of_codes += np.diag(_ROUNDING * (given**2).mean(axis=0) + np.finfo(float).tiny)
    gain = np.linalg.solve(of_codes, inward.T @ within)
    left = within - within @ inward @ gain
    variance, turn = np.linalg.eigh((left + left.T) / 2)
    drawn = generator.standard_normal(expected.shape) @ (turn * np.sqrt(variance.clip(min=0))).T
    for label in np.unique(labels):  # the means of the classes are known, and stay
        drawn[labels == label] -= drawn[labels == label].mean(axis=0)
    return expected + (given - expected @ inward) @ gain + drawn


def _scatter_of_studies(
    placed: NDArray[np.float64], studies: NDArray, cells: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return products about the means of each study's classes, (studies, axes, axes), and their degrees of freedom."""
    n_studies, n_axes = int(studies.max()) + 1, placed.shape[1]
    scatter, free = np.zeros((n_studies, n_axes, n_axes)), np.zeros(n_studies)
    for cell in np.unique(cells):
        own = placed[cells == cell]
        number = studies[cells == cell][0]
        rest = own - own.mean(axis=0)
        scatter[number] += rest.T @ rest
        free[number] += len(own) - 1
    return scatter, free


def _deviations(
    space: LatentSpace, levels: StudyLevels, row: int, scatter: NDArray, free: NDArray, number: int
) -> NDArray[np.float64]:
    """Return the deviation of each gene, scaled, that the axes leave among samples of one class of a study."""
    pooled = scatter.sum(axis=0) / max(free.sum(), 1)
    own = (scatter[number] + _PRIOR * pooled) / (free[number] + _PRIOR)
    axes = space.axes.astype(np.float64)
    explained = ((axes @ own) * axes).sum(axis=1)
    deviation = levels.deviations[row] if row >= 0 else 1.0
    return np.sqrt((levels.within * deviation**2 - explained).clip(min=0))


def _values(
    placed: NDArray, offset: NDArray, deviations: NDArray, space: LatentSpace, levels: StudyLevels, row: int,
    generator: np.random.Generator,
) -> NDArray[np.float32]:  # fmt: skip
    """Return the expression of a study's samples, shape (samples, genes)."""
    axes = space.axes.astype(np.float64)
    level = levels.offsets[row] if row >= 0 else offset @ axes.T
    middle, spread = (
        of_studies[row] if row >= 0 else np.median(of_studies) for of_studies in (levels.middle, levels.spread)
    )
    values = np.empty((len(placed), len(axes)), dtype=np.float32)
    for start in range(0, len(placed), _ROWS):
        rows = slice(start, start + _ROWS)
        scaled = placed[rows] @ axes.T + level
        scaled += generator.standard_normal(scaled.shape) * deviations
        values[rows] = (scaled * space.scale + space.mean) * spread + middle
    return values
