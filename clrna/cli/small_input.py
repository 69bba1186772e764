"""Read a small file that may be a pipe, such as what a shell puts in place of ``<(...)``, without waiting for ever."""

import os
import select
import stat
import time
from pathlib import Path
from typing import Final

from clrna.errors import UsageError

_SECONDS_FOR_A_WRITER: Final = 5.0
_SECONDS_FOR_MORE: Final = 60.0
_SECONDS_BETWEEN: Final = 0.1
_AT_ONCE: Final = 1 << 16


def read_small(path: Path, most: int) -> bytes:
    """Return the first ``most`` bytes of a file, a device or a pipe.

    Raises
    ------
    UsageError
        Nobody writes to the pipe, or whoever does takes too long; or it is no pipe and has nothing to read now, as a
        terminal and the kernel's log.
    OSError
        It cannot be read.
    """
    # Opened so, a pipe without a writer does not keep us waiting here.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        kind = os.fstat(descriptor).st_mode
        is_pipe = stat.S_ISFIFO(kind)
        if not (is_pipe or stat.S_ISSOCK(kind)):
            return _read_what_is_there(descriptor, path, most)
        # The writer of a pipe in a folder may come after us; that of <(...), which has no name, was there before.
        return _read(descriptor, path, most, before_writer=is_pipe and Path(os.path.realpath(path)).exists())
    finally:
        os.close(descriptor)


def _read_what_is_there(descriptor: int, path: Path, most: int) -> bytes:
    content = b""
    try:
        while len(content) < most and (part := os.read(descriptor, min(_AT_ONCE, most - len(content)))):
            content += part
    except BlockingIOError:
        raise UsageError(f"--config {path}: is neither a file nor a pipe; write the options into a file") from None
    return content


def _read(descriptor: int, path: Path, most: int, *, before_writer: bool) -> bytes:
    content, since = b"", time.monotonic()
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    while len(content) < most:
        try:
            part = os.read(descriptor, min(_AT_ONCE, most - len(content)))
            has_writer = bool(part)
        except BlockingIOError:
            part, has_writer = b"", True
        if part:
            content, since, before_writer = content + part, time.monotonic(), False
            continue
        if not has_writer and not before_writer:
            break
        limit = _SECONDS_FOR_MORE if has_writer else _SECONDS_FOR_A_WRITER
        if time.monotonic() - since > limit:
            what = "is a pipe to which nothing comes" if has_writer else "is a pipe that nobody writes to"
            raise UsageError(f"--config {path}: {what}, waited {limit:.0f} seconds; give a file, or write to it")
        if any(event & select.POLLHUP for _, event in waiting.poll(1000 * _SECONDS_BETWEEN)):
            before_writer = False  # a writer has come and gone
    return content
