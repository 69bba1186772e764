"""SIGTERM at each instruction of what makes temporary files and removes them: none is left, whatever it comes between.

Killing at random (``test_killed.py``) meets a gap of a few instructions once in thousands of runs; here the signal is
raised before the first instruction, then before the second, and so on to the last.
"""

import argparse
import contextlib
import dis
import functools
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from clrna.cli import options, runtime, scratch, stopping
from clrna.errors import InputError
from clrna.io.output import atomic, beside, stop_signals, together

OLD, NEW = "what stood there before", "new"
# All code in which a temporary file or folder could be lost.
MODULES = (atomic, beside, contextlib, runtime, scratch, stop_signals, stopping, tempfile, together)
FILES = {module.__file__ for module in MODULES}
# `make test` takes each thirteenth instruction, no loop here is of that length; each body begins with another.
STEP = 1 if os.environ.get("CLRNA_FAULTS") == "all" else 13
MOST = 100_000


class StopBefore:
    """A trace function that raises SIGTERM before the n-th instruction, where the program has a handler for it."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.place = ""

    def __call__(self, frame: FrameType, event: str, _: Any) -> "StopBefore | None":
        if frame.f_code.co_filename not in FILES:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and may_raise(frame.f_code, frame.f_lasti) and callable(signal.getsignal(signal.SIGTERM)):
            self.left -= 1
            if self.left == 0:
                self.place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} ({frame.f_code.co_name})"
                signal.raise_signal(signal.SIGTERM)
        return self


@functools.cache
def code_of(code: CodeType) -> bytes:
    return code.co_code


def may_raise(code: CodeType, at: int) -> bool:
    """Whether a signal can be handled there: never at a ``try`` itself, which its ``finally`` does not cover."""
    return code_of(code)[at] != dis.opmap["NOP"]


@contextlib.contextmanager
def stopped_before(number: int) -> Iterator[StopBefore]:
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    before, tracer = sys.gettrace(), StopBefore(number)
    sys.settrace(tracer)
    try:
        yield tracer
    finally:
        sys.settrace(before)
        signal.setitimer(signal.ITIMER_REAL, 0)  # with no handler left its signal would end this process
        for one, handler in handlers.items():
            signal.signal(one, handler)


def two_together(args: Any) -> None:
    with together.together():
        atomic.write_text(args.output, NEW)
        atomic.write_text(args.card, NEW)


def one_after_the_other(args: Any) -> None:
    atomic.write_text(args.output, NEW)
    atomic.write_text(args.card, NEW)


def one_within_the_other(args: Any) -> None:
    with atomic.replacing(args.output) as temporary:
        atomic.write_text(temporary, NEW)
    atomic.write_text(args.card, NEW)


def fails(args: Any) -> None:
    with together.together():
        atomic.write_text(args.card, NEW)
        with atomic.replacing(args.output):
            raise InputError("x.tsv: is no table")


BODIES = [two_together, one_after_the_other, one_within_the_other, fails]


@pytest.mark.parametrize("body", BODIES)
def test_nothing_is_left_whatever_instruction_sigterm_comes_before(tmp_path, monkeypatch, capsys, body):
    status = 3 if body is fails else 0
    out, folder = tmp_path / "out", tmp_path / "scratch"
    out.mkdir()
    folder.mkdir()
    # Held by monkeypatch, for a run that is stopped before it has begun to tidy up does not set it back.
    monkeypatch.setenv("TMPDIR", str(folder))
    ended, parser = [], small_parser()
    for number in range(1 + BODIES.index(body) * STEP // len(BODIES), MOST, STEP):
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        for name in ("output", "card"):
            (out / name).write_text(OLD)
        found, stopped = run_stopped(parser, body, out, number)
        where = f"stopped before instruction {number}, {stopped}: {found}, {capsys.readouterr().err}"
        there = {path.name: path.read_text() for path in out.iterdir()}
        assert there.keys() == {"output", "card"}, f"{sorted(there)} left, {where}"
        assert set(there.values()) <= {OLD, NEW}, where
        if body is two_together or status:
            assert len(set(there.values())) == 1, f"one alone is replaced, {where}"
        assert not list(folder.iterdir()), f"scratch left, {where}"
        assert not beside.noted(), where
        assert "Traceback" not in where
        if not stopped:
            assert found == status, where
            break
        assert found in (128 + signal.SIGTERM, status), where
        if found != status:
            assert ("no output was replaced" in where) == (NEW not in there.values()), where
        assert found != 0 or set(there.values()) == {NEW}, where
        ended.append(found)
    assert not stopped
    assert len(ended) > 2000 / STEP
    assert ended.count(128 + signal.SIGTERM) > 0.9 * len(ended)


def small_parser() -> argparse.ArgumentParser:
    parser = options.new_parser("small", "x")
    options.add_output_option(parser, "a file")
    options.output_file(parser, "--card", default=None, metavar="FILE", help="another file")
    options.add_general_options(parser)
    return parser


def run_stopped(parser: argparse.ArgumentParser, body: Any, out: Path, number: int) -> tuple[int, str]:
    """Return the status of a run, and where it was stopped: nowhere if it has fewer instructions."""
    with stopped_before(number) as tracer:
        status = runtime.run(parser, body, ["-o", str(out / "output"), "--card", str(out / "card"), "--threads", "1"])
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0), f"a timer is left, stopped before {tracer.place}"
    return status, tracer.place
