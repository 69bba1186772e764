"""What a signal that ends the program does for a while: nothing, or it waits until something is whole."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

Handler = Callable[[int, FrameType | None], object] | int

STOPS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
# What else ends a program: limits of time (ulimit -t, an alarm that is set before a command), what schedulers send
# before they kill (SLURM's --signal, SGE's -notify), a terminal's Ctrl-\. A program around this one may use them for
# something else, such as a profiler, and then they are left to it.
OTHER_STOPS: Final = (
    signal.SIGXCPU, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF,
)  # fmt: skip
_blocks: list[Handler] = []


class StopHandler:
    """A handler of ours, which is known by its kind: that signal ends the program.

    Parameters
    ----------
    then
        What the signal does.
    """

    def __init__(self, then: Callable[[int, FrameType | None], object]) -> None:
        self._then = then

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take the signal."""
        self._then(number, frame)


def ends_the_program(number: int) -> bool:
    """Whether that signal is to end the program: not ignored, as SIGHUP below nohup, nor used for something else."""
    handler = signal.getsignal(number)
    if number in STOPS:
        return handler != signal.SIG_IGN
    return handler == signal.SIG_DFL or isinstance(handler, StopHandler)


def taken_care_of() -> bool:
    """Say whether a block of :func:`handled_by` is running, which nothing may interrupt."""
    return bool(_blocks)


class HeldSignals:
    """Notes the signals that arrive."""

    def __init__(self) -> None:
        self.arrived: list[int] = []

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; a handler for :func:`signal.signal`."""
        self.arrived.append(number)


@contextlib.contextmanager
def handled_by(handler: Handler) -> Iterator[None]:
    """Have ``handler`` take the signals that end the program in the block; earlier ones are back in place afterwards.

    In a thread other than the main one, which gets no signals, nothing is changed. A mask would not do: the threads of
    libraries could still be given them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = [number for number in (*STOPS, *OTHER_STOPS) if ends_the_program(number)]
    before = {number: signal.signal(number, handler) for number in taken}
    _blocks.append(handler)
    try:
        yield
    finally:
        _blocks.pop()
        for number, earlier in before.items():
            signal.signal(number, earlier if earlier is not None else signal.SIG_DFL)


@contextlib.contextmanager
def held_signals() -> Iterator[HeldSignals]:
    """Hold the signals that end the program back while the block runs.

    When the block is left, the earlier handlers are back in place and get what arrived, so a block
    that saves its state and returns early is followed by the ordinary end of a stopped run.
    """
    held = HeldSignals()
    try:
        with handled_by(StopHandler(held.note)):
            yield held
    finally:
        if held.arrived:
            signal.raise_signal(held.arrived[0])
