"""Ask something of a library that may hang or crash on a damaged file: in a child process, within limits."""

import contextlib
import faulthandler
import json
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

from clrna.io.output.stop_signals import OTHER_STOPS, STOPS
from clrna.quoted import reason_of

_SECONDS_OF_CPU: Final = 30
_SECONDS: Final = 300  # a file server may be slow
_MORE_MEMORY: Final = 2 << 30
_MOST_OF_ANSWER: Final = 1 << 20
_MOST_OF_REASON: Final = 1000


class ChildFailedError(Exception):
    """The child crashed, took too long or too much, or what it called raised; the text says which."""


def ask_child(question: Callable[[], str]) -> str:
    """Return the text that ``question`` returns, called in a forked child.

    The child costs some milliseconds. It ends with the call, also where that is interrupted by a signal's handler.

    Parameters
    ----------
    question
        Reads only; whatever it changes is lost.

    Raises
    ------
    ChildFailedError
        There is no answer.

    Notes
    -----
    Where no child can be had (a limit on processes, memory that may not be promised twice) the question is asked in
    this process: that guards against nothing, but a good file is read.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    with warnings.catch_warnings():
        # Threads of numerical libraries wait for work; the child calls none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            child = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            return _without_child(question)
    if child == 0:
        _answer(question, writing)
    os.close(writing)
    ended = False
    try:
        said = _listen(reading)
        status = _status_of(child)
        ended = True
    finally:
        os.close(reading)
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            _status_of(child)
    return _told(said, status)


def _without_child(question: Callable[[], str]) -> str:
    try:
        return question()
    except Exception as error:
        raise ChildFailedError(_text_of(error)) from error


def _status_of(child: int) -> int:
    """Wait for the child to end; whoever started us may have children's ends ignored, and then nobody can tell how."""
    try:
        return os.waitpid(child, 0)[1]
    except ChildProcessError:
        return 0


def _text_of(error: BaseException) -> str:
    return reason_of(error, _MOST_OF_REASON)


def _answer(question: Callable[[], str], writing: int) -> None:
    """Call ``question`` and write what it returns or raises; the child ends here."""
    try:
        # Schedulers and terminals signal parent and child at once; the parent ends the child.
        for number in (*STOPS, *OTHER_STOPS):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGXCPU else signal.SIG_IGN)
        _limit()
        try:
            said = {"answer": question()}
        except MemoryError:
            said = {"fault": "it asks for more memory than it can need"}
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent tells it
            said = {"fault": _text_of(error)}
        content = json.dumps(said).encode()
        while content:
            content = content[os.write(writing, content) :]
    finally:
        os._exit(0)


def _limit() -> None:
    faulthandler.disable()
    with contextlib.suppress(OSError):
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, _SECONDS_OF_CPU)
    with contextlib.suppress(OSError):  # Linux alone says so
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, used + _MORE_MEMORY)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    # Where a sandbox does not allow it, the time that the parent waits is the limit that is left.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, hard))


def _listen(reading: int) -> bytes:
    said = b""
    end = time.monotonic() + _SECONDS
    waiting = select.poll()  # select itself takes no number of 1024 or more
    waiting.register(reading, select.POLLIN)
    while True:
        if not waiting.poll(max(0.0, 1000 * (end - time.monotonic()))):
            raise ChildFailedError(f"it takes longer than {_SECONDS} seconds to open")
        part = os.read(reading, 1 << 16)
        if not part:
            return said
        said += part
        if len(said) > _MOST_OF_ANSWER:
            raise ChildFailedError("there is no end of what is wrong with it")


def _told(said: bytes, status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            raise ChildFailedError(f"it keeps its library busy for more than {_SECONDS_OF_CPU} seconds")
        if number == signal.SIGKILL:
            raise ChildFailedError("what looked at it was killed from outside, as where a job has too little memory")
        raise ChildFailedError(f"its library crashes on it with {signal.Signals(number).name}")
    try:
        answer = json.loads(said)
    except ValueError as error:
        raise ChildFailedError("its library ended the process") from error
    if "fault" in answer:
        raise ChildFailedError(str(answer["fault"]))
    return str(answer["answer"])
