"""The user's own table of labels (``--label-map``)."""

import csv
from pathlib import Path

from clrna.errors import InputError
from clrna.labels.names import key_of
from clrna.labels.vocabulary import Label
from clrna.quoted import in_quotes, listed

COLUMNS = ("raw", "tissue", "tumor_type")


def read_label_map(path: Path) -> dict[str, Label]:
    """Read a table of raw to harmonised labels.

    Parameters
    ----------
    path
        Tab or comma separated text with the columns raw, tissue, tumor_type, in any order and beside others; a tissue
        or tumour type may be empty.

    Returns
    -------
    Labels by the key of the raw name (:func:`clrna.labels.names.key_of`).

    Raises
    ------
    InputError
        The file is missing, empty, no table, lacks a column, has a row without raw name, or says two things
        about one name.
    """
    header, *rows = _read(path)
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise InputError(
            f"{path}: --label-map needs the columns {', '.join(COLUMNS)}; "
            f"{', '.join(missing)} not found among {listed(header, 12)}"
        )
    labels: dict[str, Label] = {}
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise InputError(
                f"{path}: --label-map has {len(row)} columns in row {number}, but its header {len(header)}"
            )
        raw, tissue, tumor_type = (row[header.index(name)] for name in COLUMNS)
        if not key_of(raw):
            raise InputError(f"{path}: --label-map has no raw name in row {number}")
        label = Label(tissue, tumor_type)
        known = labels.setdefault(key_of(raw), label)
        if known != label:
            before, here = ("/".join(map(in_quotes, one)) for one in (known, label))
            raise InputError(
                f"{path}: --label-map says two things about {in_quotes(raw)}: {before} and {here}; keep one row"
            )
    if not labels:
        raise InputError(f"{path}: --label-map has no rows below its header")
    return labels


def _read(path: Path) -> list[list[str]]:
    """Return the cells of all lines that are not blank, the header first."""
    if not path.is_file():
        raise InputError(f"{path}: --label-map: no such file")
    try:
        lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: --label-map is not UTF-8 text; save it as tab separated text") from error
    if not lines:
        raise InputError(f"{path}: --label-map is empty; it needs the columns {', '.join(COLUMNS)}")
    separator = "\t" if "\t" in lines[0] else ","
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error as error:
        raise InputError(f"{path}: --label-map is no table ({error}); save it as tab separated text") from error
