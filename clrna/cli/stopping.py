"""Make SIGTERM unwind the program, wherever it arrives."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from clrna.io.stop_signals import handled_by

SECONDS_UNTIL_RAISED_AGAIN = 0.02  # enough for the callback to end; where another drops it, it is raised once more

_MOST_OF_CHAIN = 20


class Terminated(BaseException):
    """SIGTERM arrived: unwind, so that temporary files are removed, then exit with status 143."""


@contextlib.contextmanager
def sigterm_unwinds() -> Iterator[None]:
    """Raise :class:`Terminated` in the block when SIGTERM arrives, and see to it that it is not lost.

    Python drops an exception that is raised in a weak reference's callback, a ``__del__`` or a callback from C, and a
    signal's handler runs in whatever the program is at, these included: the program would go on as if nobody had asked
    it to stop. What :func:`sys.unraisablehook` says was dropped is therefore raised once more, a moment later, by a
    timer. Where a library's own clean-up fails because it was interrupted, and its error takes the place of the stop,
    the stop is raised again when the block is left. The same holds for a KeyboardInterrupt.
    """
    told_before = sys.unraisablehook

    def raise_again_what_was_dropped(dropped: "sys.UnraisableHookArgs") -> None:
        if not issubclass(dropped.exc_type, Terminated | KeyboardInterrupt):
            told_before(dropped)
            return
        exception = dropped.exc_type

        def raise_again(_signal: int, _frame: FrameType | None) -> None:
            raise exception

        signal.signal(signal.SIGALRM, raise_again)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_UNTIL_RAISED_AGAIN)

    before = {number: signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, _raise_terminated)
    sys.unraisablehook = raise_again_what_was_dropped
    try:
        yield
    except Exception as error:
        stop = _stop_behind(error)
        if stop is not None:
            raise stop() from error
        raise
    finally:
        sys.unraisablehook = told_before
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextlib.contextmanager
def stops_ignored() -> Iterator[None]:
    """Have SIGTERM and SIGINT do nothing in the block, which tidies up; one that Python dropped is not raised again."""
    if threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_REAL, 0)
    with handled_by(signal.SIG_IGN):
        yield


def _stop_behind(error: BaseException) -> type[BaseException] | None:
    """Return the kind of stop in whose unwinding ``error`` was raised."""
    found: BaseException | None = error
    for _ in range(_MOST_OF_CHAIN):
        if isinstance(found, Terminated | KeyboardInterrupt):
            return type(found)
        found = (found.__cause__ or found.__context__) if found is not None else None
    return None


def _raise_terminated(_signal: int, _frame: FrameType | None) -> None:
    # Schedulers repeat the signal; a second one must not interrupt the removal of temporary files.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated
