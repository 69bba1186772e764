"""Find and end every process of a test server, also jobs that left its process groups."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

WAIT_SECONDS = 10


def end_processes_of(work: Path) -> None:
    """Kill every process whose HOME lies in a server's folder, with all that came from it, until none is left.

    The server has its HOME there, and Galaxy gives each job one there too, also inside a container: little else of an
    environment reaches a job, and the local runner gives each a group of its own. This process and those that it came
    from are left alone.

    Parameters
    ----------
    work
        Folder of the server's files.

    Raises
    ------
    RuntimeError
        A process did not go away.
    """
    end = time.monotonic() + WAIT_SECONDS
    while left := processes_of(work):
        if time.monotonic() > end:
            raise RuntimeError(f"processes of the server are still there: {sorted(left)}")
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.1)


def processes_of(work: Path) -> set[int]:
    """Return the ids of the processes whose HOME lies in a folder, and of all that came from them."""
    return processes_with(lambda variable: variable.startswith(f"HOME={work}/".encode()))


def processes_with(is_meant: Callable[[bytes], bool]) -> set[int]:
    """Return the ids of the processes with a variable (``NAME=VALUE``) that is meant, and of all that came from them.

    This process and those that it came from are left out.
    """
    parents = {}
    for path in Path("/proc").iterdir():
        try:
            if path.name.isdigit() and _status(int(path.name))[0] != "Z":  # that one ended; its parent has to take note
                parents[int(path.name)] = int(_status(int(path.name))[1])
        except OSError:
            continue  # gone meanwhile
    found = {process for process in parents if any(map(is_meant, _environment(process)))} - _ancestors()
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _environment(process: int) -> list[bytes]:
    try:
        return (Path("/proc") / str(process) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # gone meanwhile, or another user's


def _ancestors() -> set[int]:
    found, process = {os.getpid()}, os.getpid()
    while process > 1:
        process = int(_status(process)[1])
        found.add(process)
    return found


def _status(process: int) -> list[str]:
    """Return state, parent and what follows; the name before them may hold anything."""
    return (Path("/proc") / str(process) / "stat").read_text().rpartition(") ")[2].split()
