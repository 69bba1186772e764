"""What the data are: samples by study and label, and which labels cannot be told from a study."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from clrna.constants import COPY_OF, SAMPLE_CATEGORY, SCALE, SCALES, UNLABELLED
from clrna.io.contract import text_column
from clrna.plot.palette import Style, styles_of
from clrna.results.samples import DrawnSamples

_SEEN = {"study": "trained on", "unseen": "never seen", "donor": "donors seen", "sample": "trained on"}


@dataclass(frozen=True)
class StudyFacts:
    """One study: its size and what the file says of it."""

    name: str
    color: str
    marker: str
    n: int
    unlabelled: int
    categories: str
    scale: str
    seen: str
    copy_of: str


@dataclass(frozen=True)
class LabelRow:
    """One label: its samples in each study; ``shades`` run from 0 to 1."""

    name: str
    color: str
    marker: str
    counts: list[int]
    shades: list[float]
    total: int
    confined_to: str  # the one study that has it, '' where several do


@dataclass(frozen=True)
class StudyTable:
    """The table of study x label."""

    studies: list[StudyFacts]
    rows: list[LabelRow]
    confined: int  # labelled samples whose label a single study has

    @property
    def labels(self) -> int:
        """Number of labels, without the unlabelled row."""
        return len([row for row in self.rows if row.name != UNLABELLED])


def label_by_study(
    samples: DrawnSamples, seen: NDArray | None, known_as: Mapping[str, str] = MappingProxyType({})
) -> StudyTable:
    """Count the samples of each label in each study.

    Parameters
    ----------
    samples
        All samples.
    seen
        What the model saw of each, as ``obs['clrna_seen']`` puts it; None where the file does not say.
    known_as
        Studies that the model holds under another name, and which.
    """
    names = sorted(set(samples.studies))
    tally = Counter(zip(samples.labels, samples.studies, strict=True))
    totals = Counter(samples.labels)
    labels = sorted(totals, key=lambda label: (label == UNLABELLED, -totals[label], label))
    largest = max(tally.values())
    styles = styles_of(labels)
    rows = [_row(label, names, tally, largest, styles[label]) for label in labels]
    confined = sum(row.total for row in rows if row.confined_to)
    facts = [_facts(samples, name, seen, names, known_as.get(name, "")) for name in names]
    return StudyTable(facts, rows, confined)


def _row(label: str, names: list[str], tally: Counter, largest: int, style: Style) -> LabelRow:
    counts = [tally[label, name] for name in names]
    having = [name for name, count in zip(names, counts, strict=True) if count]
    alone = having[0] if len(having) == 1 and len(names) > 1 and label != UNLABELLED else ""
    # The square root keeps small groups visible beside large ones.
    shades = [round(float(np.sqrt(n / largest)), 3) for n in counts]
    return LabelRow(label, style.color, style.marker, counts, shades, sum(counts), alone)


def _facts(samples: DrawnSamples, name: str, seen: NDArray | None, names: list[str], known_as: str) -> StudyFacts:
    inside = samples.studies == name
    words = Counter(seen[inside]) if seen is not None else Counter()
    of_seen = [f"{_SEEN[word]} ({words[word]:,})" if len(words) > 1 else _SEEN[word] for word in _SEEN if words[word]]
    scale = _column(samples, SCALE, inside)
    style = styles_of(names, spread=True)[name]
    return StudyFacts(
        name=name,
        color=style.color,
        marker=style.marker,
        n=int(inside.sum()),
        unlabelled=int((samples.labels[inside] == UNLABELLED).sum()),
        categories=", ".join(_column(samples, SAMPLE_CATEGORY, inside)).replace("_", " "),
        scale=", ".join(SCALES.get(word, word) for word in scale),
        seen=f"trained on, as {known_as}" if known_as else ", ".join(of_seen),
        copy_of=", ".join(_column(samples, COPY_OF, inside)),
    )


def _column(samples: DrawnSamples, name: str, inside: NDArray) -> list[str]:
    """Return the distinct values of an ``obs`` column in one study, nothing where there is no such column."""
    if name not in samples.adata.obs:
        return []
    return sorted(set(text_column(samples.adata.obs[name])[inside]) - {""})
