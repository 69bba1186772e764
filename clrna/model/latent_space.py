"""Samples of any unit and any choice of genes as coordinates in one space, each sample by itself.

A sample is put on one scale by its own mean and deviation over the genes that it has. So an array's intensity, a
logarithm of TPM and a z-score go in alike, and nothing is learned from other samples of its study.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.errors import InputError
from clrna.model.principal_components import ScaledRows, nearly_principal_axes
from clrna.model.products import BY_NUMPY, Products
from clrna.model.row_view import RowView
from clrna.model.standardize import FEW_ROWS, GeneStatistics, standardize_samples

# Axes that are kept. More tell samples of one class apart, not classes.
N_AXES = 300
# Part of the median deviation that is added to each gene's, so that a gene that hardly varies does not rule.
_FLOOR = 0.3
# Ridge of the regression on axes that some genes of the model are missing from.
_RIDGE = 1e-3
# Samples that are converted at once.
_ROWS = 512
# Power of the share of studies that measured a gene, and the least such share.
_POWER_OF_SHARE, _LEAST_SHARE = 2, 0.01


@dataclasses.dataclass(frozen=True)
class LatentSpace:
    """Principal axes of training samples that are standardized one by one.

    Attributes
    ----------
    mean, variance
        Of each gene over the training samples, after each sample is standardized, shape (genes,).
    scale
        What each gene is divided by, shape (genes,): its deviation within classes and studies and a part of the
        median one, and more where few studies measured it.
    axes
        Orthonormal columns, shape (genes, axes), those of the largest variance first.
    noise
        Mean variance of a scaled gene that the axes leave.
    measured
        Share of the studies that measured each gene, shape (genes,); None in models of before.
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    scale: NDArray[np.float64]
    axes: NDArray[np.float32]
    noise: float
    measured: NDArray[np.float64] | None = None

    @property
    def n_axes(self) -> int:
        """Number of axes."""
        return self.axes.shape[1]

    def share_measured(self, within: NDArray[np.float64], n_studies: int) -> NDArray[np.float64]:
        """Return the share of the studies that measured each gene, shape (genes,).

        Parameters
        ----------
        within
            Variance of each scaled gene among samples of one class and study, which together with the scale tells it in
            models that do not keep it.
        n_studies
            How many there were.
        """
        if self.measured is not None:
            return self.measured
        deviation = np.sqrt(within) * self.scale
        varying = deviation[deviation > 0]
        if not varying.size:
            return np.ones(len(within))
        share = ((deviation + _FLOOR * float(np.median(varying))) / self.scale) ** (1 / _POWER_OF_SHARE)
        return (np.round(share * n_studies) / n_studies).clip(0, 1)

    def scaled(self, values: NDArray, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return samples in the units of the space.

        Parameters
        ----------
        values
            Expression in any logarithmic or standardized unit, shape (samples, genes), NaN where there is none.
        present
            Which genes the samples have at all, shape (genes,). Their mean and deviation within a sample are taken
            to be what they are in the training, so that a sample may lack any of the others.

        Returns
        -------
        Shape (samples, genes that are present); 0, the training's mean, where a value is missing.
        """
        location, spread = self._typical(present)
        shift, scale = (location - self.mean[present]).astype(np.float32), self.scale[present].astype(np.float32)
        columns = np.flatnonzero(present)
        whole = len(columns) == len(present)
        out = np.empty((len(values), len(columns)), dtype=np.float32)
        for start in range(0, len(values), FEW_ROWS):
            few = slice(start, start + FEW_ROWS)
            scores = standardize_samples(values[few] if whole else values[few].take(columns, axis=1))
            scores *= np.float32(spread)
            scores += shift
            scores /= scale
            out[few] = np.nan_to_num(scores, nan=0.0, copy=False)
        return out

    def scores(self, scaled: NDArray[np.float64], present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return samples as they were standardized by themselves, before :meth:`scaled`, shape as ``scaled``."""
        location, spread = self._typical(present)
        return (scaled * self.scale[present] + self.mean[present] - location) / spread

    def gram(self, present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the products of the axes with each other over the genes that are present, shape (axes, axes)."""
        if present.all():
            return np.eye(self.n_axes)
        part = self.axes[present].astype(np.float64)
        return part.T @ part + _RIDGE * np.eye(self.n_axes)

    def _typical(self, present: NDArray[np.bool_]) -> tuple[float, float]:
        """Return mean and deviation of a sample of the training over some of its genes."""
        location = float(self.mean[present].mean())
        return location, float(np.sqrt(self.mean[present].var() + self.variance[present].mean()))

    def back(self, scaled: NDArray[np.float32], values: NDArray, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return all genes of samples in the units that ``values`` have, each sample's own.

        Parameters
        ----------
        scaled
            In the units of the space, shape (samples, genes).
        values, present
            As in :meth:`scaled`.
        """
        own = np.asarray(values[:, present], dtype=np.float64)
        center, deviation = np.nanmean(own, axis=1), np.nanstd(own, axis=1)
        location, spread = self._typical(present)
        scores = (scaled * self.scale + self.mean - location) / spread
        return (scores * deviation[:, None] + center[:, None]).astype(np.float32)

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        return {
            "mean": self.mean.astype(np.float32),
            "variance": self.variance.astype(np.float32),
            "scale": self.scale.astype(np.float32),
            "axes": self.axes,
            "noise": np.array([self.noise], dtype=np.float32),
            **({} if self.measured is None else {"measured": self.measured.astype(np.float32)}),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> "LatentSpace":
        """Return what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError, ValueError
            An array is missing or of another shape.
        """
        mean, variance, scale = (arrays[name].astype(np.float64) for name in ("mean", "variance", "scale"))
        axes = arrays["axes"]
        if not (mean.shape == variance.shape == scale.shape == axes.shape[:1]) or axes.ndim != 2:
            raise ValueError("the arrays of its latent space do not fit together")
        if not (scale > 0).all():
            raise ValueError("its latent space divides a gene by 0")
        measured = arrays["measured"].astype(np.float64) if "measured" in arrays else None
        if measured is not None and (measured.shape != mean.shape or not ((measured >= 0) & (measured <= 1)).all()):
            raise ValueError("the shares of studies that measured its genes are not one a gene")
        return cls(mean, variance, scale, axes, float(arrays["noise"][0]), measured)


def fit_latent_space(
    values: NDArray | RowView,
    cells: NDArray,
    seed: int = 0,
    share_measured: NDArray[np.float64] | None = None,
    products: Products = BY_NUMPY,
) -> tuple[LatentSpace, NDArray[np.float64]]:
    """Find the space of training samples.

    Parameters
    ----------
    values
        Expression, shape (samples, genes), finite, each sample standardized by
        :func:`clrna.model.standardize.standardize_samples`.
    cells
        Number of each sample's class within its study, from 0: a gene's deviation is that of samples of one cell.
    seed
        Seed of the axes, which are exact up to 2,500 samples.
    share_measured
        Share of the studies that measured each gene, shape (genes,); all did where not given. The fewer, the less is
        known of what a study adds to the gene, and what is estimated shows too little of it, so it counts less.
    products
        Where matrices of the size of ``values`` are multiplied.

    Returns
    -------
    The space, and the coordinates of the samples in it, shape (samples, axes).

    Raises
    ------
    InputError
        The samples do not differ.
    """
    statistics = GeneStatistics(values.shape[1])
    statistics.update(values)
    within = _deviation_within(values, cells, statistics.sd)
    varying = within[within > 0]
    if not varying.size or not (statistics.sd > 0).any():
        raise InputError("the training samples do not differ once each is standardized by itself; see --standardize")
    scale = within + _FLOOR * float(np.median(varying))
    if share_measured is not None:
        scale = scale / np.maximum(share_measured, _LEAST_SHARE) ** _POWER_OF_SHARE
    matrix = ScaledRows(values, 1 / scale, _ROWS, single=True, products=products)
    axes = nearly_principal_axes(matrix, min(N_AXES, *values.shape), seed)
    # In float64: directions in which samples hardly differ are learned from coordinates, and rounding shows there.
    coordinates = ScaledRows(values, 1 / scale, _ROWS, products=products).times(axes)
    total = float(((statistics.sd / scale) ** 2).sum())
    noise = max(total - float((coordinates**2).sum()) / len(values), 0.0) / values.shape[1]
    measured = np.ones(len(scale)) if share_measured is None else share_measured
    space = LatentSpace(statistics.mean, statistics.sd**2, scale, axes.astype(np.float32), noise, measured)
    return space, coordinates


def _deviation_within(values: NDArray | RowView, cells: NDArray, of_all: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each gene's deviation about the mean of the sample's cell, shape (genes,)."""
    numbers = np.unique(cells)
    free = len(values) - len(numbers)
    if free < 1:  # every sample is alone in its cell: what is left is the deviation of all
        return of_all
    squares = np.zeros(values.shape[1])
    for cell in numbers:
        squares += GeneStatistics.of_rows(values, cells == cell).squares
    return np.sqrt(squares / free)
