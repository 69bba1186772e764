"""No process of the test server outlives it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tool_form import REPOSITORY

SLEEP = "import os, sys, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(600)"
# as a daemon does: its parent ends, and it stands in a session of its own
DETACHED = (
    "import os, sys, time\nif os.fork(): sys.exit()\nos.setsid()\nprint(os.getpid(), flush=True)\ntime.sleep(600)"
)


@pytest.fixture(scope="module")
def processes(load_script):
    return load_script(REPOSITORY / "tools" / "testing" / "processes.py")


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Ids of processes, ended whatever the test found."""
    ids: list[int] = []
    yield ids
    for process in ids:
        try:
            os.kill(process, 9)
        except ProcessLookupError:
            pass


def start(started: list[int], program: str, *words: str, **settings: object) -> int:
    child = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE, text=True, **settings)  # type: ignore[call-overload]
    process = int(child.stdout.readline())
    started.append(process)
    child.stdout.close()
    return process


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def test_jobs_in_sessions_of_their_own_are_ended(processes, started: list[int], tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"]}
    server, job = bare | {"HOME": f"{tmp_path}/home"}, bare | {"HOME": f"{tmp_path}/data/jobs_directory/000/1/home"}
    mine = [start(started, SLEEP, env=server), start(started, SLEEP, env=job), start(started, DETACHED, env=job)]
    # a child that forgot the environment
    forgetful = "import os; os.environ.clear(); os.execv(os.sys.executable, ['python', '-c', os.sys.argv[1]])"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {forgetful!r}, {SLEEP!r}])"
    mine.append(start(started, parent, env=server))
    foreign = start(started, SLEEP, env=bare | {"HOME": f"{tmp_path}-of-another/home"})
    assert processes.processes_of(tmp_path) >= set(mine)
    processes.end_processes_of(tmp_path)
    assert not any(map(runs, mine)) and runs(foreign)


def test_this_process_and_its_parents_are_left_alone(processes) -> None:
    home = Path(os.environ["HOME"])
    assert not {os.getpid(), os.getppid()} & processes.processes_of(home.parent)


def test_none_is_found_where_none_is(processes, tmp_path: Path) -> None:
    assert processes.processes_of(tmp_path) == set()
