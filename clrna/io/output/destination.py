"""Where an output goes: the file behind a link, standard output, or nowhere, with the reason.

An output takes the place of a file by being renamed to it. What is no regular file must not be replaced so: the
machine's ``/dev/null`` would be gone, and whoever reads a pipe would wait for ever.
"""

import os
import stat
from pathlib import Path
from typing import Final

_STDOUT: Final = 1
_STDOUT_NAMES: Final = frozenset({"-", "/dev/stdout", f"/dev/fd/{_STDOUT}", f"/proc/self/fd/{_STDOUT}"})
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)

_closed: set[int] = set()


def remember_closed(number: int) -> None:
    """Remember that a standard stream was closed when the process began, whatever stands in its place now."""
    _closed.add(number)


def was_closed(number: int) -> bool:
    """Whether a standard stream was closed when the process began."""
    return number in _closed


def is_standard_output(path: Path) -> bool:
    """Whether ``path`` is one of standard output's names, or the pipe or terminal that it leads to."""
    if str(path) in _STDOUT_NAMES:
        return True
    try:
        there, ours = path.stat(), os.fstat(_STDOUT)
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(ours.st_mode) and os.path.samestat(there, ours)


def is_written_through(path: Path) -> bool:
    """Whether text is written into what is there rather than in its place: standard output, a character device."""
    return is_standard_output(path) or path.is_char_device()


def behind_links(path: Path) -> Path:
    """Return the file that ``path`` stands for once every symbolic link is followed, whether or not it is there."""
    return Path(os.path.realpath(path))


def why_not(path: Path, *, text: bool) -> str:
    """Return why an output must not go to ``path``, '' where it may.

    Parameters
    ----------
    path
        As given.
    text
        Whether it is text, which can be written through.
    """
    if _STDOUT in _closed and is_standard_output(path):
        return "is standard output, which is closed; name a file"
    if text and is_written_through(path):
        return ""
    if is_standard_output(path):
        return "is standard output, which takes text only; name a file"
    if path.is_symlink() and behind_links(path).is_symlink():
        return "is a symbolic link that leads back to itself; remove it or name another file"
    if not path.exists() or path.is_file():
        return _why_not_in_folder(path)
    what = next((name for is_kind, name in _KINDS if is_kind(path.stat().st_mode)), "no regular file")
    return f"is {what}, name a file{' in it' if path.is_dir() else ''}"


def _why_not_in_folder(path: Path) -> str:
    folder = (behind_links(path) if path.is_symlink() else path).parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist, make it first"
    if not os.access(folder, os.W_OK):
        return f"the folder {folder} may not be written to"
    if path.exists() and _is_kept_by_another(path, folder):
        return f"belongs to another user, who alone may replace it in {folder}; name another file"
    return ""


def _is_kept_by_another(path: Path, folder: Path) -> bool:
    """Whether a file stands in a folder as ``/tmp``, where only its owner and the folder's may replace it."""
    about, us = folder.stat(), os.geteuid()
    return bool(about.st_mode & stat.S_ISVTX) and us not in (0, about.st_uid, path.stat().st_uid)
