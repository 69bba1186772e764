"""Whether inputs are still what they were when a run began: its record names the bytes that it read, and no others."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.regular import open_regular

# Seconds by which the time of a file may move by itself: file systems over a network keep whole ones, or none.
_LEAST_SECONDS: Final = 1.0

_looks: dict[Path, tuple[int, float]] = {}  # bytes, and when they were last written
_digests: dict[Path, str] = {}
_is_watching = False


@contextlib.contextmanager
def watched(paths: Iterable[Path]) -> Iterator[None]:
    """Remember, for the time of the block, how files look at its start; :func:`watch` adds those of folders.

    Raises
    ------
    InputError
        The block failed, and one of the files was changed meanwhile: what else is told of a file that is still being
        copied, or what a library says, leads astray.
    """
    global _is_watching
    _is_watching = True
    watch(paths)
    try:
        yield
    except (OSError, RuntimeError, LookupError, ValueError):
        for path in list(_looks):
            refuse_changed(path)
        raise
    finally:
        _is_watching = False
        _looks.clear()
        _digests.clear()


def watch(paths: Iterable[Path]) -> None:
    """Remember how files look that the block goes on to read, such as those of a folder; nothing outside of a block."""
    if _is_watching:
        _looks.update((path, _look_at(path)) for path in paths if path not in _looks and path.is_file())


def refuse_any_changed() -> None:
    """Raise InputError where a watched file was written to since the block began; asked before outputs appear."""
    for path in list(_looks):
        is_touched = path in _digests and path.is_file() and _look_at(path) != _looks[path]
        refuse_changed(path, digest_of(path) if is_touched else "")


def refuse_changed(path: Path, digest: str = "") -> None:
    """Raise InputError where a watched file was written to since the block began.

    Parameters
    ----------
    path
        Any file; one that is not watched may change.
    digest
        The SHA-256 of its bytes as they are now, where it is known: a file that only has another time, as where
        something touches all files of a folder, is what it was when its SHA-256 was first told.
    """
    if path not in _looks or not path.exists():  # who reads it tells that it is gone
        return
    size, written = _look_at(path)
    before = _looks[path]
    is_other = size != before[0] or abs(written - before[1]) >= _LEAST_SECONDS
    if is_other and (not digest or digest != _digests.get(path)):
        text = "was changed while it was read; start anew, and leave inputs as they are until the run has ended"
        raise InputError(f"{path}: {text}")
    if digest:
        _looks[path], _digests[path] = (size, written), digest


def _look_at(path: Path) -> tuple[int, float]:
    found = path.stat()
    return found.st_size, found.st_mtime


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal; OSError or InputError where it cannot be read."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
