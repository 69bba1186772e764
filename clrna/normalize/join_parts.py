"""Files that hold samples of one study each become one study before anything is computed over its samples."""

from collections.abc import Sequence

import numpy as np

from clrna.normalize.part import StudyPart
from clrna.normalize.stacking import stacked


def join_parts(parts: Sequence[StudyPart]) -> list[StudyPart]:
    """Join parts of one study whose files list the same genes, as quantifiers that write a file a sample do.

    Medians and TMM then see all of the study's samples. Parts that differ in their genes, scale or history
    stay apart.
    """
    groups: dict[tuple[object, ...], list[StudyPart]] = {}
    for part in parts:
        scale = part.found.scale.name if part.found else ""
        key = (part.study, scale, part.normalized, tuple(part.genes.index), *sorted(part.layers))
        groups.setdefault(key, []).append(part)
    return [group[0] if len(group) == 1 else _joined(group) for group in groups.values()]


def _joined(group: Sequence[StudyPart]) -> StudyPart:
    first = group[0]
    columns = [name for name in first.genes.columns if all(_has(part, first, str(name)) for part in group)]
    return StudyPart(
        study=first.study,
        path=first.path,
        rows=np.concatenate([part.rows for part in group]),
        samples=np.concatenate([part.samples for part in group]),
        values=np.concatenate([part.values for part in group]),
        genes=first.genes[columns],
        layers={name: stacked([part.layers[name] for part in group]) for name in first.layers},
        stated=first.stated,
        normalized=first.normalized,
        found=first.found,
        uns=first.uns,
        orientation=first.orientation,
    )


def _has(part: StudyPart, first: StudyPart, name: str) -> bool:
    return name in part.genes and part.genes[name].astype(object).equals(first.genes[name].astype(object))
