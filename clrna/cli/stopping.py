"""Make SIGTERM and SIGHUP unwind the program, wherever they arrive."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

from clrna.io.stop_signals import handled_by

SECONDS_UNTIL_RAISED_AGAIN = 0.02  # enough for the callback to end; where another drops it, it is raised once more

_MOST_OF_CHAIN = 20
_STOPS: Final = (signal.SIGTERM, signal.SIGHUP)


class Terminated(BaseException):
    """SIGTERM, or SIGHUP where a terminal is closed, arrived: unwind, so that temporary files are removed, then exit.

    Parameters
    ----------
    number
        The signal; the exit status is 128 more.
    """

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__(number)
        self.number = signal.Signals(number)


@contextlib.contextmanager
def sigterm_unwinds() -> Iterator[None]:
    """Raise :class:`Terminated` in the block when SIGTERM or SIGHUP arrives, and see to it that it is not lost.

    SIGHUP stays ignored where it was, as below nohup.

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
        exception, said = dropped.exc_type, getattr(dropped.exc_value, "args", ())

        def raise_again(_signal: int, _frame: FrameType | None) -> None:
            raise exception(*said)

        signal.signal(signal.SIGALRM, raise_again)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_UNTIL_RAISED_AGAIN)

    before = {number: signal.getsignal(number) for number in (signal.SIGALRM, *_STOPS)}
    for number in _STOPS:
        if before[number] != signal.SIG_IGN:
            signal.signal(number, _raise_terminated)
    sys.unraisablehook = raise_again_what_was_dropped
    try:
        yield
    except Exception as error:
        stop = _stop_behind(error)
        if stop is not None:
            raise stop from error
        raise
    finally:
        sys.unraisablehook = told_before
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextlib.contextmanager
def stops_ignored() -> Iterator[None]:
    """Have SIGTERM, SIGHUP and SIGINT do nothing in the block, which tidies up.

    One that Python dropped is not raised again.
    """
    if threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_REAL, 0)
    with handled_by(signal.SIG_IGN):
        yield


def _stop_behind(error: BaseException) -> BaseException | None:
    """Return another stop of the kind in whose unwinding ``error`` was raised."""
    found: BaseException | None = error
    for _ in range(_MOST_OF_CHAIN):
        if isinstance(found, Terminated | KeyboardInterrupt):
            return type(found)(*found.args)
        found = (found.__cause__ or found.__context__) if found is not None else None
    return None


def _raise_terminated(arrived: int, _frame: FrameType | None) -> None:
    # Schedulers repeat the signal; a second one must not interrupt the removal of temporary files.
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise Terminated(arrived)
