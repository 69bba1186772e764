"""Outputs that appear whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from clrna.errors import UsageError
from clrna.io.output import beside
from clrna.io.output.destination import behind_links, is_standard_output, is_written_through, why_not
from clrna.io.output.no_space import is_no_space, let_go, no_space_for
from clrna.io.output.standard_output import say
from clrna.io.output.together import wait_for_others
from clrna.io.unchanged import refuse_any_changed
from clrna.quoted import reason_of

# Names may have 255 bytes, and the temporary file's is the longer one.
_MOST_OF_NAME: Final = 40
# What making a file fails with where a folder takes none, though its permissions allow it.
_TAKES_NONE: Final = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EINVAL, errno.ENOTSUP})
# Letters that are written at once.
_PIECE: Final = 1 << 20


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that takes its place when the block ends well.

    Parameters
    ----------
    target
        File to write. A file that already stands there stays untouched until the new one is complete
        and on disk; if the block raises, the temporary file is removed and the old one stays. Where it is a
        symbolic link, the link stays and the file that it leads to is replaced.

    Yields
    ------
    Path of an empty file in the same folder, with the same suffixes, to be written by the caller.

    Raises
    ------
    UsageError
        Something stands there that is no regular file, or its folder is not there or may not be written to.
    OutputError
        There is no space left for it.
    InputError
        An input was changed meanwhile.

    Notes
    -----
    Within :func:`clrna.io.output.together.together` it takes its place when that ends.
    """
    real = _replaceable(target)
    waits = False
    temporary = beside.name_in(real.parent, _prefix_for(target), _suffix_for(target))
    try:
        _create(temporary, target)
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(_mode_of(real))
        # What another block still writes to is no output yet, and never waits.
        waits = not beside.is_noted(real) and wait_for_others(
            lambda: temporary.replace(_replaceable(target)), real, temporary
        )
        if not waits:
            refuse_any_changed()
            temporary.replace(_replaceable(target))
    except Exception as error:
        if is_no_space(error):
            let_go(temporary)
            raise no_space_for(target, error) from error
        raise
    finally:
        if not waits:
            beside.remove(temporary)


def write_text(target: Path, text: str) -> None:
    """Write ``text`` to ``target`` as UTF-8, whole or not at all; to standard output and devices as it is."""
    if is_written_through(target):
        if not wait_for_others(lambda: _write_through(target, text)):
            refuse_any_changed()
            _write_through(target, text)
    else:
        with replacing(target) as temporary:
            temporary.write_text(text, encoding="utf-8")


def write_parts(target: Path, parts: Iterable[str]) -> None:
    """Write what :func:`write_text` writes, without ever holding all of it."""
    if not is_written_through(target):
        with replacing(target) as temporary, temporary.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        return
    with tempfile.TemporaryFile("w+", encoding="utf-8") as whole:  # so that nothing is written where a part fails
        whole.writelines(parts)
        whole.seek(0)
        refuse_any_changed()
        while piece := whole.read(_PIECE):
            _write_through(target, piece)


def _write_through(target: Path, text: str) -> None:
    if is_standard_output(target):
        say(text)
        return
    try:
        with target.open("w", encoding="utf-8") as device:
            device.write(text)
    except OSError as error:
        raise no_space_for(target, error) if is_no_space(error) else error from error


def _replaceable(target: Path) -> Path:
    reason = why_not(target, text=False)
    if reason:
        raise UsageError(f"{target}: {reason}")
    return behind_links(target)


def _create(temporary: Path, target: Path) -> None:
    """Make the empty temporary file, or raise UsageError where its folder takes no files, as those of ``/proc``."""
    try:
        beside.create(temporary)
    except OSError as error:
        if error.errno not in _TAKES_NONE:
            raise
        text = f"cannot be written there ({reason_of(error)}); name a file in another folder"
        raise UsageError(f"{target}: {text}") from error


def _prefix_for(target: Path) -> str:
    """Return the start of the temporary file's name; it lies hidden, and no name is longer than a folder takes."""
    return f".{target.stem.encode()[:_MOST_OF_NAME].decode(errors='ignore')}-"


def _suffix_for(target: Path) -> str:
    both, last = "".join(target.suffixes[-2:]), target.suffix
    return next((suffix for suffix in (both, last) if len(suffix.encode()) <= _MOST_OF_NAME), "")


def _mode_of(target: Path) -> int:
    """Return the permissions of the file that is replaced, else what the umask gives a new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
