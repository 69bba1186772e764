"""Folders of files: each is there whole or not at all, and one process at a time fills a folder."""

import contextlib
import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from clrna.errors import UsageError
from clrna.fetch.download import Expected, check_file
from clrna.fetch.failures import DamagedError
from clrna.fetch.remote_file import Checksum, digests_of
from clrna.io.output.no_space import is_no_space
from clrna.quoted import reason_of

logger = logging.getLogger("clrna")

_LOCK = ".lock"
_ONLY_READ = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


@dataclass(frozen=True)
class Store:
    """A folder that keeps the files of one version of one source.

    Attributes
    ----------
    folder
        Made where it is missing.
    """

    folder: Path

    def path(self, name: str) -> Path:
        """Return where a complete file lies."""
        return self.folder / name

    def partial(self, name: str) -> Path:
        """Return where a file is while it is loaded."""
        return self.folder / f"{name}.part"

    def holds(self, expected: Expected) -> bool:
        """Return whether a file is here, whole; one that is damaged is taken away."""
        path = self.path(expected.name)
        if not path.exists():
            return False
        own = self._note(expected.name)
        checksums = expected.checksums
        if own.exists():
            checksums = (*checksums, Checksum("sha256", own.read_text(encoding="utf-8", errors="replace").strip()))
        try:
            check_file(path, Expected(expected.name, expected.size, checksums))
        except DamagedError as error:
            logger.warning("%s", error)
            path.unlink()
            own.unlink(missing_ok=True)
            return False
        return True

    def complete(self, name: str, *, note: bool) -> None:
        """Give a loaded file its name; ``note`` its SHA-256 where nothing else tells a later run that it is whole."""
        partial = self.partial(name)
        if note:
            self._note(name).write_text(digests_of(partial, {"sha256"})["sha256"] + "\n", encoding="utf-8")
        partial.replace(self.path(name))
        partial.with_name(partial.name + ".state").unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self, *, offline: bool = False) -> Iterator[None]:
        """Keep other processes from filling this folder meanwhile; wait for one that does.

        Parameters
        ----------
        offline
            Whether nothing is to be loaded: a folder that may only be read will do then, and is not locked.

        Raises
        ------
        OSError
            Something stands in it that is no file, or may not be written to.
        """
        try:
            lock = self._open_lock()
        except OSError as error:
            if not offline or error.errno not in _ONLY_READ:
                raise
            yield
            return
        with lock:
            self._wait_for(lock)
            yield

    def _open_lock(self) -> IO[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        for entry in os.scandir(self.folder):
            if not entry.is_file():  # a folder cannot be replaced, a pipe is waited for
                raise FileExistsError(errno.EEXIST, "is no file", entry.path)
        return (self.folder / _LOCK).open("a")

    def _wait_for(self, lock: IO[str]) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.info("waiting for another process that fills %s", self.folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            logger.warning("%s cannot be locked (%s): let one process at a time fill it", self.folder, error)

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}.sha256"


@contextlib.contextmanager
def faults_told(cache: Path | None) -> Iterator[None]:
    """Tell what the block cannot do with a file, as with another user's, as a fault of the cache where there is one.

    Raises
    ------
    UsageError
        The cache holds what cannot be read or replaced.
    """
    try:
        yield
    except OSError as error:
        if cache is None or is_no_space(error):
            raise
        where = f"{error.filename or cache}: {reason_of(error)}"
        mend = "remove it, or name another folder"
        if not _takes_files(Path(str(error.filename or cache)).parent):
            mend = "it has to be loaded, and the cache may only be read; name one that may be written to"
        raise UsageError(f"--cache {cache}: {where}; {mend}") from error


def _takes_files(folder: Path) -> bool:
    """Whether files may be written to a folder, or to the one above it in which it would be made."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path())
    return os.access(there, os.W_OK | os.X_OK)
