"""Make SIGTERM unwind the program, wherever it arrives."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType

SECONDS_UNTIL_RAISED_AGAIN = 0.02  # enough for the callback to end; where another drops it, it is raised once more


class Terminated(BaseException):
    """SIGTERM arrived: unwind, so that temporary files are removed, then exit with status 143."""


@contextlib.contextmanager
def sigterm_unwinds() -> Iterator[None]:
    """Raise :class:`Terminated` in the block when SIGTERM arrives, and see to it that it is not lost.

    Python drops an exception that is raised in a weak reference's callback, a ``__del__`` or a callback from C, and a
    signal's handler runs in whatever the program is at, these included: the program would go on as if nobody had asked
    it to stop. What :func:`sys.unraisablehook` says was dropped is therefore raised once more, a moment later, by a
    timer. The same holds for a KeyboardInterrupt. SIGTERM's handler stays when the block is left: the removal of the
    temporary folder follows, and a repeated signal must not interrupt it.
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

    alarm_before = signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGTERM, _raise_terminated)
    sys.unraisablehook = raise_again_what_was_dropped
    try:
        yield
    finally:
        sys.unraisablehook = told_before
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm_before if alarm_before is not None else signal.SIG_DFL)


def _raise_terminated(_signal: int, _frame: FrameType | None) -> None:
    # Schedulers repeat the signal; a second one must not interrupt the removal of temporary files.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated
