"""Downloads side by side: what one failure and a stop do to the others."""

import subprocess
import sys
import threading
import time

import pytest

from clrna.errors import RemoteError
from clrna.fetch.side_by_side import run_side_by_side


def test_all_are_run_and_no_more_at_a_time_than_asked():
    running, most, done, lock = 0, 0, [], threading.Lock()

    def task(number):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
            done.append(number)

    run_side_by_side([lambda number=number: task(number) for number in range(9)], 3, threading.Event())
    assert sorted(done) == list(range(9)) and most <= 3
    run_side_by_side([], 3, threading.Event())


def test_after_a_failure_what_runs_is_ended_and_nothing_new_begun():
    failed, done, stopped = threading.Event(), [], threading.Event()

    def fails():
        failed.set()
        raise RemoteError("no such file")

    def goes_on():
        failed.wait(60)
        time.sleep(0.2)
        done.append("other")

    with pytest.raises(RemoteError, match="no such file"):
        run_side_by_side([fails, goes_on, *[lambda: time.sleep(0.5)] * 50], 2, stopped)
    assert done == ["other"] and not stopped.is_set()


def test_a_fault_of_the_program_stops_the_others():
    stopped = threading.Event()

    def breaks():
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_side_by_side([breaks, lambda: stopped.wait(60)], 2, stopped)
    assert stopped.is_set()


def test_the_program_ends_though_a_task_does_not_notice():
    code = """if True:
        import os, signal, sys, threading, time
        from clrna.fetch.side_by_side import run_side_by_side
        signal.signal(signal.SIGUSR1, lambda *_: sys.exit(7))
        def silent():
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(600)
        run_side_by_side([silent], 2, threading.Event())"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 7
