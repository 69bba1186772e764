"""Calinski-Harabasz index, the variance ratio criterion."""

from numpy.typing import NDArray

from clrna.metrics.class_scatter import Classes, Scatter

_ROUNDING = 1e-10


def calinski_harabasz(embedding: NDArray, labels: NDArray) -> float:
    """Return the scatter between classes over that within, each divided by its degrees of freedom.

    Parameters
    ----------
    embedding
        Shape (samples, features).
    labels
        Class of each sample.

    Returns
    -------
    0 or more, higher is better separated; it has no upper end and depends on the number of samples and
    classes, so it compares embeddings of the same samples only. NaN with fewer than two classes, no more
    samples than classes, or no scatter within classes.

    Notes
    -----
    Calinski & Harabasz 1974, doi:10.1080/03610927408827101.
    """
    return calinski_harabasz_of(Classes(embedding, labels).weighted())


def calinski_harabasz_of(scatter: Scatter) -> float:
    """Return the index of samples that count as often as their weights say, e.g. on half of the donors."""
    n_classes, n = len(scatter.sizes), scatter.sizes.sum()
    if n_classes < 2 or n <= n_classes:
        return float("nan")
    between, within = scatter.between, scatter.within
    if within <= _ROUNDING * between:
        return float("nan")
    return (between / (n_classes - 1)) / (within / (n - n_classes))
