"""What SIGTERM, SIGHUP and SIGINT do for a while: nothing, or they wait until something is whole."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

Handler = Callable[[int, FrameType | None], object] | int

_STOPS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_blocks: list[Handler] = []


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
    """Have ``handler`` take SIGTERM, SIGHUP and SIGINT in the block; the earlier ones are back in place afterwards.

    In a thread other than the main one, which gets no signals, nothing is changed. A mask would not do: the threads of
    libraries could still be given them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _STOPS}
    _blocks.append(handler)
    try:
        yield
    finally:
        _blocks.pop()
        for number, earlier in before.items():
            signal.signal(number, earlier if earlier is not None else signal.SIG_DFL)


@contextlib.contextmanager
def held_signals() -> Iterator[HeldSignals]:
    """Hold SIGTERM, SIGHUP and SIGINT back while the block runs.

    When the block is left, the earlier handlers are back in place and get what arrived, so a block
    that saves its state and returns early is followed by the ordinary end of a stopped run.
    """
    held = HeldSignals()
    try:
        with handled_by(held.note):
            yield held
    finally:
        if held.arrived:
            signal.raise_signal(held.arrived[0])
