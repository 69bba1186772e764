"""Temporary files that go with the run: a folder, those beside outputs, and what a killed run could not remove."""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from clrna.cli.stopping import stops_ignored
from clrna.errors import UsageError
from clrna.io.output import beside
from clrna.io.output.scratch import LOCK, PREFIX, held
from clrna.io.output.stop_signals import held_signals
from clrna.io.output.together import nothing_waits

# As tempfile names them. One that is empty is removed when it is old: a new one is about to be locked.
_NAME: Final = re.compile(r"clrna-[a-z0-9_]{8}")
_OLD_SECONDS: Final = 3600.0


@contextlib.contextmanager
def nothing_left_beside() -> Iterator[None]:
    """Remove at the end what the block has made beside outputs and a signal kept it from removing itself."""
    earlier = beside.noted()
    try:
        yield
    finally:
        with stops_ignored():
            nothing_waits()
            beside.remove_noted(but=earlier)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for temporary files, which all of this process goes to, and remove it at the end.

    Folders that a killed run left are removed first: those of this user and host that nobody holds any more.
    Signals that end a program do nothing while it is removed, which takes no time.

    Raises
    ------
    UsageError
        No folder takes temporary files.
    """
    _sweep(_parent())
    folder: Path | None = None
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    try:
        with held_signals():  # until it is known what to remove
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with held(folder):
            tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
            try:
                yield folder
            finally:
                with stops_ignored():
                    _remove(folder)
    finally:
        if folder is not None:
            with stops_ignored():
                _remove(folder)
        _forget(folder)
        tempfile.tempdir = before[0]
        if before[1] is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = before[1]


def _parent() -> Path:
    """Return the folder for temporary files, TMPDIR where it can be written to."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise UsageError(
            "no folder takes temporary files, neither TMPDIR nor /tmp; set TMPDIR to one that may be written to, with "
            "room, and raise the limit on the size of files (ulimit -f)"
        ) from error


def _forget(folder: Path | None) -> None:
    """Take what leads into the folder out of the environment: what runs later in this process would make it anew."""
    for name, value in list(os.environ.items()):
        if folder is not None and value.startswith(f"{folder}{os.sep}"):
            del os.environ[name]


def _remove(folder: Path) -> None:
    """Remove a folder, what tells whose it is last: a removal that is killed can then be gone on with."""
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.name != LOCK:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
        if [entry.name for entry in os.scandir(folder)] == [LOCK]:
            (folder / LOCK).unlink()
        folder.rmdir()


def _sweep(parent: Path) -> None:
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(parent)):
            if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    _remove_if_left(Path(entry.path))


def _remove_if_left(folder: Path) -> None:
    about = folder.lstat()
    if about.st_uid != os.geteuid():
        return
    old = _NAME.fullmatch(folder.name) is not None and time.time() - about.st_mtime > _OLD_SECONDS
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        if old:
            folder.rmdir()  # only where it is empty
        return
    with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        name = lock.read()
        if name == os.uname().nodename or (old and not name and [entry.name for entry in os.scandir(folder)] == [LOCK]):
            _remove(folder)
