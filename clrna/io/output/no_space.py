"""Tell a full disk, or another limit on what is written, from whatever a library makes of it."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

from clrna.errors import OutputError

# The number, how HDF5, safetensors and Arrow say it in the text of errors of their own, and what to do.
_LIMITS: Final = (
    (errno.ENOSPC, ("No space left on device", "errno = 28", "os error 28"),
     "No space left on device; free some, or name a folder on another disk"),
    (errno.EDQUOT, ("Disk quota exceeded", "errno = 122", "os error 122"),
     "Disk quota exceeded; free some, or name a folder on another disk"),
    (errno.EFBIG, ("File too large", "errno = 27,", "os error 27"),
     "File too large for the limit on the size of files (ulimit -f) or for its disk; raise the limit, or name a folder "
     "on another disk"),
)  # fmt: skip
_MOST_OF_CHAIN: Final = 10


def is_no_space(error: BaseException) -> bool:
    """Whether ``error``, or what it was raised from, says that there is no room left for what was written."""
    return bool(limit_of(error))


def limit_of(error: BaseException) -> str:
    """Return which limit of what may be written ``error`` is about, with the mend; '' where it is about none."""
    found: BaseException | None = error
    for _ in range(_MOST_OF_CHAIN):
        if found is None or isinstance(found, OutputError):
            return ""
        for number, said, what in _LIMITS:
            if (isinstance(found, OSError) and found.errno == number) or any(text in str(found) for text in said):
                return what
        found = found.__cause__ or found.__context__
    return ""


def no_space_for(what: object, error: BaseException) -> OutputError:
    """Return the error that names an output for which there is no room, by what ``error`` says."""
    return OutputError(f"{what}: {limit_of(error)}")


def let_go(path: Path) -> None:
    """Have whatever still writes to ``path``, which is to be removed, write to memory instead.

    The HDF5 library holds what it could not write, tries again at each object that is closed, and crashes at the end.
    """
    with contextlib.suppress(OSError, AttributeError):  # Linux alone has both
        for entry in list(os.scandir("/proc/self/fd")):
            with contextlib.suppress(OSError, ValueError):
                if str(Path(entry.path).readlink()) == str(path):
                    nowhere = os.memfd_create("no-space")
                    os.dup2(nowhere, int(entry.name), inheritable=False)
                    os.close(nowhere)


@contextlib.contextmanager
def told_once() -> Iterator[None]:
    """Keep quiet in the block about a full disk where a library's clean-up meets it again, hundreds of times."""
    told, dropped = sys.excepthook, sys.unraisablehook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not is_no_space(error):
            told(kind, error, trace)

    def tell_dropped(what: "sys.UnraisableHookArgs") -> None:
        if what.exc_value is None or not is_no_space(what.exc_value):
            dropped(what)

    sys.excepthook, sys.unraisablehook = tell, tell_dropped
    try:
        yield
    finally:
        sys.excepthook, sys.unraisablehook = told, dropped
