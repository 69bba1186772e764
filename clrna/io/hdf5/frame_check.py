"""What ``obs`` and ``var`` of a file must be before anything uses them: HDF5 can hold more than a table can."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from clrna.errors import InputError
from clrna.quoted import in_quotes

# AnnData writes its index under this name where it has no other.
RESERVED: Final = "_index"


def check_frame(frame: pd.DataFrame, name: str, path: Path) -> None:
    """Raise InputError where ``obs`` or ``var`` of the file ``path`` holds what no table does, else mend it in place.

    Mended are bytes that are text, as h5py gives strings of a fixed length, numbers of the other byte order, and names
    of rows that are numbers or categories.

    Raises
    ------
    InputError
        A column stands twice or has a reserved name, or its values are no values of a table: bytes that are no text,
        text with a null character, records of several values.
    """
    if not frame.columns.is_unique:
        double = in_quotes(frame.columns[frame.columns.duplicated()][0])
        raise InputError(f"{path}: {name} has column {double} twice; rename or remove one of the two")
    if RESERVED in frame.columns:
        fault = f"has column '{RESERVED}', which AnnData keeps for itself"
        raise InputError(f"{path}: {name} {fault}; rename or remove it")
    _plain_index(frame)
    for column in frame.columns:
        where = f"{path}: {name} column {in_quotes(column)}"
        if frame[column].dtype.kind == "V":
            raise InputError(f"{where} holds records or raw bytes ({frame[column].dtype}), no values; remove it")
        try:
            _plain_column(frame, column)
        except ValueError as error:
            raise InputError(f"{where} holds text that is not in UTF-8; write the file anew") from error
    held = {"index": frame.index, **{f"column {in_quotes(column)}": frame[column] for column in frame.columns}}
    fault = next((where for where, values in held.items() if _has_null(values)), "")
    if fault:
        raise InputError(f"{path}: {name} {fault} holds text with a null character; remove it")


def _plain_index(frame: pd.DataFrame) -> None:
    index = frame.index
    if index.dtype != object or isinstance(index, pd.MultiIndex) or not all(isinstance(name, str) for name in index):
        frame.index = pd.Index(index.astype(object).map(str), dtype=object, name=index.name)
    if index.name in frame.columns:  # AnnData writes no two columns of one name
        frame.index = frame.index.rename(None)


def _plain_column(frame: pd.DataFrame, column: Any) -> None:
    values = frame[column]
    if isinstance(values.dtype, np.dtype) and not values.dtype.isnative:
        frame[column] = values.to_numpy().astype(values.dtype.newbyteorder("="))
        return
    categorical = isinstance(values.dtype, pd.CategoricalDtype)
    held = values.cat.categories if categorical else values
    if held.dtype == object and any(issubclass(kind, bytes) for kind in set(map(type, held))):
        text = [value.decode() if isinstance(value, bytes) else value for value in held]
        frame[column] = (
            values.cat.rename_categories(text) if categorical else pd.Series(text, frame.index, dtype=object)
        )


def _has_null(values: Any) -> bool:
    """Whether a text of a column or an index holds a null character, as one of a fixed length can: no output could."""
    held = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values
    return held.dtype == object and "\0" in "".join([value for value in held if isinstance(value, str)])
