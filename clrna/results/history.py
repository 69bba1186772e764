"""The training curves of ``clrna-train --history``, read back."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.errors import InputError
from clrna.io.text_table import column_numbers, read_table
from clrna.metrics.catalogue import METRICS
from clrna.plural import plural

_PARTS = ("train", "valid")
_MOST_EPOCHS = 1e9


@dataclass(frozen=True)
class History:
    """Cost terms and scores by epoch; nothing at all of a model that was computed in closed form."""

    epochs: NDArray  # shape (epochs,)
    curves: dict[str, dict[str, NDArray]]  # term -> {'train': values, 'valid': values}, NaN where not measured
    best_epoch: int | None  # whose state became the model, None where the file does not say

    @property
    def varying(self) -> dict[str, dict[str, NDArray]]:
        """The curves without terms that are the same throughout, such as a cost whose weight is 0."""
        found = {term: parts for term, parts in self.curves.items() if _varies(parts)}
        return found or self.curves

    @property
    def why_kept(self) -> str:
        """One sentence on which epoch became the model and why, '' where the file does not say."""
        if self.best_epoch is None or self.closed_form:
            return ""
        kept = f"Epoch {self.best_epoch} of {int(self.epochs[-1])} is the model"
        cost = self.curves.get("cost", {}).get("valid")
        at = np.flatnonzero(self.epochs == self.best_epoch)
        if cost is None or not len(at) or not np.isfinite(cost[at[0]]):
            return f"{kept}, as the table marks it as the best."
        after = cost[at[0] + 1 :]
        later = after[np.isfinite(after)]
        why = f"{kept}, since the cost on validation samples was lowest there ({cost[at[0]]:.4g})"
        if not len(later):
            return f"{why}; it is the last that was validated."
        return f"{why}; {plural(len(later), 'later validation', 'later validations')} gave {later.min():.4g} or more."

    @property
    def closed_form(self) -> bool:
        """Whether the model was computed without epochs, so that there is nothing to draw."""
        return len(self.epochs) == 0


def read_history(path: Path) -> History:
    """Read a table with the column ``epoch`` and columns ``train_TERM`` and ``valid_TERM``.

    A header without rows is the history of a model that needed no epochs.

    Raises
    ------
    InputError
        The file is no such table, or holds something else than numbers.
    """
    table = read_table(path, required=("epoch",), mend="it should come from clrna-train --history", may_be_empty=True)
    return history_of(table, path)


def history_of(table: pd.DataFrame, path: Path) -> History:
    """Return the curves in a table whose cells are text, '' where empty; errors as of :func:`read_history`."""
    names = [name for name in table.columns if name.startswith(tuple(f"{part}_" for part in _PARTS))]
    if not names:
        raise InputError(f"{path}: has no column train_... or valid_...; is it from clrna-train --history?")
    numbers = {"epoch": _numbers(table["epoch"], path, largest=_MOST_EPOCHS)}
    numbers |= {name: _numbers(table[name], path) for name in names}
    if not np.isfinite(numbers["epoch"]).all():
        raise InputError(f"{path}: column 'epoch' has empty cells")
    curves: dict[str, dict[str, NDArray]] = {}
    for name in names:
        part, term = name.split("_", 1)
        if np.isfinite(numbers[name]).any():
            curves.setdefault(term, {})[part] = numbers[name]
    return History(numbers["epoch"], curves, _best_epoch(table, numbers["epoch"]))


def term_name(term: str) -> str:
    """Return how a cost term or score is called in figures."""
    return term.replace("_", " ").replace("f1", "F1").replace("macro F1", "macro-F1")


def is_share(term: str) -> bool:
    """Tell whether a term is a score between 0 and 1, and no cost."""
    return term in METRICS and METRICS[term].bounds == (0, 1)


def _varies(parts: dict[str, NDArray]) -> bool:
    values = np.concatenate(list(parts.values()))
    known = values[np.isfinite(values)]
    return len(known) < 2 or bool((known != known[0]).any())


def _numbers(column: pd.Series, path: Path, **limits: float) -> NDArray:
    nothing = ("", "nan", "none", "na")
    return column_numbers(column, path, mend="run clrna-train anew", nothing=nothing, **limits).to_numpy()


def _best_epoch(table: pd.DataFrame, epochs: NDArray) -> int | None:
    """Return the last epoch that was the best so far: its state is the one that is kept."""
    if "best" not in table:
        return None
    best = np.flatnonzero(table["best"].str.lower().isin(("true", "1")))
    return int(epochs[best[-1]]) if len(best) else None
