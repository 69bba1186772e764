"""The user's own table of labels (``--label-map``)."""

from pathlib import Path

import pandas as pd

from clrna.errors import InputError
from clrna.labels.names import key_of
from clrna.labels.vocabulary import Label

COLUMNS = ("raw", "tissue", "tumor_type")
_FEW = 3


def read_label_map(path: Path) -> dict[str, Label]:
    """Read a table of raw to harmonised labels.

    Parameters
    ----------
    path
        Tab or comma separated text with the columns raw, tissue, tumor_type; a cell may be empty.

    Returns
    -------
    Labels by the key of the raw name (:func:`clrna.labels.names.key_of`).

    Raises
    ------
    InputError
        The file is missing, empty, no table, lacks a column, has a row without raw name, or says two things
        about one name.
    """
    frame = _read(path)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(
            f"{path}: --label-map needs the columns {', '.join(COLUMNS)}; "
            f"{', '.join(missing)} not found among {', '.join(map(str, frame.columns))}"
        )
    frame = frame[list(COLUMNS)].apply(lambda column: column.str.strip())
    if frame.empty:
        raise InputError(f"{path}: --label-map has no rows below its header")
    nameless = [str(row + 2) for row in frame.index[frame["raw"].map(key_of) == ""]]
    if nameless:
        raise InputError(f"{path}: --label-map has no raw name in line {', '.join(nameless[:_FEW])}")
    return _without_contradiction(frame, path)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: --label-map: no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: --label-map is not UTF-8 text; save it as tab separated text") from error
    header = text.partition("\n")[0]
    if not header.strip():
        raise InputError(f"{path}: --label-map is empty; it needs the columns {', '.join(COLUMNS)}")
    separator = "\t" if "\t" in header else ","
    try:
        return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except pd.errors.ParserError as error:
        raise InputError(f"{path}: --label-map is not a table ({str(error).strip()})") from error


def _without_contradiction(frame: pd.DataFrame, path: Path) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    for raw, tissue, tumor_type in frame.itertuples(index=False):
        label = Label(tissue, tumor_type)
        known = labels.setdefault(key_of(raw), label)
        if known != label:
            raise InputError(
                f"{path}: --label-map says two things about {raw!r}: "
                f"{known.tissue!r}/{known.tumor_type!r} and {tissue!r}/{tumor_type!r}; keep one row"
            )
    return labels
