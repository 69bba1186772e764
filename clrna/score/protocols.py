"""The headline scores, per study and as their mean over studies."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.macro_f1 import macro_f1_by_weights
from clrna.plural import enumerated
from clrna.results.score_table import WHOLE
from clrna.score.estimate import Estimate, estimate, mean_statistic, nothing
from clrna.score.retrieval import StudyRetrieval
from clrna.score.transfer import StudyTransfer


def transfer_estimates(found: Mapping[str, StudyTransfer]) -> dict[str, Estimate]:
    """Return macro-F1 of each study and, under '', its mean over those that have one."""
    single = {}
    for study, result in found.items():
        if result.reason:
            single[study] = nothing(result.reason)
            continue
        statistic = macro_f1_by_weights(result.truth.astype(str), result.predicted.astype(str))
        single[study] = estimate(result.queries, statistic, _classes(result.truth))
    return {**single, WHOLE: _mean_over_studies(single)}


def recall_estimates(found: Mapping[str, StudyRetrieval]) -> dict[str, Estimate]:
    """Return recall@1 of each study and, under '', its mean over those that have replicates."""
    return _of_ranks(found, lambda ranks: (ranks == 1).astype(float))


def mrr_estimates(found: Mapping[str, StudyRetrieval]) -> dict[str, Estimate]:
    """Return the mean reciprocal rank of each study and, under '', its mean over those that have replicates."""
    return _of_ranks(found, lambda ranks: 1.0 / ranks)


def _of_ranks(found: Mapping[str, StudyRetrieval], value) -> dict[str, Estimate]:  # type: ignore[no-untyped-def]
    single = {
        study: nothing(result.reason)
        if result.reason
        else estimate(result.queries, mean_statistic(value(result.ranks)))
        for study, result in found.items()
    }
    return {**single, WHOLE: _mean_over_studies(single)}


def _classes(truth: NDArray) -> str:
    n = len(set(truth.tolist()))
    return f"{n} class{'es' if n > 1 else ''}"


def _mean_over_studies(single: Mapping[str, Estimate]) -> Estimate:
    scored = {study: item for study, item in single.items() if item.statistic is not None}
    if not scored:
        return nothing(_why_none(single) or "there is no sample to ask about")
    ends = np.cumsum([0, *(item.n for item in scored.values())])
    parts = [(item.statistic, slice(ends[i], ends[i + 1])) for i, item in enumerate(scored.values())]

    def mean(weights: NDArray) -> float:
        values = [statistic(weights[rows]) for statistic, rows in parts if statistic is not None]
        finite = [value for value in values if np.isfinite(value)]
        return float(np.mean(finite)) if finite else float("nan")

    rows = np.concatenate([item.rows for item in scored.values()])
    return estimate(rows, mean, f"mean over {', '.join(scored)}" if len(scored) > 1 else f"{next(iter(scored))} alone")


def _why_none(single: Mapping[str, Estimate]) -> str:
    """Return why no study has a value, what holds of several studies said once."""
    of: dict[str, list[str]] = {}
    for study, item in single.items():
        before, found, after = item.reason.partition(f" {study} ")
        of.setdefault(f"{before} {{}} {after}" if found else item.reason, []).append(study)
    return "; ".join(reason.replace("{}", enumerated(studies, at_most=4)) for reason, studies in of.items())
