"""What a process may be started without: open standard streams, and memory enough to begin."""

import os
import resource
import sys
from typing import Final

from clrna.errors import UsageError
from clrna.io.destination import remember_closed

# Numerical libraries map about so much before any data is read; with less some of them try for ever.
_LEAST_MEMORY: Final = 2 << 30


def open_closed_streams() -> None:
    """Have standard streams that were closed (``>&-``) lead nowhere: else the next file would take their numbers."""
    for number, mode in enumerate(("r", "w", "w")):
        try:
            os.fstat(number)
        except OSError:
            remember_closed(number)
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        name = ("stdin", "stdout", "stderr")[number]
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123 - open to the end


def check_memory() -> None:
    """Raise UsageError where the shell's limit leaves too little address space to load the libraries."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY and soft < _LEAST_MEMORY:
        raise UsageError(
            f"this shell allows {soft / (1 << 30):.1f} GB of address space, {_LEAST_MEMORY >> 30} GB are needed to "
            "begin; raise it with ulimit -v, or ask for more memory"
        )
