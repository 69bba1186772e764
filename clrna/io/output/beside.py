"""Temporary files beside outputs: each is noted before it is there, so that whatever stops the run finds it to remove.

A signal's handler raises between any two instructions, in a ``finally`` too. What is noted is therefore removed twice:
by whoever made it, and at the end of the run (:func:`remove_noted`) where a signal came in between.
"""

import contextlib
import os
import secrets
from collections.abc import Collection
from pathlib import Path

# Bytes of a name that are drawn: so many that no other file has it, and what is removed is our own.
_DRAWN = 8
_noted: set[Path] = set()


def name_in(folder: Path, prefix: str, suffix: str) -> Path:
    """Return, and note, a path in ``folder`` at which nothing lies yet; see :func:`create`."""
    return note(folder / f"{prefix}{secrets.token_hex(_DRAWN)}{suffix}")


def note(path: Path) -> Path:
    """Note a path at which a temporary file is about to be made, and return it."""
    _noted.add(path)
    return path


def is_noted(path: Path) -> bool:
    """Whether a temporary file of this process lies there, or soon will."""
    return path in _noted


def create(path: Path) -> None:
    """Make the empty file that was noted, for nobody else to read.

    Raises
    ------
    FileExistsError
        There is one already. It is somebody else's, and no longer noted.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        _noted.discard(path)
        raise


def remove(path: Path) -> None:
    """Remove a file that was noted, if it is still there, and then forget it."""
    if path in _noted:
        path.unlink(missing_ok=True)
        _noted.discard(path)


def noted() -> frozenset[Path]:
    """Return what is noted now."""
    return frozenset(_noted)


def remove_noted(but: Collection[Path] = ()) -> None:
    """Remove all that is noted and not in ``but``, as far as it can be."""
    for path in noted().difference(but):
        with contextlib.suppress(OSError):
            remove(path)
