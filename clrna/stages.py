"""The stages of a run: which one it is in, and at the end how long each took and how much memory there was at most.

A stage is told where it lasts: on a terminal while it does, with its time so far, elsewhere by one line in the log when
it is over. What takes no time says nothing.
"""

import contextlib
import logging
import resource
import sys
import time
from collections.abc import Iterator
from contextvars import ContextVar

logger = logging.getLogger("clrna")

# Seconds from which on a stage, and a run, is worth a line.
_LONG = 5.0
# Stages of the run so far with their seconds; None outside of one.
_run: ContextVar[dict[str, float] | None] = ContextVar("run", default=None)
_inside: ContextVar[bool] = ContextVar("inside", default=False)


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Work on a stage; also a decorator. A stage inside of another one is part of that.

    Parameters
    ----------
    name
        What is being done: ``reading``.
    """
    run = _run.get()
    if run is None or _inside.get():
        yield
        return
    token, start = _inside.set(True), time.monotonic()
    try:
        with _shown(name):
            yield
    finally:
        _inside.reset(token)
        seconds = time.monotonic() - start
        run[name] = run.get(name, 0.0) + seconds
        if seconds >= _LONG and not _is_shown():
            logger.info("%s took %.1f s", name, seconds)


@contextlib.contextmanager
def stages_told() -> Iterator[None]:
    """Log at the end of a run that was not short what its stages took, and the largest resident memory."""
    token, start = _run.set({}), time.monotonic()
    try:
        yield
        seconds = time.monotonic() - start
        if seconds >= _LONG:
            parts = [f"{name} {took:.1f} s" for name, took in (_run.get() or {}).items()]
            text = "took %.1f s%s; at most %.2f GB of memory"
            logger.info(text, seconds, f" ({', '.join(parts)})" if parts else "", _peak_gigabytes())
    finally:
        _run.reset(token)


def _is_shown() -> bool:
    return sys.stderr.isatty() and logger.isEnabledFor(logging.INFO)


@contextlib.contextmanager
def _shown(name: str) -> Iterator[None]:
    if not _is_shown():
        yield
        return
    from tqdm import tqdm

    with tqdm(desc=name, bar_format="{desc} ... {elapsed}", leave=False, delay=0.5):
        yield


def _peak_gigabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e9 / 1024)
