"""Several outputs of one run that appear all or not at all."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from clrna.io.output import beside
from clrna.io.output.stop_signals import held_signals
from clrna.io.unchanged import refuse_any_changed


class _Waiting:
    """Outputs that are written, and what puts each in its place."""

    def __init__(self) -> None:
        self.written: dict[Path, Path] = {}
        self.steps: list[Callable[[], object]] = []


_waiting: _Waiting | None = None


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Have the outputs of the block wait until it ends well, and then take their places one right after the other.

    What :func:`clrna.io.output.atomic.replacing` and :func:`clrna.io.output.atomic.write_text` write is complete and on
    disk by then, so that only renaming is left to do; signals wait until that is done. If the block raises, none
    appears.
    """
    global _waiting
    if _waiting is not None:
        yield
        return
    mine = _Waiting()
    try:
        _waiting = mine
        yield
        _waiting = None
        refuse_any_changed()
        with held_signals():
            for step in mine.steps:
                step()
    finally:
        _waiting = None
        for temporary in mine.written.values():
            beside.remove(temporary)


def nothing_waits() -> None:
    """Forget what waits, where a signal came in before the block's own end had done so."""
    global _waiting
    _waiting = None


def wait_for_others(step: Callable[[], object], target: Path | None = None, temporary: Path | None = None) -> bool:
    """Leave a step to the end of :func:`together`; return False where there is none and the caller is to take it.

    Parameters
    ----------
    step
        Puts an output in its place.
    target, temporary
        The file that it replaces, and where its content is until then.
    """
    if _waiting is None:
        return False
    _waiting.steps.append(step)
    if target is not None and temporary is not None:
        _waiting.written[target] = temporary
    return True


def standing(path: Path) -> Path:
    """Return where the content of an output is now: in its place, or waiting for the others."""
    return _waiting.written.get(path.resolve(), path) if _waiting is not None else path
