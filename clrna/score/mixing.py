"""Scores of how well studies are mixed, and labels kept apart, around each sample."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from clrna.baselines.principal_components import pca
from clrna.metrics.bras import bras_of_samples
from clrna.metrics.class_scatter import Classes
from clrna.metrics.kbet import kbet_neighborhood, kbet_p_values
from clrna.metrics.lisi import lisi, scaled_clisi, scaled_ilisi
from clrna.metrics.pcr import pcr_comparison, variance_between_of
from clrna.plural import plural
from clrna.score.compactness import rows_and_classes
from clrna.score.estimate import Estimate, estimate, mean_of_group_means, median_statistic, nothing
from clrna.score.view import View

# Harmony's neighbourhood, made smaller for small sets.
_LISI_NEIGHBORS = 90
_FEWEST_NEIGHBORS = 3
# Below this many samples of a study kBET's test says little (its authors' advice to users).
_KBET_STUDY_SIZE = 20
_KBET_LEVEL = 0.05
PCR_COMPONENTS = 50


def bras(view: View, _target: str) -> Estimate:
    """Batch removal adapted silhouette, the mean over labels."""
    if len(view.labelled) == 0:
        return nothing(f"no sample has a {view.label_key}")
    rows = view.labelled
    values = bras_of_samples(view.embedding[rows], view.labels[rows], view.studies[rows])
    scored = np.flatnonzero(np.isfinite(values))
    if len(scored) == 0:
        return nothing(f"no {view.label_key} has two samples of one study and one of another")
    labels = view.labels[rows[scored]]
    note = f"{len(set(labels.tolist()))} of {len(set(view.labels[rows].tolist()))} values of {view.label_key}"
    return estimate(rows[scored], mean_of_group_means(values[scored], labels), note)


def lisi_score(view: View, target: str) -> Estimate:
    """Median LISI, scaled so that 1 is best: of studies (iLISI) or of labels (cLISI)."""
    rows, classes = rows_and_classes(view, target)
    names, codes = np.unique(classes.astype(str), return_inverse=True)
    what = "study" if target == "study" else view.label_key
    if len(names) < 2:
        return nothing(f"fewer than two values of {what}")
    size = min(_LISI_NEIGHBORS, len(rows) - 1)
    if size < _FEWEST_NEIGHBORS:
        return nothing(f"{len(rows)} samples are too few for a neighbourhood")
    neighbors, distances = view.nearest(rows, size)
    index = lisi(distances, neighbors, codes, size / 3)
    scaled = scaled_ilisi if target == "study" else scaled_clisi
    note = f"perplexity {size / 3:g}"
    return estimate(rows, median_statistic(np.array([scaled(value, len(names)) for value in index])), note)


def kbet(view: View, _target: str) -> Estimate:
    """Share of samples around whom the studies are mixed, tested within each label; the mean over labels."""
    parts, accepted = [], []
    for label in sorted(set(view.labels[view.labelled].tolist())):
        rows = _large_studies(view, label)
        codes = np.unique(view.studies[rows].astype(str), return_inverse=True)[1]
        if len(np.unique(codes)) < 2:
            continue
        size = kbet_neighborhood(codes)
        neighbors, _ = view.nearest(rows, size - 1)
        with_itself = np.column_stack([np.arange(len(rows)), neighbors])
        parts.append(rows)
        accepted.append(kbet_p_values(with_itself, codes) >= _KBET_LEVEL)
    if not parts:
        return nothing(f"no {view.label_key} has {_KBET_STUDY_SIZE} samples in each of two studies")
    rows = np.concatenate(parts)
    labels = view.labels[rows]
    note = f"within {len(parts)} values of {view.label_key} with {_KBET_STUDY_SIZE} samples in each of two studies"
    return estimate(rows, mean_of_group_means(np.concatenate(accepted).astype(float), labels), note)


def pcr(view: View, _target: str) -> Estimate:
    """Share by which the variance that studies explain is lower than in the expression."""
    if view.expression is None:
        return nothing(view.expression_reason or "the expression was not read")
    if len(set(view.studies.tolist())) < 2:
        return nothing("there is only one study")
    narrow = view.embedding.shape[1] <= PCR_COMPONENTS
    leading = view.embedding if narrow else pca(view.embedding, min(PCR_COMPONENTS, len(view.embedding) - 1))
    before, after = (Classes(values, view.studies.astype(str)) for values in (view.expression, leading))

    def comparison(weights: NDArray) -> float:
        return pcr_comparison(
            variance_between_of(before.weighted(weights)), variance_between_of(after.weighted(weights))
        )

    otherwise = "studies explain none of the variance of the expression, or the embedding does not vary"
    return estimate(np.arange(len(view.studies)), comparison, otherwise=otherwise)


def expression_components(
    read: Callable[[NDArray[np.intp]], NDArray | None], rows: NDArray[np.intp], seed: int
) -> tuple[NDArray | None, str]:
    """Return leading principal components of the expression, or None and the reason why there are none.

    Parameters
    ----------
    read
        Returns the expression of samples, float32 of shape (samples, genes); None where there is none.
    rows
        Samples to take.
    seed
        Seed of the solver.

    Returns
    -------
    Array of shape (rows, components) and '', or None and a reason.
    """
    values = read(rows)
    if values is None:
        return None, "the file has no X to compare with"
    broken = sum(int((~np.isfinite(row)).sum()) for row in values)
    if broken:
        what = plural(int(broken), "value that is", "values that are")
        return None, f"X holds {what} not finite; run clrna-normalize"
    if len(values) < 2:
        return None, "there is only one sample"
    return pca(values, min(PCR_COMPONENTS, len(values) - 1, values.shape[1]), seed), ""


def _large_studies(view: View, label: str) -> NDArray[np.intp]:
    """Return the samples of a label whose study has enough of them."""
    rows = np.flatnonzero(view.labels == label)
    _, codes, counts = np.unique(view.studies[rows].astype(str), return_inverse=True, return_counts=True)
    return rows[counts[codes] >= _KBET_STUDY_SIZE]
