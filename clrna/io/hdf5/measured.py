"""What a merged file says of the genes that its studies did not measure."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import MEASURED_IN
from clrna.errors import InputError
from clrna.quoted import in_quotes


def measured_by_study(var: pd.DataFrame, path: Path) -> dict[str, NDArray[np.bool_]]:
    """Return which genes the studies measured, by the study's name; studies without such a column have all.

    Parameters
    ----------
    var
        Its ``measured_in_STUDY`` columns are read.
    path
        Of the file, for the error.

    Returns
    -------
    Shape (genes,) each.

    Raises
    ------
    InputError
        Such a column holds anything but true and false.
    """
    found = {}
    for column in var.columns[var.columns.astype(str).str.startswith(MEASURED_IN)]:
        values = var[column]
        if not pd.api.types.is_bool_dtype(values) or values.isna().any():
            raise InputError(
                f"{path}: var[{in_quotes(column)}] has to say true or false of each gene; mend it, or make the file "
                "anew with clrna-normalize"
            )
        found[str(column).removeprefix(MEASURED_IN)] = values.to_numpy(dtype=bool)
    return found


def measured_by_all(var: pd.DataFrame, studies: Iterable[str], path: Path) -> NDArray[np.bool_]:
    """Return which genes each of some studies measured, shape (genes,).

    Parameters
    ----------
    var, path
        As for :func:`measured_by_study`.
    studies
        Names of the studies that count.

    Raises
    ------
    InputError
        There is no such gene.
    """
    by_study = measured_by_study(var, path)
    shared = np.ones(len(var), dtype=bool)
    for study in set(studies) & set(by_study):
        shared &= by_study[study]
    if len(var) and not shared.any():
        raise InputError(f"{path}: no gene was measured by all of its studies; merge fewer of them")
    return shared
