"""The linear encoder of placed samples, in closed form, and the classifier on its codes.

Codes are two blocks: linear discriminants, the directions in which the classes differ most, in deviations of samples
about their class; and principal components whitened by the covariance within the classes, which keep what tells
samples of one class apart, as discriminants alone do not.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from clrna.model.class_statistics import shrunk

# Principal components that the discriminants are sought in.
_COMPONENTS = 150
# Shrinkage of the correlations within classes that whiten the second block.
_WHITENING_SHRINKAGE = 0.3
# Length of the second block beside the first: half of it keeps replicates nearest to each other, and more costs tissue.
_SECOND_BLOCK = 0.5
# Share of the largest between-class deviation below which a discriminant is rounding.
_NEGLIGIBLE = 1e-6


@dataclasses.dataclass(frozen=True)
class LinearEncoder:
    """``codes = coordinates @ weight + bias``; ``log odds = codes @ class_weight + class_bias``.

    Attributes
    ----------
    weight, bias
        Shapes (axes, latent) and (latent,): discriminants, components, then columns of 0 where the data give no more.
    class_weight, class_bias
        Shapes (latent, classes) and (classes,); all classes alike frequent.
    n_discriminants
        Columns of the first block.
    """

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    class_weight: NDArray[np.float64]
    class_bias: NDArray[np.float64]
    n_discriminants: int

    def codes(self, coordinates: NDArray) -> NDArray[np.float64]:
        """Return codes, shape (samples, latent)."""
        return coordinates @ self.weight + self.bias

    def log_odds(self, codes: NDArray) -> NDArray[np.float64]:
        """Return log odds of the classes, shape (samples, classes)."""
        return codes @ self.class_weight + self.class_bias


def fit_linear_encoder(coordinates: NDArray, labels: NDArray, n_classes: int, latent_dim: int) -> LinearEncoder:
    """Compute the encoder of training samples.

    Parameters
    ----------
    coordinates
        Along the axes of the latent space, each study less its offset, shape (samples, axes).
    labels
        Class of each from 0, -1 where it has none; every class has a sample.
    n_classes
        Number of classes.
    latent_dim
        Width of the codes.

    References
    ----------
    Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x; Rao 1948 (linear discriminants). Hatch, Kajarekar &
    Stolcke 2006, doi:10.21437/Interspeech.2006-183 (within-class covariance normalization).
    """
    center = coordinates.mean(axis=0)
    components = _components(coordinates - center)
    known = labels >= 0
    discriminants, class_weight, class_bias = _discriminants(
        (coordinates[known] - center) @ components[:, :_COMPONENTS], labels[known], n_classes, latent_dim
    )
    first = components[:, : len(discriminants)] @ discriminants
    n_first = first.shape[1]
    rows = (coordinates - center) @ components[:, : latent_dim - n_first]
    second = components[:, : rows.shape[1]] @ _whitening(rows[known], labels[known])
    n_blocks = 1 + (n_first > 0)
    first_scale, second_scale = (
        _scale((coordinates - center) @ block, latent_dim / n_blocks) for block in (first, second)
    )
    weight = np.zeros((coordinates.shape[1], latent_dim))
    weight[:, :n_first] = first * first_scale
    if n_first:
        second_scale *= _SECOND_BLOCK
    weight[:, n_first : n_first + second.shape[1]] = second * second_scale
    whole = np.zeros((latent_dim, n_classes))
    whole[:n_first] = class_weight / first_scale
    return LinearEncoder(weight, -center @ weight, whole, class_bias, n_first)


def _components(rows: NDArray) -> NDArray[np.float64]:
    """Return the directions of the largest variance first, shape (axes, axes)."""
    variance, turn = np.linalg.eigh(rows.T @ rows)
    kept = np.flatnonzero(variance > 1e-10 * max(variance[-1], 0.0))[::-1]
    axes = turn[:, kept]
    return axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])


def _discriminants(
    rows: NDArray, labels: NDArray, n_classes: int, most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return discriminants (components, discriminants) and the classifier on what they give of ``rows``."""
    means = np.stack([rows[labels == number].mean(axis=0) for number in range(n_classes)])
    rest = rows - means[labels]
    factor = np.linalg.cholesky(shrunk(rest.T @ rest / len(rows)))
    spread = solve_triangular(factor, (means - means.mean(axis=0)).T, lower=True)
    left, size, _ = np.linalg.svd(spread, full_matrices=False)
    kept = np.flatnonzero(size > _NEGLIGIBLE * max(size[0], 1e-300))[: min(n_classes - 1, most)]
    directions = np.zeros((len(factor), 0))
    if kept.size:  # not every scipy solves for nothing
        directions = solve_triangular(factor, left[:, kept], lower=True, trans="T")
    # Log odds of a sample are -|difference to the class's mean|^2 / 2 along the discriminants, but for what all have.
    own = means @ directions
    return directions, own.T, -(own**2).sum(axis=1) / 2


def _whitening(rows: NDArray, labels: NDArray) -> NDArray[np.float64]:
    """Return the map, shape (components, components), that makes the covariance within classes the identity."""
    if rows.shape[1] == 0:
        return np.zeros((0, 0))
    names, groups = np.unique(labels, return_inverse=True)
    means = np.stack([rows[groups == number].mean(axis=0) for number in range(len(names))])
    rest = rows - means[groups]
    covariance = shrunk(rest.T @ rest / len(rows), _WHITENING_SHRINKAGE)
    return np.linalg.inv(np.linalg.cholesky(covariance)).T


def _scale(codes: NDArray, mean_square: float) -> float:
    square = (codes**2).sum(axis=1).mean() if codes.size else 0.0
    return float(np.sqrt(mean_square / square)) if square > 0 else 1.0
