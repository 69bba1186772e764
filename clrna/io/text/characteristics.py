"""Cells that say what they are of: ``tissue: kidney``, as GEO and SRA have them, perhaps several in one."""

import re
from typing import Final

import numpy as np
import pandas as pd

_NAMED: Final = re.compile(r"[^:]+:(?:\s|$)")
_OF_GEO: Final = re.compile(r"characteristics_ch[12]([._]\d+)?")
_OF_SRA: Final = re.compile(r"(sra[._])?sample_attributes?")


def says_what(value: str) -> bool:
    """Whether a value begins with a name of what it says, a colon and a space."""
    return _NAMED.match(value) is not None


def add_characteristics(said: dict[str, list[str]], values: list[str]) -> None:
    """Take values as ``tissue: kidney`` in under ``tissue``, where a line before may have those of other samples.

    A value may say several things, as in GEOmetadb: ``tissue: kidney;; age: 55``, also with ``;`` and a tab between.
    """
    told = [_things(value) for value in values]
    for name in sorted(set[str]().union(*told)):
        before = said.get(name, [""] * len(told))
        said[name] = [old or own.get(name, "") for old, own in zip(before, told, strict=False)]


def with_characteristics(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of samples with a column for each thing that columns of characteristics say.

    Parameters
    ----------
    frame
        A row a sample. Columns of characteristics are those that GEOquery and GEOmetadb call ``characteristics_ch1``,
        SRAdb ``sample_attribute`` (``tissue: kidney || age: 55``) and recount3 ``sra.sample_attributes``
        (``tissue;;kidney|age;;55``).

    Returns
    -------
    The table itself where there are none; else with columns of text, NaN where nothing is said. Columns that it has
    stay as they are.
    """
    said: dict[str, list[str]] = {}
    for column in frame:
        cells = frame[column].astype(object).where(frame[column].notna(), "").astype(str)
        if _OF_GEO.fullmatch(str(column)):
            add_characteristics(said, cells.tolist())
        elif _OF_SRA.fullmatch(str(column)):
            add_characteristics(said, [_as_of_geo(cell) for cell in cells])
    fresh = pd.DataFrame({key: values for key, values in said.items() if key not in frame}, frame.index, dtype=object)
    return frame if fresh.empty else frame.join(fresh.where(fresh != "", np.nan))


def _as_of_geo(attributes: str) -> str:
    parts = (part.strip() for part in attributes.split("|"))
    return ";; ".join(part.replace(";;", ": ", 1) for part in parts if part)


def _things(value: str) -> dict[str, str]:
    """Return what a value says by the names in it; what follows a semicolon without one goes on from before."""
    parts: list[list[str]] = []
    for piece in map(str.strip, value.split(";")):
        if not parts or _NAMED.match(piece):
            parts.append([piece])
        elif piece:
            parts[-1].append(piece)
    things: dict[str, str] = {}
    for part in parts:
        name, colon, text = "; ".join(part).partition(":")
        if colon:
            things.setdefault(name.strip(), text.strip())
    return things
