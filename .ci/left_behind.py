"""List the processes that a run of the checks left behind, and end them.

usage: left_behind.py MARK

Every process that .ci/run starts has MARK in its environment as CLRNA_CI_RUN. This one and those that it descends from
do not count. Exit status 1 where there was any other.
"""

import os
import signal
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 10


def marked(mark: str) -> dict[int, str]:
    """Return the command line of each process that carries the mark, but for this one and those above it."""
    above, pid = set(), os.getpid()
    while pid > 1:
        above.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it has just ended
            continue
        if f"CLRNA_CI_RUN={mark}".encode() in environment and int(folder.name) not in above and command:
            found[int(folder.name)] = command
    return found


def main(mark: str) -> int:
    """Wait a little for what is about to end, then list and end what has not."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.5)
    for pid, command in left.items():
        print(f"left behind, and ended now: {pid} {command[:200]}")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
