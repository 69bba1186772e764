"""Which of its outputs a run that is stopped has replaced by then."""

from collections.abc import Iterable
from pathlib import Path

from clrna.io.output.destination import is_written_through


class Outputs:
    """Files as they stand before a run.

    Parameters
    ----------
    paths
        What it is to write; devices and standard output, which are written through, do not count.
    """

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._before = {path: _look(path) for path in paths if not is_written_through(path)}

    def told(self) -> str:
        """Return what to say of them now."""
        replaced = [str(path) for path, look in self._before.items() if _look(path) != look]
        return f"written by then: {', '.join(replaced)}" if replaced else "no output was replaced"


def _look(path: Path) -> tuple[int, ...]:
    """Return what changes where another file takes the place of one, nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
