"""What the reference's own samples find in each other's studies: the measure of what a similarity says."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from clrna.match.samples import UNKNOWN
from clrna.metrics.neighbors import closeness_in_chunks


@dataclass(frozen=True)
class AcrossStudies:
    """The nearest samples of other studies, by what they share with a sample; each of shape (samples,).

    -inf stands where there is no such sample. Samples of one study do not count: they share its batch.

    Attributes
    ----------
    replicate, replicate_lead
        Similarity of the nearest sample of the same donor, and by how much that exceeds ``stranger``.
    stranger, stranger_lead
        Similarity of the nearest sample of another donor, and by how much that exceeds the nearest of a third donor:
        what is found where the replicate is not there.
    same_label, other_label
        Similarity of the nearest samples of another donor with the same label and with another one.
    """

    replicate: NDArray[np.float64]
    replicate_lead: NDArray[np.float64]
    stranger: NDArray[np.float64]
    stranger_lead: NDArray[np.float64]
    same_label: NDArray[np.float64]
    other_label: NDArray[np.float64]

    def of_rows(self, rows: NDArray) -> Self:
        """Return the same for some of the samples, by number or by truth."""
        return replace(self, **{name: values[rows] for name, values in vars(self).items()})


def nearest_across_studies(
    codes: NDArray,
    studies: NDArray[np.intp],
    donors: NDArray[np.intp],
    labels: NDArray[np.intp],
    asked: NDArray[np.intp],
    candidates: NDArray[np.intp],
) -> AcrossStudies:
    """Have reference samples search each other's studies.

    Parameters
    ----------
    codes
        Shape (reference samples, features).
    studies, donors, labels
        Of each; -1 for an unknown label, every unknown donor has a number of its own.
    asked, candidates
        Rows that search, and rows that are searched.
    """
    found = {name: np.full(len(asked), -np.inf) for name in AcrossStudies.__dataclass_fields__}
    known = labels[candidates] != UNKNOWN
    for rows, closeness in closeness_in_chunks(codes[asked], codes[candidates], "cosine"):
        mine = asked[rows]
        closeness[studies[mine][:, None] == studies[candidates][None, :]] = -np.inf
        replicate = donors[mine][:, None] == donors[candidates][None, :]
        others = np.where(replicate, -np.inf, closeness)
        labelled = known[None, :] & (labels[mine] != UNKNOWN)[:, None]
        same = labels[mine][:, None] == labels[candidates][None, :]
        stranger = others.max(axis=1)
        third = donors[candidates][None, :] == donors[candidates][others.argmax(axis=1)][:, None]
        found["replicate"][rows] = np.where(replicate, closeness, -np.inf).max(axis=1)
        found["stranger"][rows] = stranger
        found["replicate_lead"][rows] = _difference(found["replicate"][rows], stranger)
        found["stranger_lead"][rows] = _difference(stranger, np.where(third, -np.inf, others).max(axis=1))
        found["same_label"][rows] = np.where(labelled & same, others, -np.inf).max(axis=1)
        found["other_label"][rows] = np.where(labelled & ~same, others, -np.inf).max(axis=1)
    return AcrossStudies(**found)


def _difference(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    both = np.isfinite(one) & np.isfinite(two)
    return np.where(both, np.where(both, one, 0.0) - np.where(both, two, 0.0), -np.inf)
