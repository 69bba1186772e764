"""The table of what was found in the inputs: for ``--check``, the log and the provenance."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from clrna.constants import TISSUE_ALL, UNLABELLED
from clrna.normalize.part import StudyPart
from clrna.plural import plural
from clrna.quoted import listed, quoted

COLUMNS = ("file", "study", "samples", "genes", "orientation", "identifiers", "scale", "why", "lost")
# Why a file is in its scale that this step has written before.
NORMALIZED_BEFORE: Final = "normalized before"
_LOST = ("lost", "ambiguous", "no value", "no length", "not in every study")


def found_inputs(
    parts: Sequence[StudyPart], read_as: Mapping[str, str], labels: pd.DataFrame, names: pd.Index
) -> pd.DataFrame:
    """Return one row for each study of each file.

    Parameters
    ----------
    parts
        The normalized studies, their reports complete.
    read_as
        Scale of the values of each study as they were read.
    labels
        Of all samples, in the order of the merged file.
    names
        Genes that were kept.
    """
    rows = []
    for part in parts:
        unlabelled = int((labels[TISSUE_ALL].to_numpy()[part.rows] == UNLABELLED).sum())
        lost = [*_lost_genes(part), *([f"{plural(unlabelled, 'sample')} without tissue"] if unlabelled else [])]
        rows.append(
            {
                "file": part.path.name,
                "study": part.study,
                "samples": len(part.samples),
                "genes": f"{int(names.isin(part.genes.index).sum())} of {len(part.report)}",
                "orientation": part.orientation,
                "identifiers": part.identifiers,
                "scale": f"{read_as[part.study]} to {part.scale}" if read_as[part.study] != part.scale else part.scale,
                "why": part.why,
                "lost": "; ".join(lost) or "nothing",
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def as_text(table: pd.DataFrame) -> str:
    """Return the table as tab separated text, its names visible and cut, one line a row."""
    shown = table.assign(**{name: table[name].map(quoted) for name in ("file", "study")})
    return shown.to_csv(sep="\t", index=False).rstrip("\n")


def _lost_genes(part: StudyPart) -> list[str]:
    found = []
    for outcome, count in part.report["outcome"].value_counts().items():
        if str(outcome).startswith(_LOST) or str(outcome).startswith("not in"):
            examples = part.report.loc[part.report["outcome"] == outcome, "original_id"]
            found.append(f"{plural(count, 'gene')} {outcome} ({listed(examples, 3)})")
    return found
