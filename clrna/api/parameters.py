"""Parameters of the Python functions: checks of their values as the parsers make them."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from anndata import AnnData

from clrna.errors import UsageError

# How errors call what is given in memory, where the executables have the name of a file.
ADATA: Final = Path("adata")


def check_adata(value: object, name: str = str(ADATA)) -> None:
    """Raise UsageError where AnnData is wanted and something else is given, such as the name of a file."""
    if not isinstance(value, AnnData):
        is_file = isinstance(value, str | os.PathLike)
        mend = "clrna.read makes one of a file" if is_file else "see the order of the parameters"
        raise UsageError(f"{name}: is {type(value).__name__}, not AnnData; {mend}")


def check_path(name: str, value: object) -> None:
    """Raise UsageError where the path of a file is wanted and something else is given."""
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name}: is {type(value).__name__}, not the path of a file")


def check_choice(name: str, value: object, choices: Iterable[object]) -> None:
    """Raise UsageError where a parameter has none of the values that it can have."""
    known = list(choices)
    if value not in known:
        raise UsageError(f"{name}={value!r}: is none of {', '.join(map(repr, known))}")


def check_number(name: str, value: float, low: float, high: float = float("inf"), *, whole: bool = False) -> None:
    """Raise UsageError where a parameter is no number from ``low`` to ``high``, or no whole one if ``whole``."""
    try:
        fits = low <= value <= high and (not whole or int(value) == value)
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        limits = f"from {low:g} to {high:g}" if high != float("inf") else f"of at least {low:g}"
        raise UsageError(f"{name}={value!r}: is not a {'whole ' if whole else ''}number {limits}")


def names_of(name: str, value: str | Sequence[str] | None) -> list[str]:
    """Return one name, several or none as a list."""
    if value is None:
        return []
    found = [value] if isinstance(value, str) else list(value)
    if not all(isinstance(item, str) for item in found):
        raise UsageError(f"{name}={value!r}: is not a name or a sequence of names")
    return found


def label_columns(label_key: str | Sequence[str]) -> tuple[str, list[str] | None]:
    """Return ``label_key`` and ``label_by`` of the executables: one column, and all where several make the label."""
    labels = names_of("label_key", label_key)
    return labels[0], labels if len(labels) > 1 else None


def scales_of(value: str | Mapping[str, str]) -> list[str]:
    """Return what ``input_scale`` says as the executables take it: one scale, or ``STUDY=SCALE`` for some."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [f"{study}={scale}" for study, scale in value.items()]


def recorded(**parameters: Any) -> dict[str, Any]:
    """Return parameters for the provenance record, under the names of the options that they are."""
    return {"seed" if name == "random_state" else name: value for name, value in parameters.items()}
