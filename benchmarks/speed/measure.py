"""CPU time and peak memory of one command."""

import os
import subprocess
import sys
from collections.abc import Sequence
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


def cost_of(words: Sequence[str]) -> Cost:
    """Run a command and return its cost.

    The memory that Linux reports of a child is at least that of its parent, so whoever calls this loads no library
    and no data.

    Raises
    ------
    SystemExit
        The command failed; what it said on standard error is shown.
    """
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)}: exit status {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6)
