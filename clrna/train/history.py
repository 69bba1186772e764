"""The training curves as a table."""

from collections.abc import Sequence
from typing import Any

from clrna.model.settings import COST_TERMS

_MEASURES = ("cost", *COST_TERMS)
COLUMNS = (
    "epoch",
    *(f"train_{name}" for name in _MEASURES),
    *(f"valid_{name}" for name in _MEASURES),
    "valid_accuracy",
    "valid_macro_f1",
    "best",
)


def history_table(history: Sequence[dict[str, Any]]) -> str:
    """Return the rows of a training as TSV: a header, then a line an epoch; empty where not measured."""
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(_cell(row[name]) for name in COLUMNS) for row in history]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.9g}" if isinstance(value, float) else str(value)
