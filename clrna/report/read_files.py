"""What each input file was taken for: the table of ``clrna-normalize --check``, from the provenance records."""

from collections.abc import Mapping, Sequence
from typing import Any

from clrna.normalize.found_inputs import COLUMNS, NORMALIZED_BEFORE


def read_files(records: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return one row for each study of each file, oldest first and each once.

    Files that were normalized before are left out: what they were made of has rows of its own.

    Parameters
    ----------
    records
        The provenance chain, whoever wrote it.
    """
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for record in records:
        facts = record.get("facts") if record.get("step") == "normalize" else None
        found = facts.get("found") if isinstance(facts, Mapping) else None
        for item in found if isinstance(found, list) else []:
            if isinstance(item, Mapping) and item.get("why") != NORMALIZED_BEFORE:
                row = {name: _shown(item.get(name, "")) for name in COLUMNS}
                rows.setdefault(tuple(row.values()), row)
    return list(rows.values())


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
