"""Executables as children of one process that has loaded what they need: hundreds of runs in the time of a few.

Run as a script it is that process: it reads lines of JSON, each a list of runs that begin at once, and answers with a
line of how each ended. :class:`Forking` starts it and asks.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

NAMES = ("fetch", "normalize", "train", "encode", "baseline", "score", "match", "explain", "plot")
SECONDS = 120
CACHES = ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")


@dataclass(frozen=True)
class Run:
    """One call of an executable.

    Parameters
    ----------
    words
        Its name without ``clrna-``, then its options.
    scratch
        The folder that it takes for temporary files.
    number, after
        A signal that it is sent, so many seconds after its start.
    once
        A file that the run writes: the seconds begin when it has been written, for how long a step takes is chance.
    most
        Bytes of address space beyond what the process has that it may use; all if 0.
    file_size
        Bytes that a file may have; any number if 0.
    """

    words: list[str]
    scratch: str
    number: int = 0
    after: float = 0.0
    once: str = ""
    most: int = 0
    file_size: int = 0
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How a run ended: its status, negative where a signal ended it, how long it took, and what it said."""

    status: int
    seconds: float
    said: str

    def refused(self, *parts: str) -> None:
        """Hold that it ended with one line that has all ``parts``, and a status that is neither 0 nor a crash."""
        lines = [line for line in self.said.splitlines() if ": error: " in line]
        assert 0 < self.status < 128, (self.status, self.said)
        assert len(lines) == 1, self.said
        assert "Traceback" not in self.said
        assert "unexpected" not in self.said
        for part in parts:
            assert part in lines[0], lines[0]


class Forking:
    """The process and its children; ends with the block."""

    def __init__(self, *warm: Run) -> None:
        self._warm = warm

    def __enter__(self) -> "Forking":
        self._caches = tempfile.TemporaryDirectory(prefix="forking-")
        environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
        # These libraries look once, when they are loaded, and that is before any of the runs.
        environment |= dict.fromkeys(CACHES, self._caches.name)
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._ask({"warm": [vars(run) for run in self._warm]})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(SECONDS)
        self._caches.cleanup()

    def run(self, *runs: Run) -> list[Ended]:
        """Begin all runs at once and return how they ended."""
        return [Ended(*found) for found in self._ask({"runs": [vars(run) for run in runs]})]

    def _ask(self, question: Any) -> Any:
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


def main_of(run: Run) -> int:
    os.environ.update(run.environment, TMPDIR=run.scratch)
    tempfile.tempdir = run.scratch
    try:
        return int(importlib.import_module(f"clrna.cli.{run.words[0]}").main([*run.words[1:], "--threads", "1", "-q"]))
    except SystemExit as ended:
        return int(ended.code or 0)


def begin(run: Run, said: Path) -> int:
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        for number in (0, 1, 2):
            os.dup2(os.open(said if number == 2 else os.devnull, os.O_RDWR), number)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # tqdm's lock is a semaphore that all children share: one killed while it holds it would stop all later ones.
        tqdm.set_lock(threading.RLock())
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if run.most:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + run.most, used + run.most))
        if run.file_size:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails instead
            resource.setrlimit(resource.RLIMIT_FSIZE, (run.file_size, run.file_size))
        status = main_of(run)
    finally:
        sys.stderr.flush()
        os._exit(status)


def written(path: str) -> int:
    """Return when a file was written, and -1 where there is none."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1


def answer(runs: list[Run], folder: Path) -> list[tuple[int, float, str]]:
    """Begin all runs, send each its signal in time, and wait for them."""
    files = [folder / str(number) for number in range(len(runs))]
    for path in files:
        path.write_text("")
    before = {run.once: written(run.once) for run in runs if run.once}
    started = time.monotonic()
    children = {begin(run, path): at for at, (run, path) in enumerate(zip(runs, files, strict=True))}
    to_signal = {child: run for child, run in zip(children, runs, strict=True) if run.number}
    begun = {child: None if run.once else started for child, run in to_signal.items()}
    ended: list[tuple[int, float, str]] = [(0, 0.0, "")] * len(runs)
    while children:
        now = time.monotonic() - started
        for child, run in list(to_signal.items()):
            if begun[child] is None and written(run.once) != before[run.once]:
                begun[child] = time.monotonic()
            if begun[child] is not None and begun[child] + run.after <= time.monotonic():
                del to_signal[child]
                os.kill(child, run.number)
        for child in list(children):
            done, status = os.waitpid(child, os.WNOHANG)
            if done or now > SECONDS:
                at = children.pop(child)
                to_signal.pop(child, None)
                if not done:
                    os.kill(child, signal.SIGKILL)
                    status = os.waitpid(child, 0)[1]
                said = files[at].read_text(errors="replace") + ("" if done else "took too long")
                ended[at] = os.waitstatus_to_exitcode(status), now, said
        time.sleep(0.002)
    return ended


def serve() -> None:
    """Answer until nobody asks any more."""
    with tempfile.TemporaryDirectory(prefix="forking-") as name:
        for line in sys.stdin:
            asked = json.loads(line)
            for given in asked.get("warm", []):
                with contextlib.redirect_stdout(sys.stderr):
                    assert main_of(Run(**given)) == 0, given
            print(json.dumps(answer([Run(**given) for given in asked.get("runs", [])], Path(name))), flush=True)


if __name__ == "__main__":
    serve()
