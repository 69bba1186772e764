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

sys.path.insert(0, str(Path(__file__).parents[1] / "tools" / "testing"))
from processes import processes_with

PATIENCE_SECONDS = 10


def main(mark: str) -> int:
    """Wait a little for what is about to end, then list and end what has not."""
    variable = f"CLRNA_CI_RUN={mark}".encode()
    until = time.monotonic() + PATIENCE_SECONDS
    while (left := processes_with(variable.__eq__)) and time.monotonic() < until:
        time.sleep(0.5)
    for process in sorted(left):
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            os.kill(process, signal.SIGKILL)
        except OSError:
            continue  # it has just ended
        print(f"left behind, and ended now: {process} {command[:200]}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
