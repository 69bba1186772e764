"""Scores of how compact and separate classes are, the three classical ones."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.calinski_harabasz import calinski_harabasz_of
from clrna.metrics.class_scatter import Classes, Scatter
from clrna.metrics.davies_bouldin import davies_bouldin_of
from clrna.metrics.silhouette import silhouette_widths
from clrna.score.estimate import Estimate, estimate, mean_statistic, nothing
from clrna.score.view import View


def silhouette(view: View, target: str) -> Estimate:
    """Mean silhouette width of the labels or of the studies."""
    rows, classes = rows_and_classes(view, target)
    reason = _why_not(classes, target, view)
    if reason:
        return nothing(reason)
    return estimate(rows, mean_statistic(silhouette_widths(view.embedding[rows], classes)))


def calinski(view: View, target: str) -> Estimate:
    """Calinski-Harabasz index of the labels or of the studies."""
    return _of_classes(view, target, calinski_harabasz_of)


def davies(view: View, target: str) -> Estimate:
    """Davies-Bouldin index of the labels or of the studies."""
    return _of_classes(view, target, davies_bouldin_of)


def rows_and_classes(view: View, target: str) -> tuple[NDArray[np.intp], NDArray]:
    """Return the rows that have a class, and their classes: labels or studies."""
    if target == "study":
        return np.arange(len(view.studies)), view.studies
    return view.labelled, view.labels[view.labelled]


def _of_classes(view: View, target: str, metric: Callable[[Scatter], float]) -> Estimate:
    rows, classes = rows_and_classes(view, target)
    reason = _why_not(classes, target, view)
    if reason:
        return nothing(reason)
    prepared = Classes(view.embedding[rows], classes.astype(str))
    otherwise = "the samples of each class coincide, so there is no scatter to compare with"
    return estimate(rows, lambda weights: metric(prepared.weighted(weights)), otherwise=otherwise)


def _why_not(classes: NDArray, target: str, view: View) -> str:
    names = set(classes.tolist())
    what = "study" if target == "study" else view.label_key
    if not names:
        return f"no sample has a {what}"
    if len(names) == 1:
        return f"all samples have the same {what}, {next(iter(names))}"
    if len(names) >= len(classes):
        return f"every sample has a {what} of its own"
    return ""
