"""Where the right answer stands in a list of samples by distance."""

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.neighbors import closeness_in_chunks

NOT_THERE = 0


def retrieval_rank(
    queries: NDArray,
    reference: NDArray,
    query_groups: NDArray,
    reference_groups: NDArray,
    distance: str = "cosine",
) -> NDArray[np.intp]:
    """Return the rank of the nearest reference sample of each query's own group.

    Samples of other groups that are equally close count as closer, so that an embedding in which all
    samples coincide finds nothing.

    Parameters
    ----------
    queries
        Shape (n queries, features).
    reference
        Shape (n reference samples, features); the queries themselves must not be among them.
    query_groups, reference_groups
        Group, e.g. donor, of each.
    distance
        ``cosine`` or ``euclidean``.

    Returns
    -------
    Rank from 1, 0 where the reference has no sample of the query's group. The mean of ``rank == 1``
    is recall@1, the mean of ``1 / rank`` the mean reciprocal rank.

    References
    ----------
    Voorhees 1999, The TREC-8 question answering track report (mean reciprocal rank).
    """
    ranks = np.full(len(queries), NOT_THERE, dtype=np.intp)
    if len(reference) == 0:
        return ranks
    for rows, closeness in closeness_in_chunks(queries, reference, distance):
        own = query_groups[rows][:, None] == reference_groups[None, :]
        best = np.where(own, closeness, -np.inf).max(axis=1)
        before = (~own & (closeness >= best[:, None])).sum(axis=1)
        ranks[rows] = np.where(own.any(axis=1), before + 1, NOT_THERE)
    return ranks
