"""Replicate retrieval: whether a donor that another study measured too is found again among all its samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.donors import own_donor_where_unknown
from clrna.metrics.retrieval_rank import retrieval_rank


@dataclass(frozen=True)
class StudyRetrieval:
    """How well donors of one study are found among the samples of all other studies."""

    study: str
    queries: NDArray[np.intp]  # rows whose donor another study has too
    ranks: NDArray[np.intp]  # rank of their nearest replicate, from 1
    reason: str  # why there is none, '' where there is

    @property
    def n(self) -> int:
        """Number of samples behind the scores."""
        return len(self.queries)

    @property
    def recall(self) -> float:
        """Share of the queries whose nearest sample in other studies is their replicate; NaN without queries."""
        return float(np.mean(self.ranks == 1)) if self.n else float("nan")

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank of the nearest replicate; NaN without queries."""
        return float(np.mean(1.0 / self.ranks)) if self.n else float("nan")


def replicate_retrieval(
    embedding: NDArray,
    studies: NDArray,
    donors: NDArray,
    *,
    distance: str = "cosine",
    queries: NDArray[np.bool_] | None = None,
) -> dict[str, StudyRetrieval]:
    """Rank, for each sample, all samples of other studies, and find its own donor among them.

    Parameters
    ----------
    embedding
        Shape (samples, features), finite.
    studies
        Study of each sample.
    donors
        Donor of each sample; '' stands for a donor of its own, who has no replicate.
    distance
        ``cosine`` or ``euclidean``.
    queries
        Samples that may be asked about, shape (samples,); None for all. The candidates are never narrowed.

    Returns
    -------
    One result for each study that has a query, in the order of their names.
    """
    owners = own_donor_where_unknown(donors)
    asked = np.ones(len(studies), dtype=bool) if queries is None else np.asarray(queries, dtype=bool)
    results = {}
    for study in sorted(set(studies[asked].tolist())):
        inside = studies == study
        candidates = np.flatnonzero(~inside)
        wanted = np.flatnonzero(inside & asked & np.isin(owners, owners[candidates]))
        ranks = retrieval_rank(embedding[wanted], embedding[candidates], owners[wanted], owners[candidates], distance)
        reason = "" if len(wanted) else _why_not(study, candidates)
        results[study] = StudyRetrieval(study, wanted, ranks, reason)
    return results


def retrieval_among(
    found: Mapping[str, StudyRetrieval], studies: NDArray, queries: NDArray[np.bool_]
) -> dict[str, StudyRetrieval]:
    """Return the same for some of the queries: a query's rank does not depend on the other queries.

    Parameters
    ----------
    found
        As :func:`replicate_retrieval` returns it for all samples.
    studies
        Study of each sample.
    queries
        Samples that may be asked about, shape (samples,).
    """
    results = {}
    for study in sorted(set(studies[queries].tolist())):
        whole = found[study]
        kept = queries[whole.queries]
        reason = whole.reason or ("" if kept.any() else f"no sample of {study} here has its donor in another study")
        results[study] = StudyRetrieval(study, whole.queries[kept], whole.ranks[kept], reason)
    return results


def _why_not(study: str, candidates: NDArray[np.intp]) -> str:
    if len(candidates) == 0:
        return "there is only one study"
    return f"no donor of {study} is found in another study"
