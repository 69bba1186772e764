"""A table as it lies in a file, before anybody knows where its genes are."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd


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
    """

    path: Path
    columns: list[str]
    annotations: pd.DataFrame
    values: np.ndarray
    column_annotations: pd.DataFrame = field(default_factory=pd.DataFrame)
    genes_in_rows: bool = False
