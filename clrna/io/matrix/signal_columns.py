"""What scanners of arrays write beside each sample's signal: p-values of detection, numbers of beads."""

import logging
import re
from dataclasses import replace
from typing import Final

import numpy as np

from clrna.io.matrix.number_table import NumberTable
from clrna.quoted import listed

logger = logging.getLogger("clrna")

_P: Final = r"(?:p[ ._-]?val(?:ue)?s?|p)"
_DETECTION: Final = rf"detection(?:[ ._-]*(?:{_P}|score))?|(?:det|detect)[ ._-]?{_P}"
_BEADS: Final = (
    r"bead[ ._-]?std[ ._-]?(?:err|ev)|(?:avg[ ._-]?)?n?beads|avg[ ._-]?nbeads|array[ ._-]?stdev|narrays"
    r"|diff[ ._-]?score|(?:min|max)[ ._-]?signal"
)
_SIGNAL: Final = r"avg[ ._-]?signal|signal"
_BETWEEN: Final = r"[ ._:-]+"
# Affymetrix's programs put the method and the level before it: A.CEL rma-gene-full-Signal.
_OF_SUITE: Final = r"(?:[a-z]+-)?(?:rma|gcrma|plier|mas5|chipstudio)(?:-[a-z]+)*[ ._-]"
# A number at the end is what R and pandas add to names that stand several times.
_IS_DETECTION: Final = re.compile(
    rf"(?:.*{_BETWEEN})?(?:{_DETECTION})(?:[ ._-]?\d+)?|(?:{_DETECTION}){_BETWEEN}.+", re.IGNORECASE
)
_IS_BEADS: Final = re.compile(rf"(?:.*{_BETWEEN})?(?:{_BEADS})|(?:{_BEADS}){_BETWEEN}.+", re.IGNORECASE)
# Results of tests have p-values too: here each sample has one.
_IS_P_VALUE: Final = re.compile(rf"(?:.+{_BETWEEN})?p[ ._-]?val(?:ue)?s?(?:[ ._-]?\d+)?", re.IGNORECASE)
_CALLS: Final = frozenset({"P", "A", "M", "NC"})
_FEWEST_PAIRED: Final = 4
_OF_SIGNAL: Final = re.compile(
    rf"(?:(.+?){_BETWEEN}(?:{_OF_SUITE})?(?:{_SIGNAL})|(?:{_SIGNAL}){_BETWEEN}(.+))", re.IGNORECASE
)
_OF_SUITE_SIGNAL: Final = re.compile(rf".+?{_BETWEEN}{_OF_SUITE}signal", re.IGNORECASE)


def signals_alone(table: NumberTable) -> NumberTable:
    """Reduce the table of a scanner's program to the samples' signals; other tables come back as they are.

    Parameters
    ----------
    table
        As it lies in the file.

    Returns
    -------
    The same table, or one without the columns that are called as detection and hold nothing but 0 to 1, and without
    those of beads beside them; its samples are named without ``AVG_Signal``.
    """
    named = [at for at, name in enumerate(table.columns) if _IS_DETECTION.fullmatch(name)]
    paired = [at for at, name in enumerate(table.columns) if at % 2 and _IS_P_VALUE.fullmatch(name)]
    if len(table.columns) > 2 and 2 * len(paired) == len(table.columns):
        named = paired
    dropped = {at for at in named if _are_shares(table.values[:, at])} | _shares_of_samples(table)
    beads = {at for at, name in enumerate(table.columns) if _IS_BEADS.fullmatch(name)}
    signals = {at for at, name in enumerate(table.columns) if _OF_SIGNAL.fullmatch(name)}
    if signals - beads:
        dropped |= beads
    kept = [at for at in range(len(table.columns)) if at not in dropped]
    if not kept or not (dropped or _calls(table) or any(map(_OF_SUITE_SIGNAL.fullmatch, table.columns))):
        return table
    if dropped:
        logger.info(
            "%s: columns %s tell how sure signals are, and are no samples",
            table.path, listed([table.columns[at] for at in sorted(dropped)], 4),
        )  # fmt: skip
    about = table.column_annotations
    return replace(
        table,
        columns=[_sample(table.columns[at]) for at in kept],
        values=np.ascontiguousarray(table.values[:, kept]),
        column_annotations=about.iloc[kept].reset_index(drop=True) if len(about) else about,
    )


def _shares_of_samples(table: NumberTable) -> set[int]:
    """Return the columns called as the one before with the same word behind it, where they alone hold 0 to 1."""
    columns = table.columns
    second = range(1, len(columns), 2)
    if len(columns) < _FEWEST_PAIRED or len(columns) % 2:
        return set()
    words = {columns[at].removeprefix(_sample(columns[at - 1])) for at in second}
    apart = len(words) == 1 and all(columns[at] not in words for at in second) and not words.pop()[:1].isalnum()
    shares = apart and all(_are_shares(table.values[:, at]) for at in second)
    return set(second) if shares and not any(_are_shares(table.values[:, at - 1]) for at in second) else set()


def _calls(table: NumberTable) -> bool:
    """Whether columns of text say of each sample which genes are present, as Affymetrix's MAS 5.0 does."""
    texts = table.annotations
    return any(set(texts.iloc[:, at].dropna().astype(str)) <= _CALLS for at in range(1, texts.shape[1]))


def _are_shares(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return bool(known.size) and bool(known.min() >= 0) and bool(known.max() <= 1)


def _sample(name: str) -> str:
    match = _OF_SIGNAL.fullmatch(name)
    return name if match is None else match[1] or match[2]
