"""Find and end every process of a test server, also jobs that left its process groups."""

import os
import signal
import time
from pathlib import Path

WAIT_SECONDS = 10


def end_processes_of(mark: str) -> None:
    """Kill every process that has a mark, and return once none is left.

    Parameters
    ----------
    mark
        ``NAME=VALUE`` that the server's environment holds. Its jobs inherit it, also those that the local runner gives
        a group of their own; so do containers where ``APPTAINERENV_NAME`` is set too. Their children belong to them
        whatever their environment is. This process and those that it came from never do.

    Raises
    ------
    RuntimeError
        A process did not go away.
    """
    end = time.monotonic() + WAIT_SECONDS
    while left := processes_of(mark):
        if time.monotonic() > end:
            raise RuntimeError(f"processes of the server are still there: {sorted(left)}")
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.1)


def processes_of(mark: str) -> set[int]:
    """Return the ids of the processes that have a mark, and of all that came from them."""
    parents = {}
    for path in Path("/proc").iterdir():
        try:
            if path.name.isdigit() and _status(int(path.name))[0] != "Z":  # that one ended; its parent has to take note
                parents[int(path.name)] = int(_status(int(path.name))[1])
        except OSError:
            continue  # gone meanwhile
    found = {process for process in parents if _is_marked(process, mark.encode())} - _ancestors()
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _is_marked(process: int, mark: bytes) -> bool:
    try:
        return mark in (Path("/proc") / str(process) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # gone meanwhile, or another user's


def _ancestors() -> set[int]:
    found, process = {os.getpid()}, os.getpid()
    while process > 1:
        process = int(_status(process)[1])
        found.add(process)
    return found


def _status(process: int) -> list[str]:
    """Return state, parent and what follows; the name before them may hold anything."""
    return (Path("/proc") / str(process) / "stat").read_text().rpartition(") ")[2].split()
