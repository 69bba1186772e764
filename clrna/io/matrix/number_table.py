"""A table as it lies in a file, before anybody knows where its genes are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

_DIGITS: Final = re.compile(r"\d+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")


@dataclass
class NumberTable:
    """Columns of numbers beside columns of text.

    Attributes
    ----------
    path
        Where it came from.
    columns
        Names of the columns of numbers.
    annotations
        The columns of text, shape (rows, any); the first one names the rows. Names may stand twice.
    values
        float32, shape (rows, columns); missing ones are NaN.
    column_annotations
        What the file says of the columns of numbers, one row each; may have no columns.
    genes_in_rows
        Whether the format itself says that rows are genes.
    one_sample
        Whether a quantifier wrote it, of one sample.
    named_genes
        Whether the first column of text names the genes, whatever stands in others.
    platform
        The array, as GEO names it; '' where the file does not say it.
    unit
        What the names of the samples' columns call the values; '' where they do not.
    """

    path: Path
    columns: list[str]
    annotations: pd.DataFrame
    values: np.ndarray
    column_annotations: pd.DataFrame = field(default_factory=pd.DataFrame)
    genes_in_rows: bool = False
    one_sample: bool = False
    named_genes: bool = False
    platform: str = ""
    unit: str = ""


def name_form(name: str) -> str:
    """Return the form of a column's name, letters and digits each as one: P07_T and P12_N are alike."""
    return _LETTERS.sub("a", _DIGITS.sub("0", name.strip()))


def distinct_names(names: Iterable[object]) -> pd.Index:
    """Return names of columns of which none is empty and none stands twice."""
    seen: dict[str, int] = {}
    distinct = []
    for name in (str(name) or "unnamed" for name in names):
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return pd.Index(distinct, dtype=object)
