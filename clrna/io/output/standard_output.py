"""Write to standard output, and say that it was standard output where that fails."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Final, TextIO

from clrna.errors import OutputError
from clrna.io.output.destination import was_closed
from clrna.io.output.no_space import limit_of
from clrna.quoted import reason_of

_STDOUT: Final = 1


def say(text: str) -> None:
    """Write ``text`` to standard output at once.

    Raises
    ------
    OutputError
        There is no room for it, or it is closed or cannot be written to.
    """
    if was_closed(_STDOUT):
        raise OutputError("standard output: is closed, and nothing can be written to it")
    with standard_output_named():
        sys.stdout.write(text)


@contextlib.contextmanager
def standard_output_named() -> Iterator[None]:
    """Have what fails in the block, which does nothing but write to standard output, say so.

    Raises
    ------
    OutputError
        There is no room for what is written, or it cannot be written to.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has gone, which is no fault
        raise
    except OSError as error:
        _give_up(sys.stdout)
        raise OutputError(f"standard output: {limit_of(error) or reason_of(error)}") from error


def end_standard_error() -> None:
    """Have a standard error that takes no more, as where a log's disk is full, not change the exit status to 120."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        _give_up(sys.stderr)


def _give_up(stream: TextIO) -> None:
    """Have a standard stream lead nowhere: Python would try again, and complain, at the end."""
    with contextlib.suppress(OSError, ValueError):  # in a test it may be no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
