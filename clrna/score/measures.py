"""Every score that clrna-score gives: its name, whose classes it looks at, and which way is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clrna.errors import UsageError
from clrna.score import compactness, mixing, neighbor_votes
from clrna.score.estimate import Estimate
from clrna.score.view import View

LABEL, STUDY, NEITHER = "label", "study", ""
HIGHER, LOWER = "higher", "lower"


@dataclass(frozen=True)
class Measure:
    """A cluster, mixing or neighbour score of the samples in a view."""

    name: str
    target: str  # whose classes: those of the label or those of the study
    direction: str  # which way is better
    compute: Callable[[View, str], Estimate]


@dataclass(frozen=True)
class Protocol:
    """A headline score, computed per study against all other studies."""

    name: str
    target: str
    direction: str


TRANSFER = Protocol("transfer_f1", LABEL, HIGHER)
RECALL = Protocol("replicate_recall", NEITHER, HIGHER)
MRR = Protocol("replicate_mrr", NEITHER, HIGHER)
PROTOCOLS = (TRANSFER, RECALL, MRR)

MEASURES = (
    Measure("knn_accuracy", LABEL, HIGHER, neighbor_votes.label_accuracy),
    Measure("knn_f1", LABEL, HIGHER, neighbor_votes.label_f1),
    Measure("study_predictability", STUDY, LOWER, neighbor_votes.study_predictability),
    Measure("study_chance", STUDY, LOWER, neighbor_votes.study_chance),
    Measure("study_from_label", STUDY, LOWER, neighbor_votes.study_from_label),
    Measure("silhouette", LABEL, HIGHER, compactness.silhouette),
    Measure("silhouette", STUDY, LOWER, compactness.silhouette),
    Measure("calinski_harabasz", LABEL, HIGHER, compactness.calinski),
    Measure("calinski_harabasz", STUDY, LOWER, compactness.calinski),
    Measure("davies_bouldin", LABEL, LOWER, compactness.davies),
    Measure("davies_bouldin", STUDY, HIGHER, compactness.davies),
    Measure("bras", LABEL, HIGHER, mixing.bras),
    Measure("ilisi", STUDY, HIGHER, mixing.lisi_score),
    Measure("clisi", LABEL, HIGHER, mixing.lisi_score),
    Measure("kbet", LABEL, HIGHER, mixing.kbet),
    Measure("pcr", STUDY, HIGHER, mixing.pcr),
)
NAMES = tuple(dict.fromkeys(item.name for item in (*PROTOCOLS, *MEASURES)))


def chosen_names(wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names asked for, all if None, in the order of the table.

    Raises
    ------
    UsageError
        A name is not known.
    """
    unknown = [name for name in wanted or () if name not in NAMES]
    if unknown or wanted == []:
        raise UsageError(f"--metrics {','.join(unknown) or 'is empty'}: known are {', '.join(NAMES)}")
    return tuple(name for name in NAMES if wanted is None or name in wanted)
