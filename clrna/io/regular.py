"""Inputs are files: what else takes the place of one meanwhile, such as a pipe, is refused and never waited for."""

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from clrna.errors import InputError

_NO_FILE: Final = "is no file, but a folder, a pipe or a device; leave inputs where they are until the run has ended"


def refuse_no_file(path: Path) -> None:
    """Raise InputError where something else than a file stands at ``path``; to be asked before a library opens it.

    What is not there at all passes: who opens it says so.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path}: {_NO_FILE}")


@contextlib.contextmanager
def open_regular(path: Path) -> Iterator[io.FileIO]:
    """Open a file to be read, without a buffer.

    Raises
    ------
    InputError
        It is something else than a file.
    OSError
        It cannot be opened.
    """
    # Opened so, a pipe without a writer and the kernel's log do not keep us waiting here.
    with io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise InputError(f"{path}: {_NO_FILE}")
        yield file
