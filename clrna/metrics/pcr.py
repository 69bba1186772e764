"""Principal component regression (PCR): how much of the variance is between studies."""

from numpy.typing import NDArray

from clrna.metrics.class_scatter import Classes, Scatter


def variance_between(scores: NDArray, studies: NDArray) -> float:
    """Return the share of the variance that the studies explain.

    Regressing each principal component on the study and averaging the R squared, weighted by the
    components' variance, is the scatter between study means over the total scatter, whatever rotation the
    scores are in; so it is computed as that.

    Parameters
    ----------
    scores
        Principal components, or any rotation of them, shape (samples, components).
    studies
        Study of each sample.

    Returns
    -------
    From 0 to 1; NaN where nothing varies.

    Notes
    -----
    Buettner et al. 2019, doi:10.1038/s41592-018-0254-1.
    """
    return variance_between_of(Classes(scores, studies).weighted())


def variance_between_of(scatter: Scatter) -> float:
    """Return the share for samples that count as often as their weights say, e.g. on half of the donors."""
    between = scatter.between
    total = between + scatter.within
    return between / total if total > 0 else float("nan")


def pcr_comparison(before: float, after: float) -> float:
    """Return by what share an embedding lowers the variance that the studies explain.

    Parameters
    ----------
    before
        Share that the studies explain of the expression's leading principal components.
    after
        Share that they explain of the embedding's.

    Returns
    -------
    ``(before - after) / before``, at least 0 as in scib (0 also where it got worse); 1 is best. NaN where
    the studies explain nothing before.

    Notes
    -----
    Luecken et al. 2022, doi:10.1038/s41592-021-01336-8.
    """
    return max(0.0, (before - after) / before) if before > 0 else float("nan")
