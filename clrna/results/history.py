"""The training curves of ``clrna-train --history``, read back."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.errors import InputError
from clrna.io.text_table import read_table
from clrna.quoted import in_quotes

_PARTS = ("train", "valid")


@dataclass(frozen=True)
class History:
    """Cost terms and scores by epoch; nothing at all of a model that was computed in closed form."""

    epochs: NDArray  # shape (epochs,)
    curves: dict[str, dict[str, NDArray]]  # term -> {'train': values, 'valid': values}, NaN where not measured
    best_epoch: int | None  # whose state became the model, None where the file does not say

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
    numbers = {name: _numbers(table[name], path) for name in ("epoch", *names)}
    if not np.isfinite(numbers["epoch"]).all():
        raise InputError(f"{path}: column 'epoch' has empty cells")
    curves: dict[str, dict[str, NDArray]] = {}
    for name in names:
        part, term = name.split("_", 1)
        if np.isfinite(numbers[name]).any():
            curves.setdefault(term, {})[part] = numbers[name]
    return History(numbers["epoch"], curves, _best_epoch(table, numbers["epoch"]))


def _numbers(column: pd.Series, path: Path) -> NDArray:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    odd = column[np.isnan(values) & (column.str.strip() != "") & ~column.str.lower().isin(("nan", "none", "na"))]
    if len(odd):
        raise InputError(f"{path}: column {in_quotes(column.name)} holds {in_quotes(odd.iloc[0])}, a number is needed")
    return values


def _best_epoch(table: pd.DataFrame, epochs: NDArray) -> int | None:
    """Return the last epoch that was the best so far: its state is the one that is kept."""
    if "best" not in table:
        return None
    best = np.flatnonzero(table["best"].str.lower().isin(("true", "1")))
    return int(epochs[best[-1]]) if len(best) else None
