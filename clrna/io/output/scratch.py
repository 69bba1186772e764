"""Temporary folders that say who holds them, so that those of a killed process can be told and swept."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PREFIX: Final = "clrna-"
LOCK: Final = ".in-use"


@contextlib.contextmanager
def scratch(what: str) -> Iterator[Path]:
    """Yield a temporary folder, named after ``what`` it is for, that is removed at the end.

    Where the process is killed before, the next executable that starts on this host removes it.
    """
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{what}-") as folder, held(Path(folder)):
        yield Path(folder)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold in the block a lock on a file in ``folder``, which says the host."""
    with (folder / LOCK).open("w", encoding="utf-8") as lock:
        with contextlib.suppress(OSError):  # a file system without locks: such a folder is never swept
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Written once it is locked: a folder whose file is empty may be about to be.
            lock.write(os.uname().nodename)
            lock.flush()
        yield
