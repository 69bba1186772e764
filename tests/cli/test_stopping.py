"""A stop that arrives is not lost, whatever the code does that it interrupts."""

import contextlib
import os
import signal
import sys
import time
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.transforms import Bbox

from clrna.cli import options, runtime
from clrna.io.output.stop_signals import OTHER_STOPS, STOPS, held_signals

LONG = 20.0  # seconds; a test that waits so long has failed


class Stops:
    """Raises a signal where it is looked at."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __getattr__(self, name: str) -> object:
        signal.raise_signal(self.number)
        raise AttributeError(name)


class StopsAsArray(Bbox):
    """A box that raises a signal where it is converted."""

    number = int(signal.SIGTERM)

    def __array__(self, *args: object, **kwargs: object) -> object:
        signal.raise_signal(self.number)


def in_a_conversion_by_cpp(number: int) -> None:
    box = StopsAsArray([[0, 0], [1, 1]])
    box.number = number
    box.count_overlaps([Bbox([[0, 0], [1, 1]])])  # pybind11 drops the stop, and says that the box is none


def in_a_conversion_whose_error_is_caught(number: int) -> None:
    try:
        in_a_conversion_by_cpp(number)
    except TypeError:
        work()


def where_everything_is_caught(number: int) -> None:
    with contextlib.suppress(BaseException):  # as some libraries do
        signal.raise_signal(number)
    work()


def in_a_weak_reference(number: int) -> None:
    held = Stops(number)
    reference = weakref.ref(held, lambda _: signal.raise_signal(number))
    del held
    assert reference() is None
    work()


def in_the_way_out(number: int) -> None:
    try:
        signal.raise_signal(number)
    finally:
        clean_up()


def in_a_callback_of_numpy(number: int) -> None:
    np.asarray(Stops(number))
    work()


def work() -> None:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        time.sleep(0.005)
    raise AssertionError("the stop was lost")


cleaned: list[float] = []


def clean_up() -> None:
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        time.sleep(0.005)
    cleaned.append(end)


@pytest.fixture(autouse=True)
def _signals_count():
    """A run below nohup ignores SIGHUP, and so would these."""
    before = {kind: signal.signal(kind, signal.SIG_DFL) for kind in (signal.SIGHUP, *OTHER_STOPS)}
    yield
    for kind, handler in before.items():
        signal.signal(kind, handler)


PLACES = [
    in_a_conversion_by_cpp,
    in_a_conversion_whose_error_is_caught,
    where_everything_is_caught,
    in_a_weak_reference,
    in_a_callback_of_numpy,
    in_the_way_out,
]


@pytest.mark.parametrize("number", [*STOPS, *OTHER_STOPS])
@pytest.mark.parametrize("place", PLACES)
def test_the_run_ends_as_stopped(place: Callable[[int], None], number: int, capsys) -> None:
    cleaned.clear()
    assert run(lambda _: place(number)) == 128 + number
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "no output was replaced" in said
    assert "Traceback" not in said
    if place is in_the_way_out:
        assert cleaned, "what tidies up was interrupted"


def test_what_must_be_whole_is_not_interrupted_by_a_stop_that_was_lost(capsys) -> None:
    whole = []

    def body(_: object) -> None:
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGTERM)
        with held_signals():
            clean_up()
            whole.append(True)
        work()

    assert run(body) == 128 + signal.SIGTERM
    assert whole


def test_an_error_before_any_stop_stays_what_it_is(capsys) -> None:
    assert run(lambda _: {}["x"]) == 1
    assert "KeyError" in capsys.readouterr().err


def test_afterwards_signals_do_what_they_did_before(capsys) -> None:
    kinds = (*STOPS, *OTHER_STOPS)
    before, told = [signal.getsignal(kind) for kind in kinds], sys.unraisablehook
    run(lambda _: os.kill(os.getpid(), signal.SIGTERM))
    assert [signal.getsignal(kind) for kind in kinds] == before
    assert sys.unraisablehook is told
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("number", [signal.SIGHUP, *OTHER_STOPS])
def test_what_whoever_started_us_ignores_stays_ignored_where_signals_are_held_too(number: int, capsys) -> None:
    signal.signal(number, signal.SIG_IGN)
    seen = []

    def body(_: object) -> None:
        signal.raise_signal(number)
        with held_signals() as held:
            signal.raise_signal(number)
            seen.extend(held.arrived)

    assert run(body) == 0
    assert seen == []


@pytest.mark.parametrize("number", OTHER_STOPS)
def test_a_signal_that_the_program_around_uses_for_something_else_is_left_to_it(number: int, capsys) -> None:
    ticks = []
    signal.signal(number, lambda arrived, _: ticks.append(arrived))

    def body(_: object) -> None:
        with held_signals() as held:
            signal.raise_signal(number)
            assert held.arrived == []
        signal.raise_signal(number)

    assert run(body) == 0
    assert ticks == [number, number]


@pytest.mark.parametrize("number", [*STOPS, *OTHER_STOPS])
def test_a_block_that_holds_signals_is_told_of_each(number: int, capsys) -> None:
    def body(_: object) -> None:
        with held_signals() as held:
            signal.raise_signal(number)
            assert held.arrived == [number]
        work()

    assert run(body) == 128 + number


def run(body: Callable[[object], None]) -> int:
    parser = options.new_parser("small", "x")
    options.add_general_options(parser)
    return runtime.run(parser, body, ["--threads", "1", "--quiet"])
