"""The first bytes of a file, by which it is known what it is."""

import os
from pathlib import Path

from clrna.errors import InputError
from clrna.io.regular import open_regular
from clrna.quoted import reason_of


def first_bytes(path: Path, most: int = 8) -> bytes:
    """Return up to ``most`` bytes from the file's beginning.

    Raises
    ------
    InputError
        It is no file, or cannot be opened or read; what the system says of reading alone names no file.
    """
    try:
        with open_regular(path) as file:
            return os.read(file.fileno(), most)  # which fails where it would have to wait
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({reason_of(error)}); copy it to another disk, or load it anew"
        ) from error
