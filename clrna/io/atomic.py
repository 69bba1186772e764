"""Outputs that appear whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that takes its place when the block ends well.

    Parameters
    ----------
    target
        File to write. A file that already stands there stays untouched until the new one is complete
        and on disk; if the block raises, the temporary file is removed and the old one stays.

    Yields
    ------
    Path of an empty file in the same folder, with the same suffixes, to be written by the caller.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix="".join(target.suffixes[-2:]), dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(_mode_of(target))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write ``text`` to ``target`` as UTF-8, whole or not at all."""
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _mode_of(target: Path) -> int:
    """Return the permissions of the file that is replaced, else what the umask gives a new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
