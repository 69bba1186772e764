"""Which parts of a source a run asks for."""

import difflib
from collections.abc import Sequence

from clrna.errors import UsageError
from clrna.fetch.source import Request


def chosen_projects(request: Request, known: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the projects that are asked for, all that are known where none is named.

    Raises
    ------
    UsageError
        The source has no project of a name.
    """
    for name in request.projects or ():
        if name not in known:
            raise unknown_project(name, known, source)
    return request.projects or tuple(known)


def unknown_project(name: str, known: Sequence[str], source: str) -> UsageError:
    """Return the error that tells of a project that a source does not have, and of one with a name like it."""
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(name.swapcase(), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known[:4])} and others; see docs/fetch.md"
    return UsageError(f"--projects {name}: {source} has no such project; {hint}")
