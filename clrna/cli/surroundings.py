"""What a process may be started without: open standard streams, memory and open files enough to begin."""

import contextlib
import logging
import os
import re
import resource
import stat
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from clrna.errors import UsageError
from clrna.io.output.destination import remember_closed
from clrna.quoted import in_quotes

# Numerical libraries map about so much before any data is read; with less some of them try for ever.
_MEMORY: Final = (
    (resource.RLIMIT_AS, 2 << 30, "address space", "v"),
    (resource.RLIMIT_DATA, 1 << 30, "data", "d"),
)
# Libraries, inputs, outputs and the pipes of children are open at a time; the usual limit is 1,024.
_LEAST_OPEN_FILES: Final = 64

# Libraries that start as many threads as they may have, and threads that are started whatever they may: those of
# compression and of reading. They take little room while they are counted.
_LIBRARIES: Final = 4
_OTHER_THREADS: Final = 8
_MOST_COUNTED: Final = 256
_SMALL_STACK: Final = 128 << 10
# Seconds of the processor that a stop may take, of all threads together.
_MOST_TO_TIDY_UP: Final = 5

logger = logging.getLogger("clrna")


def open_closed_streams() -> None:
    """Have standard streams that were closed (``>&-``) lead nowhere: else the next file would take their numbers."""
    for number, mode in enumerate(("r", "w", "w")):
        try:
            os.fstat(number)
        except OSError:
            remember_closed(number)
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        name = ("stdin", "stdout", "stderr")[number]
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123 - open to the end


def check_dates() -> None:
    """Raise UsageError where SOURCE_DATE_EPOCH is no date: libraries read it, and name nothing where they cannot."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is not None and not re.fullmatch(r"[0-9]{1,11}", text):
        raise UsageError(f"SOURCE_DATE_EPOCH: {in_quotes(text)} is no number of seconds since 1970; unset it")


def can_hold(folder: str) -> bool:
    """Whether a folder for caches, which the environment names, is there or can be made, and written to."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def check_folder() -> None:
    """Raise UsageError where the folder that the process runs in was removed: no relative name means anything there."""
    try:
        Path.cwd()
    except OSError as error:
        text = "the folder that this command runs in is gone or may not be looked at; change to another one (cd)"
        raise UsageError(text) from error


def check_umask() -> None:
    """Raise UsageError where the umask takes from us what we make ourselves: no temporary folder could be used."""
    mask = os.umask(0o077)
    os.umask(mask)
    if mask & stat.S_IRWXU:
        raise UsageError(f"the umask {mask:04o} takes away the rights of the owner; set another, such as umask 022")


def check_memory() -> None:
    """Raise UsageError where the shell's limits leave too little memory to load the libraries."""
    for kind, least, what, letter in _MEMORY:
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY and soft < least:
            raise UsageError(
                f"this shell allows {soft / (1 << 30):.1f} GB of {what}, {least >> 30} GB are needed to begin; "
                f"raise it with ulimit -{letter}, or ask for more memory"
            )


def leave_time_to_tidy_up() -> None:
    """Have a limit of CPU time be told some seconds early: the hard one, which ulimit -t sets, too, has no signal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY:
        return
    early = max(1, hard - min(_MOST_TO_TIDY_UP, max(1, hard // 10)))
    if soft == resource.RLIM_INFINITY or soft > early:
        resource.setrlimit(resource.RLIMIT_CPU, (early, hard))


def check_threads(threads: int) -> None:
    """Raise UsageError where limits on processes leave too few threads: libraries abort, hang or exit without them.

    Parameters
    ----------
    threads
        As many as each library takes.
    """
    count = min(_LIBRARIES * threads + _OTHER_THREADS, _MOST_COUNTED)
    stack, end, started = threading.stack_size(_SMALL_STACK), threading.Event(), list[threading.Thread]()
    try:
        for _ in range(count):
            thread = threading.Thread(target=end.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError as error:
        raise UsageError(
            f"this user or job may start {len(started)} more threads, {count} are needed to begin; raise the limit on "
            "processes (ulimit -u, or the container's or job's), or give fewer --threads"
        ) from error
    finally:
        end.set()
        for thread in started:
            thread.join()
        threading.stack_size(stack)


def check_interpreter() -> None:
    """Raise UsageError where Python leaves docstrings out, from which anndata and others make more."""
    if sys.flags.optimize > 1:
        raise UsageError("PYTHONOPTIMIZE=2 (python -OO) takes from libraries what they need; unset it, or give 1")


def check_open_files() -> None:
    """Raise UsageError where the shell's limit leaves too few files that may be open at a time."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _LEAST_OPEN_FILES:
        raise UsageError(
            f"this shell allows {soft} open files, {_LEAST_OPEN_FILES} are needed to begin; raise it with ulimit -n"
        )


@contextlib.contextmanager
def warnings_to_log() -> Iterator[None]:
    """Have what libraries warn of, or log, in the block go to the log of -v: Python would print lines of its own."""

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        logger.debug("%s: %s", category.__name__, " ".join(str(message).split()))

    before, last = warnings.showwarning, logging.lastResort
    warnings.showwarning, logging.lastResort = show, _ToDebug()
    try:
        yield
    finally:
        warnings.showwarning, logging.lastResort = before, last


class _ToDebug(logging.StreamHandler):
    """Takes what libraries log and nobody else takes, which Python would print as it is."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.debug("%s: %s", record.name, " ".join(record.getMessage().split()))
