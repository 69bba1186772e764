"""One child that meets one spoilt file after the other, within limits, and is made anew when it ends.

A child for each file would spend nine tenths of the time on forking. What is not plainly read or refused is asked once
more in a child of its own, in the very way in which the executables ask, and that counts.
"""

import contextlib
import faulthandler
import os
import resource
import select
import signal
import struct
import sys
import tempfile
from pathlib import Path

from fuzz_readers import READERS, suffix_of

from clrna.errors import ClrnaError
from clrna.io.hdf5 import child, hdf5_guard
from clrna.io.hdf5.child import ChildFailedError, ask_child
from clrna.quoted import shortened

GOOD = ("read", "refused")
# Of wall time; the machine may be busy with other things.
SECONDS = 60
MORE_MEMORY = 2 << 30
FILES_OF_ONE = 500
LONGEST = 4200


def judged(name: str, content: bytes, folder: Path) -> str:
    """Return ``read``, ``refused``, or how the reader failed to do either."""
    with tempfile.NamedTemporaryFile(prefix="given", suffix=suffix_of(content), dir=folder) as file:
        file.write(content)
        file.flush()
        try:
            READERS[name].read(Path(file.name))
        except ClrnaError as error:
            text = shortened(str(error))  # as the executables say it
            return "refused" if text and "\n" not in text and len(text) < LONGEST else f"long: {text[:200]}"
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            return f"{type(error).__name__}: {str(error)[:200]}"
    return "read"


def in_own_child(name: str, content: bytes, folder: Path) -> str:
    """Return the same of a child that lives for this file alone; a crash, a loop and a flood of memory are told."""
    try:
        return ask_child(lambda: judged(name, content, folder))
    except ChildFailedError as error:
        return f"child: {error}"


class Worker:
    """A child that reads files of one kind; ends with the block."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pid = 0
        self._served = 0

    def __enter__(self) -> "Worker":
        self._scratch = tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True)
        self._folder = Path(self._scratch.name)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._scratch.cleanup()

    def outcome(self, content: bytes) -> str:
        """Return ``read``, ``refused``, or how the reader failed to do either."""
        how = self._asked(content)
        return how if how in GOOD else in_own_child(self._name, content, self._folder)

    def _asked(self, content: bytes) -> str:
        if self._served == FILES_OF_ONE:
            self._end()
        if not self._pid:
            self._begin()
        self._served += 1
        try:
            os.write(self._to, struct.pack("<q", len(content)))
            rest = content
            while rest:
                rest = rest[os.write(self._to, rest) :]
            if select.select([self._from], [], [], SECONDS)[0] and (said := os.read(self._from, 4096)):
                return said.decode(errors="replace")
        except BrokenPipeError:
            pass
        self._end()
        return "ended"

    def _begin(self) -> None:
        inner_from, self._to = os.pipe()
        self._from, inner_to = os.pipe()
        sys.stdout.flush()
        self._served = 0
        self._pid = os.fork()
        if not self._pid:
            os.close(self._to)
            os.close(self._from)
            try:
                self._serve(inner_from, inner_to)
            finally:
                os._exit(0)
        os.close(inner_from)
        os.close(inner_to)

    def _end(self) -> None:
        if self._pid:
            os.close(self._to)
            os.close(self._from)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _serve(self, given: int, told: int) -> None:
        """Read files until there are no more; the walk over an HDF5 file needs no second child in this one."""
        faulthandler.disable()
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MORE_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        hdf5_guard.ask_child = child._without_child
        with open(given, "rb") as reading:
            while head := reading.read(8):
                content = reading.read(struct.unpack("<q", head)[0])
                os.write(told, judged(self._name, content, self._folder).encode(errors="replace")[:4096])
