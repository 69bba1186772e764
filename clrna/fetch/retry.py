"""Try again what a busy server or a bad line may have spoilt, ever more slowly, and not for ever."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import tenacity

from clrna.errors import RemoteError
from clrna.fetch.failures import TransientError
from clrna.fetch.transfer import Transfer

logger = logging.getLogger("clrna")

_Result = TypeVar("_Result")


class Attempts:
    """Attempts at one thing; only those in a row that brought nothing count against the limit.

    Parameters
    ----------
    transfer
        How many, and how long to wait between them.
    stopped
        Ends the waiting early when set.
    """

    def __init__(self, transfer: Transfer, stopped: threading.Event | None = None) -> None:
        self._transfer = transfer
        self._stopped = stopped or threading.Event()
        self._in_vain = self._all = 0

    def brought_something(self) -> None:
        """Say that the attempt under way got further than any before it."""
        self._in_vain = 0

    def run(self, call: Callable[[], _Result]) -> _Result:
        """Return what ``call`` returns; repeat it while it raises TransientError.

        Raises
        ------
        RemoteError
            It still does after all attempts.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=self._too_many,
            wait=self._pause,
            before_sleep=self._announce,
            sleep=tenacity.sleep_using_event(self._stopped),
            reraise=True,
        )
        try:
            return retrying(call)
        except TransientError as error:
            raise RemoteError(f"{error}; given up after {self._all} attempts, try again later") from error

    def _too_many(self, _state: tenacity.RetryCallState) -> bool:
        self._in_vain += 1
        self._all += 1
        return self._stopped.is_set() or self._in_vain > self._transfer.retries

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, TransientError) else None
        doubled = self._transfer.first_wait * 2.0 ** min(self._in_vain - 1, 30)
        return min(doubled if asked is None else asked, self._transfer.max_wait)

    def _announce(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        logger.info("%s; again in %.1f s", error, state.upcoming_sleep)
