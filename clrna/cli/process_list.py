"""Keep passwords that stand in addresses out of the list of processes."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.io.user_info import USER_INFO

# Fields of /proc/PID/stat after the program's name, which may hold blanks: where its words begin and end.
_ARGUMENTS: Final = slice(45, 47)


def hide_from_process_list(words: Sequence[str]) -> None:
    """Overwrite user names and passwords among this process's words, which every user of the machine can list.

    Where the system does not allow it they stay. They can be seen until Python has started in any case: an environment
    variable or a netrc file is the better place.
    """
    secrets = [match for word in words for match in USER_INFO.findall(word)]
    if not secrets:
        return
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        start, end = (int(field) for field in fields[_ARGUMENTS])
        with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
            memory.seek(start)
            held = memory.read(end - start)
            for secret in secrets:
                hidden = secret.encode(errors="surrogateescape")
                held = held.replace(b"://" + hidden, b"://" + b"*" * (len(hidden) - 1) + b"@")
            memory.seek(start)
            memory.write(held)
