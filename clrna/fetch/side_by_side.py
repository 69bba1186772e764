"""Run tasks side by side, in threads that the end of the program does not wait for."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from clrna.errors import ClrnaError

SECONDS_TO_NOTICE = 1.0  # for tasks that are told to stop; one that waits for a silent server does not notice


def run_side_by_side(tasks: Sequence[Callable[[], None]], most: int, stopped: threading.Event) -> None:
    """Run ``tasks``, the first ones first, at most ``most`` at a time, and wait for them.

    The threads of :class:`concurrent.futures.ThreadPoolExecutor` are waited for when the program ends, a minute for one
    that reads from a server which has fallen silent; a scheduler that asks a job to stop kills it by then.

    Parameters
    ----------
    tasks
        What to run.
    most
        Number of threads.
    stopped
        Set where the program is stopped (SIGTERM, Ctrl-C); tasks are to look at it now and then.

    Raises
    ------
    ClrnaError
        The first task, in their order, that failed so. Those under way have ended; those after them were not begun.
    """
    futures: list[Future[None]] = [Future() for _ in tasks]
    waiting: queue.SimpleQueue[tuple[Future[None], Callable[[], None]]] = queue.SimpleQueue()
    for pair in zip(futures, tasks, strict=True):
        waiting.put(pair)
    threads = [threading.Thread(target=_work, args=(waiting,), daemon=True) for _ in range(min(most, len(tasks)))]
    try:
        for thread in threads:
            thread.start()
        for future in futures:
            future.result()
    except ClrnaError:
        # What is under way may still become complete, and then stays.
        _cancel(futures)
        for thread in threads:
            thread.join()
        raise
    except BaseException:
        stopped.set()
        _cancel(futures)
        ends = time.monotonic() + SECONDS_TO_NOTICE
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, ends - time.monotonic()))
        raise


def _work(waiting: "queue.SimpleQueue[tuple[Future[None], Callable[[], None]]]") -> None:
    while True:
        try:
            future, task = waiting.get_nowait()
        except queue.Empty:
            return
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001 - raised where the task is waited for
            future.set_exception(error)


def _cancel(futures: Sequence[Future[None]]) -> None:
    for future in futures:
        future.cancel()
