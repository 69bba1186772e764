"""Load one file: go on where the line was cut, try again when that may help, and check before it is used."""

import errno
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from clrna.fetch.failures import DamagedError, NotContinuedError
from clrna.fetch.partial import DiskFullError, Partial
from clrna.fetch.progress import DownloadProgress
from clrna.fetch.remote_file import Checksum, digests_of
from clrna.fetch.retry import Attempts
from clrna.fetch.streams import Stream
from clrna.fetch.transfer import Transfer

logger = logging.getLogger("clrna")

# Bytes that an attempt has to bring: a server that cuts the line after each byte would else be asked for ever.
_LEAST_OF_ATTEMPT = 4096

# Opens the file from a byte on, given what tells the state of it that the bytes before belong to.
Opener = Callable[[int, str], AbstractContextManager[Stream]]


@dataclass(frozen=True)
class Expected:
    """What is known of a file beforehand: its name, and where published its size and checksums."""

    name: str
    size: int | None = None
    checksums: tuple[Checksum, ...] = ()


def download(
    opener: Opener, path: Path, expected: Expected, transfer: Transfer, progress: DownloadProgress, address: str
) -> None:
    """Load a file to ``path`` until it is whole and is what was published.

    Parameters
    ----------
    opener
        Opens the file.
    path
        Where to write; what an earlier run left there is kept where that is safe.
    expected
        What the file has to be.
    transfer
        How often and how long to try.
    progress
        Told of each piece that came.
    address
        Where it comes from, as it may be shown.

    Raises
    ------
    RemoteError
        Refused, not there, still not loaded after all attempts, or not what was published.
    DiskFullError
        What was loaded is kept.
    """
    partial = Partial(path, expected.name, expected.size, bool(expected.checksums), progress)
    partial.begin()
    for last_attempt in (False, True):
        _load(opener, partial, transfer, progress)
        fault = fault_of(path, expected)
        if not fault:
            return
        partial.drop()
        if last_attempt:
            text = "it changed at its source or on its way: try again later, or load it with a browser and use --from"
            raise DamagedError(f"{expected.name}: {fault}, twice, from {address}; {text}")
        logger.warning("%s: %s, from %s; loading it anew", expected.name, fault, address)


def _load(opener: Opener, partial: Partial, transfer: Transfer, progress: DownloadProgress) -> None:
    attempts = Attempts(transfer, progress.stopped)

    def attempt() -> None:
        furthest = partial.furthest
        try:
            with opener(partial.resumable_size(), partial.validator) as stream:
                partial.take(stream)
        except (NotContinuedError, DamagedError):
            partial.drop()
            raise
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(partial.path) from error
            raise
        finally:
            if partial.furthest >= furthest + _LEAST_OF_ATTEMPT:
                attempts.brought_something()

    attempts.run(attempt)


def fault_of(path: Path, expected: Expected) -> str:
    """Return in words why a file is not what was published, '' if it is."""
    if not path.exists():
        return "nothing was sent"
    size = path.stat().st_size
    if expected.size is not None and size != expected.size:
        return f"has {size} bytes, {expected.size} were published"
    if size == 0 and expected.size != 0:
        return "is empty (0 bytes)"
    digests = digests_of(path, {checksum.algorithm for checksum in expected.checksums})
    for checksum in expected.checksums:
        if digests[checksum.algorithm] != checksum.digest:
            return f"has {checksum.algorithm} {digests[checksum.algorithm]}, {checksum.digest} was published"
    return ""


def check_file(path: Path, expected: Expected) -> None:
    """Raise DamagedError unless a file that is here already is what was published."""
    fault = fault_of(path, expected)
    if fault:
        raise DamagedError(f"{path}: {fault}; load it anew")
