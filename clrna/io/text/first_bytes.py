"""The first bytes of a file, by which it is known what it is."""

import os
from pathlib import Path

from clrna.errors import InputError


def first_bytes(path: Path, most: int = 8) -> bytes:
    """Return up to ``most`` bytes from the file's beginning.

    Raises
    ------
    InputError
        It cannot be opened or read; what the system says of reading alone names no file.
    """
    try:
        # What the kernel shows as a file, such as its log, may be waited for without end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.read(descriptor, most)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); copy it to another disk, or load it anew"
        ) from error
