"""The linear path: codes in closed form, from which the network starts and to which it adds.

Center loss asks for little scatter within the classes. Among linear maps that keep the samples apart the
answer is known: divide by the within-class covariance. The codes are two blocks of such a map,

- linear discriminants, the directions in which the classes differ most, in deviations of the samples about
  their class, and
- principal components whitened by the within-class covariance, which keep what tells samples of one class
  apart, as discriminants alone do not.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from clrna.model.principal_components import ScaledRows, principal_axes
from clrna.model.products import BY_NUMPY, Products

# Principal components that the discriminants are sought in. They are found beside the codes' own.
_MAX_AXES = 512
# Share of the largest between-class deviation below which a discriminant is rounding.
_NEGLIGIBLE = 1e-6


@dataclasses.dataclass(frozen=True)
class LinearPath:
    """``codes = values @ weight + bias``.

    Attributes
    ----------
    weight
        float32 of shape (genes, latent_dim): first the discriminants, the most telling first, then the
        whitened components, then columns of 0 where the data give no more.
    bias
        float32 of shape (latent_dim,); the codes of the training samples have mean 0.
    n_discriminants
        Columns of the first block.
    spread
        Deviation of training samples about their class along each discriminant, in the units of the codes.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    n_discriminants: int
    spread: float

    @property
    def discriminants(self) -> NDArray[np.float32]:
        """The first block in deviations of training samples about their class, shape (genes, n_discriminants)."""
        return self.weight[:, : self.n_discriminants] / np.float32(self.spread)


def fit_linear_path(
    values: NDArray,
    labels: NDArray,
    latent_dim: int,
    gene_scale: NDArray | None = None,
    seed: int = 0,
    products: Products = BY_NUMPY,
) -> LinearPath:
    """Compute the linear path of training samples.

    Parameters
    ----------
    values
        Standardized expression, shape (samples, genes).
    labels
        Class of each sample from 0, -1 where it has none. Without two classes there are no discriminants,
        and the components are whitened by what covariance there is.
    latent_dim
        Width of the codes. Discriminants come first; components fill the rest.
    gene_scale
        Deviation of each gene in the units of the data, shape (genes,). Standardizing gives every gene
        the same variance, and most genes of a transcriptome are noise; this gives each its own back.
        None weighs all genes alike.
    seed
        Seed of the principal components, which are exact up to 2,000 samples or genes.
    products
        Where matrices of the size of ``values`` are multiplied.

    References
    ----------
    Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x; Rao 1948 (linear discriminants).
    Ledoit & Wolf 2004, A well-conditioned estimator for large-dimensional covariance matrices,
    doi:10.1016/S0047-259X(03)00096-4. Hatch, Kajarekar & Stolcke 2006, Within-class covariance
    normalization for SVM-based speaker recognition, doi:10.21437/Interspeech.2006-183 (WCCN).
    """
    weights = _gene_weights(gene_scale, values.shape[1])
    matrix = ScaledRows(values, weights, single=True, products=products)
    axes = principal_axes(matrix, max(_MAX_AXES, latent_dim), seed)
    scores = ScaledRows(values, weights, products=products).times(axes)  # in float64, as little variance shows rounding
    residuals, means, counts = _about_class_means(scores, np.asarray(labels))
    discriminants = _discriminants(residuals, means, counts, values.shape[1])[:, :latent_dim]
    n_discriminants = discriminants.shape[1]
    whitened = _whitening(residuals[:, : latent_dim - n_discriminants])
    first, scale = _scaled(scores, discriminants, latent_dim, n_blocks=2)
    second, _ = _scaled(scores, whitened, latent_dim, n_blocks=2 if n_discriminants else 1)
    weight = np.zeros((values.shape[1], latent_dim))
    weight[:, :n_discriminants] = axes @ first
    weight[:, n_discriminants : n_discriminants + whitened.shape[1]] = axes[:, : whitened.shape[1]] @ second
    weight *= weights[:, None]
    return LinearPath(
        weight=weight.astype(np.float32),
        bias=(-matrix.center @ weight).astype(np.float32),
        n_discriminants=n_discriminants,
        spread=scale,
    )


def shrunk_covariance(residuals: NDArray[np.float64], n_features: int) -> NDArray[np.float64]:
    """Return the covariance of centred rows, shrunk towards a multiple of the identity.

    Parameters
    ----------
    residuals
        Shape (samples, axes), mean 0 in each class: coordinates of the samples along orthonormal axes
        that hold all of their variance.
    n_features
        Dimensions of the space that the axes lie in. The estimate is that of all features, seen along
        the axes.

    Returns
    -------
    Shape (axes, axes), positive definite.

    References
    ----------
    Ledoit & Wolf 2004, doi:10.1016/S0047-259X(03)00096-4, lemma 3.3 and section 3.2.
    """
    n_samples, n_axes = residuals.shape
    covariance = residuals.T @ residuals / n_samples
    trace, squares = np.trace(covariance), (covariance**2).sum()
    if trace == 0:
        return np.eye(n_axes)
    mean_variance = trace / n_features
    dispersion = squares - n_features * mean_variance**2
    error = ((residuals**2).sum(axis=1) ** 2).mean() / n_samples - squares / n_samples
    share = min(max(error / dispersion, 0.0), 1.0) if dispersion > 0 else 1.0
    # A few samples that lie alike may give a share of 0; a little is kept so that the inverse exists.
    share = max(share, 1e-6)
    return (1 - share) * covariance + share * mean_variance * np.eye(n_axes)


def _gene_weights(gene_scale: NDArray | None, n_genes: int) -> NDArray[np.float64]:
    if gene_scale is None:
        return np.ones(n_genes)
    weights = np.asarray(gene_scale, dtype=np.float64)
    size = np.sqrt((weights**2).mean())
    return weights / size if size > 0 else np.ones(n_genes)


def _about_class_means(
    scores: NDArray[np.float64], labels: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return labelled samples less their class's mean, and mean and size of each class; of all where none has one."""
    known = labels >= 0
    rows = scores[known] if known.any() else scores
    groups = labels[known] if known.any() else np.zeros(len(scores), dtype=int)
    _, groups, counts = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.stack([rows[groups == group].mean(axis=0) for group in range(len(counts))])
    return rows - means[groups], means, counts.astype(np.float64)


def _discriminants(
    residuals: NDArray[np.float64], means: NDArray[np.float64], counts: NDArray[np.float64], n_features: int
) -> NDArray[np.float64]:
    """Return linear discriminants, shape (axes, at most classes - 1), in within-class deviations."""
    if not residuals.shape[1]:  # no sample differs from another; not every scipy solves for nothing
        return np.zeros((0, 0))
    share = counts / counts.sum()
    between = (means - share @ means) * np.sqrt(share)[:, None]
    factor = np.linalg.cholesky(shrunk_covariance(residuals, n_features))
    spread = solve_triangular(factor, between.T, lower=True)
    variance, turn = np.linalg.eigh(spread.T @ spread)
    kept = np.flatnonzero(variance > _NEGLIGIBLE**2 * variance[-1])[::-1][: len(counts) - 1]
    if not kept.size:  # the classes do not differ
        return np.zeros((len(factor), 0))
    directions = spread @ (turn[:, kept] / np.sqrt(variance[kept]))
    return solve_triangular(factor, directions, lower=True, trans="T")


def _whitening(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the map, shape (components, components), that makes the within-class covariance the identity."""
    if residuals.shape[1] == 0:
        return np.zeros((0, 0))
    variance, turn = np.linalg.eigh(shrunk_covariance(residuals, residuals.shape[1]))
    return (turn / np.sqrt(variance))[:, ::-1]


def _scaled(
    scores: NDArray[np.float64], block: NDArray[np.float64], latent_dim: int, n_blocks: int
) -> tuple[NDArray[np.float64], float]:
    """Scale a block so that the blocks have the same mean squared length, and all codes a mean square of 1."""
    square = ((scores[:, : block.shape[0]] @ block) ** 2).sum(axis=1).mean()
    factor = float(np.sqrt(latent_dim / n_blocks / square)) if square > 0 else 1.0
    return block * factor, factor
