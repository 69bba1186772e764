"""Hold back SIGTERM and SIGINT until the state of a training is whole."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class HeldSignals:
    """Notes the signals that arrive; :meth:`deliver` hands them on."""

    def __init__(self) -> None:
        self.arrived: list[int] = []

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; a handler for :func:`signal.signal`."""
        self.arrived.append(number)


@contextlib.contextmanager
def held_signals() -> Iterator[HeldSignals]:
    """Hold SIGTERM and SIGINT back while the block runs.

    When the block is left, the earlier handlers are back in place and get what arrived, so a block
    that saves its state and returns early is followed by the ordinary end of a stopped run. In a
    thread other than the main one, which gets no signals, nothing is held.
    """
    held = HeldSignals()
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    before = {number: signal.signal(number, held.note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        if held.arrived:
            signal.raise_signal(held.arrived[0])
