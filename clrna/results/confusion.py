"""True against predicted label, samples that the model never saw apart from those it did."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED

# What obs['clrna_seen'] says, in the order in which a reader should look: the honest ones first.
GROUPS = {
    "unseen": "studies and donors that the model never saw",
    "donor": "donors that the model was trained on in another study, or in this one under another name",
    "study": "in-sample: studies that the model was trained on",
    "sample": "in-sample: samples that the model was trained on",
    "": "the file does not say whether the model saw these samples",
}


@dataclass(frozen=True)
class Confusion:
    """How the samples of one group were classified."""

    group: str  # a key of GROUPS
    labels: tuple[str, ...]  # every true or predicted label, alphabetical
    counts: NDArray[np.intp]  # shape (labels, labels), true label in rows

    @property
    def n(self) -> int:
        """Samples counted."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of the samples whose predicted label is the true one."""
        return float(np.trace(self.counts)) / self.n

    @property
    def recall(self) -> NDArray:
        """Share found of each true label, NaN where there are no such samples."""
        sizes = self.counts.sum(axis=1)
        return np.divide(np.diag(self.counts), sizes, out=np.full(len(sizes), np.nan), where=sizes > 0)

    @property
    def shares(self) -> NDArray:
        """Counts as a share of their true label, 0 in rows without samples."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)


def confusions(truth: NDArray, predicted: NDArray, seen: NDArray) -> list[Confusion]:
    """Count true against predicted labels in each group of samples.

    Parameters
    ----------
    truth, predicted
        Labels, shape (samples,), '' where there is none; such samples are left out.
    seen
        Whether the model saw the sample, as ``obs['clrna_seen']`` puts it, '' where that is not known.

    Returns
    -------
    One for each group that has samples, in the order of ``GROUPS``.
    """
    usable = (truth != UNLABELLED) & (predicted != UNLABELLED)
    results = []
    for group in GROUPS:
        rows = usable & (seen == group)
        if rows.any():
            results.append(_count(group, truth[rows], predicted[rows]))
    return results


def _count(group: str, truth: NDArray, predicted: NDArray) -> Confusion:
    labels = sorted({*truth.tolist(), *predicted.tolist()})
    position = {label: index for index, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.intp)
    np.add.at(counts, ([position[label] for label in truth], [position[label] for label in predicted]), 1)
    return Confusion(group, tuple(labels), counts)
