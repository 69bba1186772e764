"""Everything in closed form: from training samples to the space, the class statistics and the linear encoder."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_statistics import ClassStatistics, fit_class_statistics
from clrna.model.latent_space import LatentSpace, fit_latent_space
from clrna.model.products import BY_NUMPY, Products
from clrna.model.row_view import RowView
from clrna.train.linear_encoder import LinearEncoder, fit_linear_encoder


@dataclasses.dataclass(frozen=True)
class TransferFit:
    """What is learned in closed form.

    Attributes
    ----------
    space, statistics, encoder
        See their classes.
    coordinates
        Of the training samples, each study less its offset, shape (samples, axes).
    offsets
        Of each sample's study, shape (samples, axes).
    """

    space: LatentSpace
    statistics: ClassStatistics
    encoder: LinearEncoder
    coordinates: NDArray[np.float64]
    offsets: NDArray[np.float64]


def fit_transfer(
    scores: NDArray[np.float32] | RowView,
    studies: NDArray[np.intp],
    labels: NDArray[np.int64],
    n_classes: int,
    latent_dim: int,
    seed: int,
    share: NDArray[np.float32] | None = None,
    products: Products = BY_NUMPY,
) -> TransferFit:
    """Learn from training samples.

    Parameters
    ----------
    scores
        Expression, each sample standardized by itself, shape (samples, genes), finite.
    studies
        Number of each sample's study from 0.
    labels
        Class of each from 0, -1 where it has none; every class has a sample. Without classes all samples are
        taken for one.
    n_classes
        Number of classes; may be 0.
    latent_dim
        Width of the codes.
    seed
        Seed of the axes.
    share
        Of each study, 1 for the genes that it measured and 0 for the others, shape (studies, genes); all where not
        given. Of studies that are only known together, the share of them that measured a gene.
    products
        Where matrices of the size of ``scores`` are multiplied.
    """
    if n_classes == 0:
        labels, n_classes = np.zeros(len(scores), dtype=np.int64), 1
    _, cells = np.unique(studies * (n_classes + 1) + labels, return_inverse=True)
    measured = None if share is None else share.mean(axis=0, dtype=np.float64)
    space, coordinates = fit_latent_space(scores, cells, seed, measured, products)
    statistics = fit_class_statistics(coordinates, studies, labels, n_classes, space.noise)
    offsets = statistics.offsets[studies]
    placed = coordinates - offsets
    return TransferFit(space, statistics, fit_linear_encoder(placed, labels, n_classes, latent_dim), placed, offsets)
