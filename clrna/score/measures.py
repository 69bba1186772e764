"""Every score that clrna-score gives of the samples in a view: the metric, whose classes count, what computes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clrna.errors import UsageError
from clrna.metrics.catalogue import SCORED, Metric
from clrna.score import compactness, mixing, neighbor_votes
from clrna.score.estimate import Estimate
from clrna.score.view import View

_COMPUTE: dict[str, Callable[[View, str], Estimate]] = {
    "knn_accuracy": neighbor_votes.label_accuracy,
    "knn_f1": neighbor_votes.label_f1,
    "study_predictability": neighbor_votes.study_predictability,
    "study_chance": neighbor_votes.study_chance,
    "study_from_label": neighbor_votes.study_from_label,
    "silhouette": compactness.silhouette,
    "calinski_harabasz": compactness.calinski,
    "davies_bouldin": compactness.davies,
    "bras": mixing.bras,
    "ilisi": mixing.lisi_score,
    "clisi": mixing.lisi_score,
    "kbet": mixing.kbet,
    "pcr": mixing.pcr,
}


@dataclass(frozen=True)
class Measure:
    """A cluster, mixing or neighbour score of the samples in a view."""

    metric: Metric
    target: str  # whose classes: those of the label or those of the study
    compute: Callable[[View, str], Estimate]

    @property
    def name(self) -> str:
        """Of the metric, in the table."""
        return self.metric.key

    @property
    def direction(self) -> str:
        """Which way is better."""
        return self.metric.better[self.target]


MEASURES = tuple(
    Measure(metric, target, _COMPUTE[metric.key])
    for metric in SCORED
    if not metric.is_headline
    for target in metric.better
)
NAMES = tuple(metric.key for metric in SCORED)


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
