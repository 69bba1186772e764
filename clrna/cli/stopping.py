"""Make SIGTERM and the others that end a program unwind it, wherever they arrive."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from clrna.io.output.stop_signals import OTHER_STOPS, STOPS, StopHandler, ends_the_program, handled_by, taken_care_of

SECONDS_UNTIL_RAISED_AGAIN = 0.02  # enough for most callbacks to end

_MOST_OF_CHAIN = 20


class Terminated(BaseException):
    """SIGTERM or another that ends a program arrived: unwind, so that temporary files are removed, then exit.

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
    """Raise :class:`Terminated` in the block when a signal arrives that ends the program, and see that it is not lost.

    These are SIGTERM, SIGHUP where a terminal is closed, and those of ``OTHER_STOPS``. What was ignored stays ignored,
    as SIGHUP below nohup.

    A signal's handler runs in whatever the program is at. Python drops an exception that is raised in a weak
    reference's callback, a ``__del__`` or a callback from C; a library in C++ that calls Python to convert an argument
    takes it for an argument that does not fit, and says TypeError; and a library in Python may catch that, and try
    something else. The program would go on as if nobody had asked it to stop. A timer therefore raises the stop again
    until the program is seen to unwind for it, and where another error ends the block after a stop arrived, the stop
    takes its place. The same holds for a KeyboardInterrupt.
    """
    told_before = sys.unraisablehook
    arrived: list[int] = []

    def stopped() -> BaseException:
        return KeyboardInterrupt() if arrived[-1] == signal.SIGINT else Terminated(arrived[-1])

    def stop(number: int, _frame: FrameType | None) -> None:
        # Schedulers repeat the signal; a second one must not interrupt the removal of temporary files.
        for each in stopping:
            signal.signal(each, signal.SIG_IGN)
        arrived.append(number)
        signal.signal(signal.SIGALRM, raise_again)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_UNTIL_RAISED_AGAIN, SECONDS_UNTIL_RAISED_AGAIN)
        raise stopped()

    def raise_again(_signal: int, _frame: FrameType | None) -> None:
        # Clean-up on the way out of a stop is left alone: that is what the code that was interrupted is handling then.
        if not taken_care_of() and not _comes_of_a_stop(sys.exception()):
            raise stopped()

    def tell_if_no_stop(dropped: "sys.UnraisableHookArgs") -> None:
        if not issubclass(dropped.exc_type, Terminated | KeyboardInterrupt):
            told_before(dropped)

    before = {number: signal.getsignal(number) for number in (*STOPS, *OTHER_STOPS)}
    stopping = [number for number in before if ends_the_program(number) and number != signal.SIGINT]

    def restore() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = told_before
        for each, handler in before.items():
            signal.signal(each, handler if handler is not None else signal.SIG_DFL)

    try:
        for number in stopping:
            signal.signal(number, StopHandler(stop))
        if before[signal.SIGINT] == signal.default_int_handler:
            signal.signal(signal.SIGINT, StopHandler(stop))
        sys.unraisablehook = tell_if_no_stop
        try:
            yield
        except Exception as error:
            if arrived:
                raise stopped() from error
            raise
    finally:
        # A stop may arrive as this begins, and cut the first of them short with its timer set.
        try:
            restore()
        finally:
            restore()


@contextlib.contextmanager
def stops_ignored() -> Iterator[None]:
    """Have signals that end the program do nothing in the block, which tidies up.

    One that was lost is not raised again.
    """
    if threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_REAL, 0)
    with handled_by(signal.SIG_IGN):
        yield


def _comes_of_a_stop(error: BaseException | None) -> bool:
    """Say whether ``error`` is a stop, or was raised while one was handled."""
    for _ in range(_MOST_OF_CHAIN):
        if isinstance(error, Terminated | KeyboardInterrupt):
            return True
        error = (error.__cause__ or error.__context__) if error is not None else None
    return False
