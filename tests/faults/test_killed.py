"""Whatever ends a run at whatever moment: each output is the old one or the new one, and what is left is swept."""

import contextlib
import fcntl
import os
import random
import signal

import pytest
from forking import NAMES
from place import OLD, Place

KILLS = 100 if os.environ.get("CLRNA_FAULTS") == "all" else 5


@pytest.mark.parametrize("name", NAMES)
def test_an_output_is_the_old_one_or_the_new_one_after_sigterm(place: Place, name: str) -> None:
    stop_at_random(place, name, signal.SIGTERM)


@pytest.mark.parametrize("name", NAMES)
def test_an_output_is_the_old_one_or_the_new_one_after_kill_9(place: Place, name: str) -> None:
    stop_at_random(place, name, signal.SIGKILL)
    for left in place.scratch.iterdir():
        # A child that looks at a file for a killed run ends a moment after it.
        with contextlib.suppress(FileNotFoundError), (left / ".in-use").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
        os.utime(left, (0, 0))  # one that it had just made, and not locked yet, goes when it is old
    place.empty()
    assert place.run(name).status == 0
    assert place.held() == place.whole[name], "a run after the others makes something else"
    assert not list(place.scratch.iterdir()), "what the killed runs left was not swept"


def stop_at_random(place: Place, name: str, number: int) -> None:
    whole, moments = place.whole[name], random.Random(f"{name}{number}")
    stopped = 0
    for number_of_kill in range(4 * KILLS):
        if number_of_kill >= KILLS and stopped:
            break
        place.empty()
        for output in whole:
            (place.out / output).write_bytes(OLD)
        ended = place.run(name, number=number, after=moments.uniform(0, 1.1 * place.seconds[name]))
        there = place.held()
        found = {output: there.get(output) for output in whole}
        for output, content in whole.items():
            assert there.pop(output) in (OLD, content), f"{output} is neither after {ended}"
        if number == signal.SIGKILL:
            assert ended.status in (-number, 0)
            assert all(left.startswith(".") for left in there), f"{sorted(there)} left beside the outputs"
        else:
            # Before the executable has set up how it ends, and after, nothing is open that could be left.
            assert ended.status in (128 + number, -number, 0), ended
            assert not there, f"{sorted(there)} left after {ended}"
            assert not list(place.scratch.iterdir()), f"scratch left after {ended}"
            assert ended.said.count(": error: ") == (ended.status > 0), ended.said
            assert "Traceback" not in ended.said, ended.said
            if ended.status > 0:
                told = "no output was replaced" in ended.said
                assert told == all(one == OLD for one in found.values()), ended
        stopped += ended.status != 0
        if ended.status == 0:  # the machine has become quicker
            place.seconds[name] = min(place.seconds[name], ended.seconds)
    assert stopped, "no run was stopped"
