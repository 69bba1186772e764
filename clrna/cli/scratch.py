"""A temporary folder that goes with the run, and those that a killed run could not remove."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PREFIX: Final = "clrna-"
_LOCK: Final = ".in-use"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for temporary files, which all of this process goes to, and remove it at the end.

    Folders that a killed run left are removed first: those of this user and host that nobody holds any more.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        before = tempfile.tempdir, os.environ.get("TMPDIR")
        with (folder / _LOCK).open("w", encoding="utf-8") as lock:
            with contextlib.suppress(OSError):  # a file system without locks: such a folder is never swept
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Written once it is locked: a folder whose file is empty may be about to be.
                lock.write(os.uname().nodename)
                lock.flush()
            tempfile.tempdir = os.environ["TMPDIR"] = name
            try:
                yield folder
            finally:
                tempfile.tempdir = before[0]
                if before[1] is None:
                    os.environ.pop("TMPDIR", None)
                else:
                    os.environ["TMPDIR"] = before[1]


def _sweep(parent: Path) -> None:
    with contextlib.suppress(OSError):
        for entry in os.scandir(parent):
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    _remove_if_left(Path(entry.path))


def _remove_if_left(folder: Path) -> None:
    if folder.lstat().st_uid != os.geteuid():
        return
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock.read() == os.uname().nodename:
            shutil.rmtree(folder)
