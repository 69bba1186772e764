"""The nearest reference samples of each sample, and where those of its own label stand among them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.match.samples import UNKNOWN
from clrna.metrics.neighbors import NO_NEIGHBOR, closeness_in_chunks, largest

NOT_THERE = 0


@dataclass(frozen=True)
class Found:
    """The nearest reference samples, the closest first; shape (samples, matches) where nothing else is said.

    Attributes
    ----------
    rows
        Which reference sample, -1 where fewer were left.
    similarity
        Cosine of the codes, NaN where fewer were left.
    lead
        By how much it is more similar than the most similar reference sample of any other donor; below 0 where that
        one is nearer, NaN where there is no other donor.
    first_of_label
        Rank of the nearest reference sample of the sample's own label, 0 where there is none, shape (samples,).
    """

    rows: NDArray[np.intp]
    similarity: NDArray[np.float64]
    lead: NDArray[np.float64]
    first_of_label: NDArray[np.intp]


def search(
    queries: NDArray,
    reference: NDArray,
    n_matches: int,
    *,
    query_groups: NDArray[np.intp],
    reference_groups: NDArray[np.intp],
    query_labels: NDArray[np.intp],
    reference_labels: NDArray[np.intp],
    reference_donors: NDArray[np.intp],
) -> Found:
    """Find the reference samples that each sample is most like; memory does not grow with the product of the two.

    Parameters
    ----------
    queries, reference
        Codes, shapes (samples, features) and (reference samples, features).
    n_matches
        How many to find.
    query_groups, reference_groups
        A sample is never matched with one of its own group.
    query_labels, reference_labels
        Label of each, -1 where it has none.
    reference_donors
        Donor of each; every unknown one has a number of its own.

    Returns
    -------
    Equal similarities stand in the order of the reference; for ``first_of_label`` those of other labels count as
    nearer.
    """
    kept = min(n_matches, len(reference))
    shape = (len(queries), max(kept, 1))
    found = Found(
        np.full(shape, NO_NEIGHBOR, dtype=np.intp), np.full(shape, np.nan), np.full(shape, np.nan),
        np.full(len(queries), NOT_THERE, dtype=np.intp),
    )  # fmt: skip
    for rows, closeness in closeness_in_chunks(queries, reference, "cosine"):
        closeness[query_groups[rows][:, None] == reference_groups[None, :]] = -np.inf
        order, values = largest(closeness, kept)
        there = np.isfinite(values)
        found.rows[rows, :kept] = np.where(there, order, NO_NEIGHBOR)
        found.similarity[rows, :kept] = np.where(there, values, np.nan)
        rivals = _rivals(closeness, order, values, reference_donors)
        found.lead[rows, :kept] = np.where(there & np.isfinite(rivals), values - np.where(there, rivals, 0.0), np.nan)
        found.first_of_label[rows] = _first_of_label(closeness, query_labels[rows], reference_labels)
    return found


def _rivals(
    closeness: NDArray[np.float64], order: NDArray[np.intp], values: NDArray[np.float64], donors: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return how similar the most similar sample of another donor than each match's is."""
    first = donors[order[:, :1]]
    second = np.where(donors[None, :] == first, -np.inf, closeness).max(axis=1, keepdims=True)
    return np.where(donors[order] == first, second, values[:, :1])


def _first_of_label(
    closeness: NDArray[np.float64], query_labels: NDArray[np.intp], reference_labels: NDArray[np.intp]
) -> NDArray[np.intp]:
    own = (query_labels[:, None] == reference_labels[None, :]) & (query_labels[:, None] != UNKNOWN)
    best = np.where(own, closeness, -np.inf).max(axis=1)
    before = (~own & (closeness >= best[:, None])).sum(axis=1)
    return np.where(np.isfinite(best), before + 1, NOT_THERE)
