"""A progress bar of bytes, with rate and time left, that threads advance, and the signal for them to stop."""

import threading
from typing import Self

from tqdm import tqdm


class Stopped(Exception):
    """The run is being given up; what a thread was loading stays as it is."""


class DownloadProgress:
    """What is loaded of how much.

    Parameters
    ----------
    total
        Bytes in all, None where that is not known.
    wanted
        Whether to draw anything.
    """

    def __init__(self, total: int | None = None, wanted: bool = False) -> None:
        self._bar = tqdm(total=total, unit="B", unit_scale=True, unit_divisor=1024, disable=not wanted)
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def advance(self, count: int) -> None:
        """Add ``count`` bytes, fewer than none where a file is begun anew.

        Raises
        ------
        Stopped
            The run is being given up.
        """
        with self._lock:
            self._bar.update(count)
        if self.stopped.is_set():
            raise Stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
