"""A question to a library that crashes, hangs or asks for too much ends with a reason, and nothing is left running."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clrna.io.hdf5 import child
from clrna.io.hdf5.child import ChildFailedError, ask_child


def children() -> set[str]:
    """Return the processes that this thread, the first, has started and not yet waited for."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


@pytest.fixture(autouse=True)
def no_new_children() -> Iterator[None]:
    """Other tests of this process may keep one of theirs; no test here leaves any."""
    before = children()
    yield
    assert children() <= before


def test_an_answer_comes_back():
    changed = []
    assert ask_child(lambda: changed.append(1) or "µ" * 100_000) == "µ" * 100_000
    assert changed == []


def raising():
    raise RuntimeError("first\nsecond")


def for_ever():
    while True:
        pass


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (raising, "first second"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "crashes on it with SIGSEGV"),
        (os.abort, "crashes on it with SIGABRT"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "killed from outside"),
        (lambda: os._exit(3), "ended the process"),
        (lambda: str(len(bytearray(64 << 30))), "more memory than it can need"),
        (for_ever, "busy for more than 1 seconds"),
        (lambda: time.sleep(600), "takes longer than 1.5 seconds"),
        (lambda: "x" * (2 << 20), "no end of what is wrong"),
    ],
    ids=["raises", "crashes", "aborts", "killed", "exits", "memory", "computes", "sleeps", "talks"],
)
def test_what_goes_wrong_is_told(monkeypatch, question, reason):
    monkeypatch.setattr(child, "_SECONDS_OF_CPU", 1)
    monkeypatch.setattr(child, "_SECONDS", 1.5 if "1.5 seconds" in reason else 120)  # a busy machine is no fault
    with pytest.raises(ChildFailedError, match=reason):
        ask_child(question)


def refuses(*_):
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


@pytest.mark.parametrize("refused", ["os.fork", "resource.setrlimit"])
def test_where_a_sandbox_or_limit_refuses_a_good_file_is_read(monkeypatch, refused):
    monkeypatch.setattr(refused, refuses)
    assert ask_child(lambda: "answer") == "answer"
    with pytest.raises(ChildFailedError, match="first second"):
        ask_child(raising)


def test_where_the_ends_of_children_are_ignored_an_answer_comes_back(monkeypatch):
    """As a program that ignores SIGCHLD leaves it to those that it starts."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert ask_child(lambda: "answer") == "answer"
        monkeypatch.setattr(child, "_SECONDS", 0.5)
        with pytest.raises(ChildFailedError, match="takes longer"):
            ask_child(lambda: time.sleep(60))
    finally:
        signal.signal(signal.SIGCHLD, before)


ASKER = """
import sys, time
from clrna.cli import options, runtime
from clrna.io.hdf5.child import ask_child

parser = options.new_parser("small", "x")
options.add_general_options(parser)

def hang():
    print("in the child", file=sys.stderr)
    open(sys.argv[1], "w").write(str(__import__("os").getpid()))
    time.sleep(120)

sys.exit(runtime.run(parser, lambda args: ask_child(hang), []))
"""


def test_sigterm_ends_the_child_too(tmp_path):
    note = tmp_path / "pid"
    process = subprocess.Popen([sys.executable, "-c", ASKER, str(note)], stderr=subprocess.PIPE, text=True)
    while not (note.exists() and note.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 143
    assert errors.splitlines() == ["clrna-small: error: stopped by SIGTERM; no output was replaced"]
    assert not Path(f"/proc/{note.read_text()}").exists()
