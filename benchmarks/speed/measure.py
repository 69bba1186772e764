"""CPU time and peak memory of one command."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes
    ----------
    seconds
        CPU time, of all threads and children, user and system. Time on the wall says as much of the neighbours.
    gigabytes
        Largest resident memory of the process.
    """

    seconds: float
    gigabytes: float


def cost_of(words: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command, with the environment of this process or another, and return its cost.

    The memory that Linux reports of a child is at least that of its parent, so whoever calls this loads no library
    and no data.

    Raises
    ------
    SystemExit
        The command failed; what it said on standard error is shown.
    """
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    said = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)}: exit status {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6)


def costs_of_two_runs(words: Sequence[str]) -> tuple[Cost, Cost]:
    """Return the costs of a run that finds no bytecode and no other cache, and of a second one after it.

    Folders for the caches of single libraries are taken out of the environment: the executables then begin without in
    each run. What the system keeps of files in memory stays.
    """
    named = ("PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR", "NUMBA_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="speed-caches-") as caches:
        environment = {name: value for name, value in os.environ.items() if name not in named}
        environment |= {"PYTHONPYCACHEPREFIX": f"{caches}/bytecode", "XDG_CACHE_HOME": f"{caches}/others"}
        return cost_of(words, environment), cost_of(words, environment)


def threads_bounded(threads: int) -> dict[str, str]:
    """Return this process's environment with that many threads for whatever library, as the executables have."""
    names = [f"{library}_NUM_THREADS" for library in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA")]
    return {**os.environ, **dict.fromkeys([*names, "POLARS_MAX_THREADS"], str(threads))}
