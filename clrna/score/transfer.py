"""Cross-study transfer, the headline: whether a study's labels follow from the other studies alone.

This is the one implementation of the protocol, for ``clrna-score`` and the benchmarks alike:

- the queries are the labelled samples of one study, the reference the labelled samples of all others;
- a sample of the query's own donor is never its neighbour, or a replicate would give the answer away;
- a query counts only if another donor in another study has its class, else no method could find it, and
  where the other studies have a single class there is nothing to score;
- the class is the majority of the k nearest neighbours, the score macro-F1 over the study's classes.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.donors import own_donor_where_unknown
from clrna.metrics.macro_f1 import macro_f1
from clrna.metrics.majority_vote import majority_vote
from clrna.metrics.neighbors import nearest_neighbors


@dataclass(frozen=True)
class StudyTransfer:
    """How well the labels of one study follow from the other studies."""

    study: str
    queries: NDArray[np.intp]  # rows that were scored
    truth: NDArray  # their labels
    predicted: NDArray  # what the neighbours in other studies say
    f1: float  # macro-F1, NaN where nothing could be scored
    reason: str  # why not, '' where it could

    @property
    def n(self) -> int:
        """Number of samples behind the score."""
        return len(self.queries)


def cross_study_f1(
    embedding: NDArray,
    labels: NDArray,
    studies: NDArray,
    donors: NDArray,
    *,
    n_neighbors: int = 5,
    distance: str = "cosine",
    queries: NDArray[np.bool_] | None = None,
) -> dict[str, StudyTransfer]:
    """Predict each study's labels from the nearest neighbours in the other studies.

    Parameters
    ----------
    embedding
        Shape (samples, features), finite.
    labels
        Label of each sample, '' where it has none.
    studies
        Study of each sample.
    donors
        Donor (patient or cell line) of each sample; '' stands for a donor of its own.
    n_neighbors
        Neighbours that vote.
    distance
        ``cosine`` or ``euclidean``.
    queries
        Samples that may be asked about, shape (samples,); None for all. The reference is never narrowed.

    Returns
    -------
    One result for each study that has a query, in the order of their names.
    """
    owners = own_donor_where_unknown(donors)
    asked = np.ones(len(labels), dtype=bool) if queries is None else np.asarray(queries, dtype=bool)
    results = {}
    for study in sorted(set(studies[asked].tolist())):
        inside = studies == study
        reference = np.flatnonzero(~inside & (labels != UNLABELLED))
        wanted = np.flatnonzero(inside & asked & (labels != UNLABELLED))
        known = wanted[_answerable(labels, owners, wanted, reference)]
        reason = _why_not(study, studies, labels[reference], wanted, known)
        if reason:
            nothing = np.array([], dtype=object)
            results[study] = StudyTransfer(study, wanted[:0], nothing, nothing, float("nan"), reason)
            continue
        predicted = _vote(embedding, labels, owners, known, reference, n_neighbors, distance)
        score = macro_f1(labels[known], predicted)
        results[study] = StudyTransfer(study, known, labels[known], predicted, score, "")
    return results


def transfer_among(
    found: Mapping[str, StudyTransfer], studies: NDArray, queries: NDArray[np.bool_]
) -> dict[str, StudyTransfer]:
    """Return the same for some of the queries: a query's neighbours do not depend on the other queries.

    Parameters
    ----------
    found
        As :func:`cross_study_f1` returns it for all samples.
    studies
        Study of each sample.
    queries
        Samples that may be asked about, shape (samples,).
    """
    results = {}
    for study in sorted(set(studies[queries].tolist())):
        whole = found[study]
        kept = queries[whole.queries]
        if whole.reason:
            results[study] = whole
        elif not kept.any():
            reason = f"no sample of {study} here has a class that another donor of another study has"
            nothing = np.array([], dtype=object)
            results[study] = StudyTransfer(study, whole.queries[:0], nothing, nothing, float("nan"), reason)
        else:
            truth, predicted = whole.truth[kept], whole.predicted[kept]
            results[study] = StudyTransfer(study, whole.queries[kept], truth, predicted, macro_f1(truth, predicted), "")
    return results


def _answerable(
    labels: NDArray, owners: NDArray[np.intp], wanted: NDArray[np.intp], reference: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which of ``wanted`` share their label with another donor in ``reference``."""
    of_label = Counter(labels[reference].tolist())
    of_both: Counter[Any] = Counter(zip(labels[reference].tolist(), owners[reference].tolist(), strict=True))
    pairs = zip(labels[wanted].tolist(), owners[wanted].tolist(), strict=True)
    return np.array([of_label[label] > of_both[(label, owner)] for label, owner in pairs], dtype=bool)


def _vote(
    embedding: NDArray,
    labels: NDArray,
    owners: NDArray[np.intp],
    known: NDArray[np.intp],
    reference: NDArray[np.intp],
    n_neighbors: int,
    distance: str,
) -> NDArray:
    names, codes = np.unique(labels[reference].astype(str), return_inverse=True)
    neighbors, _ = nearest_neighbors(
        embedding[known], embedding[reference], n_neighbors, distance, owners[known], owners[reference]
    )
    return names.astype(object)[majority_vote(neighbors, codes, len(names))]


def _why_not(study: str, studies: NDArray, classes: NDArray, wanted: NDArray[np.intp], known: NDArray[np.intp]) -> str:
    if (studies == study).all():
        return "there is only one study"
    if len(wanted) == 0:
        return f"no labelled sample of {study} to ask about"
    if len(known) == 0:
        return f"no class of {study} is found in another donor of another study"
    if len(set(classes.tolist())) == 1:
        return f"the other studies have one class only, {classes[0]}, so {study} could be told nothing else"
    return ""
