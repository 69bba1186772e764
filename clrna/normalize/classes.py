"""Classes of the merged file: too small ones become unlabelled, confounded ones are named."""

import logging
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clrna.constants import UNLABELLED
from clrna.plural import plural
from clrna.quoted import listed, quoted

logger = logging.getLogger("clrna")

_SHOWN = 12


def without_small_classes(labels: Sequence[str], counted: np.ndarray, least: int) -> np.ndarray:
    """Make the samples of small classes unlabelled.

    Parameters
    ----------
    labels
        Label of each sample, '' where it has none.
    counted
        Which samples count for the size of a class (copies of others do not); shape (samples,).
    least
        Classes with fewer samples over all studies become unlabelled.

    Returns
    -------
    The labels that remain, object array.
    """
    sizes = Counter(label for label, counts in zip(labels, counted, strict=True) if counts)
    small = sorted(name for name in set(labels) - {UNLABELLED} if sizes[name] < least)
    if small:
        some = ", ".join(f"{quoted(name)} {sizes[name]}" for name in small[:_SHOWN])
        logger.warning(
            "%s with fewer than %d samples %s unlabelled: %s%s (--min-class-size; kept in the _all column)",
            plural(len(small), "class", "classes"), least, "becomes" if len(small) == 1 else "become", some,
            " ..." if len(small) > _SHOWN else "",
        )  # fmt: skip
    dropped = set(small)
    return np.array([UNLABELLED if label in dropped else label for label in labels], dtype=object)


def label_counts(studies: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """Return how many samples of each label each study has: studies in rows, in their order; '' is 'unlabelled'."""
    named = [label or "unlabelled" for label in labels]
    table = pd.crosstab(pd.Series(list(studies), name="study"), pd.Series(named, name="label"))
    return table.reindex(list(dict.fromkeys(studies)))


def confounding(studies: Sequence[str], labels: Sequence[str], what: str, *, linking: bool) -> list[str]:
    """Say which labels cannot be told from a study.

    Parameters
    ----------
    studies, labels
        Of each sample; '' is no label.
    what
        What the labels are, for the text: ``tissue`` or ``sample category``.
    linking
        Whether a study without a label in common with others is a finding of its own.

    Returns
    -------
    One sentence a finding; nothing where there is one study only.
    """
    frame = pd.DataFrame({"study": list(studies), "label": list(labels)})
    if frame["study"].nunique() < 2:
        return []
    frame = frame[frame["label"] != UNLABELLED]
    table = label_counts(frame["study"].tolist(), frame["label"].tolist()) if len(frame) else pd.DataFrame()
    found = []
    homes = (table > 0).sum(axis=0)
    alone = homes.index[homes == 1]
    if len(alone):
        named = [f"{label} ({table.index[table[label] > 0][0]})" for label in alone]
        found.append(
            f"{len(alone)} of {len(homes)} values of {what} stand in one study only, so that they and the study's "
            f"batch effect cannot be told apart: {_some(named)}"
        )
    for study in table.index if linking else ():
        labels_here = table.columns[table.loc[study] > 0]
        if len(labels_here) and set(labels_here) <= set(alone):
            found.append(f"study {quoted(study)} shares no {what} with another study: nothing links it to them")
    return found


def _some(names: Sequence[str]) -> str:
    return listed(names, _SHOWN)
