"""Closed standard streams, and temporary folders that a killed run left."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import unittest.mock
import warnings
from pathlib import Path

import pytest

from clrna.cli import normalize, options, runtime
from clrna.cli.fetch import main as fetch
from clrna.cli.scratch import scratch_folder
from clrna.io.output.stop_signals import OTHER_STOPS

CACHES = ["MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"]
WRITER = """
import logging, sys, tempfile, time
from pathlib import Path
from clrna.cli import options, runtime
from clrna.io.output.atomic import write_text
parser = options.new_parser("small", "x")
options.add_output_option(parser, "a file")
options.add_general_options(parser)
def body(args):
    print("to standard output")
    logging.getLogger("clrna").warning("to standard error")
    Path(tempfile.mkdtemp()).joinpath("left").touch()
    write_text(args.output, "text")
    if "--seed" in sys.argv:
        args.output.with_name("ready").touch()
        time.sleep(60)
sys.exit(runtime.run(parser, body, sys.argv[1:]))
"""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_fault(tmp_path, closed):
    (tmp_path / "w.py").write_text(WRITER)
    out = tmp_path / "o"
    done = subprocess.run(["sh", "-c", f"{sys.executable} {tmp_path}/w.py -o {out} {closed}"], check=False)
    assert done.returncode == 0
    assert out.read_text() == "text"


def test_a_folder_that_was_removed_is_named(tmp_path):
    (tmp_path / "w.py").write_text(WRITER)
    (tmp_path / "gone").mkdir()
    command = f"cd {tmp_path}/gone && rmdir {tmp_path}/gone && {sys.executable} {tmp_path}/w.py -o o"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert done.returncode == 2
    fault = "the folder that this command runs in is gone or may not be looked at; change to another one (cd)"
    assert lines == [f"clrna-small: error: {fault}"]


@pytest.mark.parametrize("words", [["-o", ""], ["-o", "o", "--config", ""], ["-o="], ["-o", " "], ["-o", "\n\t"]])
def test_an_empty_name_is_not_the_folder(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    parser = options.new_parser("small", "x")
    options.add_output_option(parser, "a file")
    options.add_general_options(parser)
    assert runtime.run(parser, lambda args: None, words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("word", ["", " ", "\n", " ,\t"])
def test_a_value_that_is_blank_is_told(capsys, word):
    with pytest.raises(SystemExit, match="2"):
        normalize.main(["in.h5ad", "-o", "o.h5ad", f"--donor-key={word}"])
    assert "argument --donor-key: its value is empty; give one" in capsys.readouterr().err


def test_an_empty_input_is_told_as_that(capsys):
    assert normalize.main(["", "-o", "o.h5ad"]) == 2
    assert "INPUT: its name is empty; name a file" in capsys.readouterr().err


def waiting(folder: Path, *before: str) -> subprocess.Popen[str]:
    """Start a run that has made a temporary folder and waits."""
    (folder / "tmp").mkdir()
    words = [*before, sys.executable, "-c", WRITER, "-o", str(folder / "o"), "--seed", "1"]
    # The tests themselves may run below nohup.
    heard = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    run = subprocess.Popen(words, env={**os.environ, "TMPDIR": str(folder / "tmp")}, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGHUP, heard)
    while not (folder / "ready").exists():
        assert run.poll() is None
        time.sleep(0.05)
    return run


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, *OTHER_STOPS])
def test_a_run_that_is_stopped_leaves_no_folder_and_names_the_signal(tmp_path, number):
    run = waiting(tmp_path)
    run.send_signal(number)
    said = run.communicate(timeout=60)[1]
    assert run.returncode == 128 + number
    assert f"error: stopped by {number.name}" in said.splitlines()[-1]
    assert "; written by then: " in said.splitlines()[-1]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_below_nohup_a_closed_terminal_stops_nothing(tmp_path):
    run = waiting(tmp_path, "sh", "-c", "trap '' HUP; exec \"$@\"", "sh")
    run.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert run.poll() is None
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=60)
    assert run.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("limit", ["-t 7", "-S -t 6"])  # on a busy machine to start alone takes two
def test_a_limit_of_cpu_time_is_told_before_the_end_that_nobody_is_told_of(tmp_path, limit):
    (tmp_path / "tmp").mkdir()
    busy = WRITER.replace('print("to standard output")', "while True: pass").replace(", sys.argv[1:]", "")
    (tmp_path / "w.py").write_text(busy)
    command = f"ulimit {limit}; exec {sys.executable} {tmp_path}/w.py -o {tmp_path}/o"
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGXCPU, done.stderr
    assert "stopped by SIGXCPU (its limit of CPU time is used up; raise it with ulimit -t" in done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_limit_of_open_files_that_is_too_low_is_told_before_any_work(tmp_path):
    (tmp_path / "w.py").write_text(WRITER)
    command = f"ulimit -n 10; {sys.executable} {tmp_path}/w.py -o {tmp_path}/o"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("10 open files, 64 are needed to begin; raise it with ulimit -n")
    assert not (tmp_path / "o").exists()


def test_a_limit_of_processes_that_libraries_abort_or_hang_with_is_told(monkeypatch, capsys, tmp_path):
    """Nobody is root in the eyes of that limit, so tests cannot set it."""
    started, start = [], threading.Thread.start

    def limited(thread):
        if len(started) == 13:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    parser = options.new_parser("w", "x")
    options.add_general_options(parser)
    assert runtime.run(parser, lambda _: None, ["--threads", "1"]) == 0
    started.clear()
    assert runtime.run(parser, lambda _: None, ["--threads", "2"]) == 2
    fault = "this user or job may start 13 more threads, 16 are needed to begin; raise the limit on processes ("
    assert f"error: {fault}" in capsys.readouterr().err
    assert not any(thread.is_alive() for thread in started)


def test_what_a_library_logs_stands_in_the_log_of_v_alone(capsys):
    parser = options.new_parser("w", "x")
    options.add_general_options(parser)
    last, root = logging.lastResort, logging.getLogger().handlers
    with unittest.mock.patch.object(logging.getLogger(), "handlers", []):
        for words in ([], ["-v"]):
            assert runtime.run(parser, lambda _: logging.getLogger("a.library").warning("no\ncache"), words) == 0
    assert (logging.lastResort, logging.getLogger().handlers) == (last, root)
    assert capsys.readouterr().err == "clrna-w: debug: a.library: no cache\n"


@pytest.mark.parametrize(("words", "status"), [(["-o", "o"], 0), (["-o", "none/o"], 2), (["-o", "o", "--nothing"], 2)])
def test_what_cannot_be_said_on_a_full_disk_changes_no_exit_status(tmp_path, words, status):
    (tmp_path / "w.py").write_text(WRITER.replace(", sys.argv[1:]", ""))
    command = f"exec {sys.executable} {tmp_path}/w.py {' '.join(words)} 2>/dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == status
    assert (tmp_path / "o").exists() == (status == 0)


def test_where_no_folder_takes_temporary_files(tmp_path):
    (tmp_path / "w.py").write_text(WRITER)
    command = f"ulimit -f 0; {sys.executable} {tmp_path}/w.py -o {tmp_path}/o 2>&1 | cat"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("clrna-small: error: no folder takes temporary files, neither TMPDIR nor /tmp; set ")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(("words", "said"), [([], ""), (["-v"], "w: debug: UserWarning: odd values\n")])
def test_what_a_library_warns_of_stands_in_the_log_of_v_alone(tmp_path, capsys, words, said):
    def body(_):
        warnings.warn("odd\nvalues", UserWarning, stacklevel=1)

    parser = options.new_parser("w", "x")
    options.add_general_options(parser)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert runtime.run(parser, body, words) == 0
    assert capsys.readouterr().err.removeprefix("clrna-") == said


@pytest.mark.parametrize("text", ["-1", "1025", "1000000000"])
def test_threads_that_no_machine_has_are_refused(capsys, text):
    parser = options.new_parser("w", "x")
    options.add_general_options(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(["--threads", text])
    assert f"'{text}' is not a whole number from 0 to 1024" in capsys.readouterr().err


def test_what_a_killed_run_left_goes_with_the_next(tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    killed = subprocess.Popen([sys.executable, "-c", WRITER, "-o", str(tmp_path / "o"), "--seed", "1"], env=environment)
    while not (tmp_path / "ready").exists():
        assert killed.poll() is None
        time.sleep(0.05)
    assert len(list(folder.iterdir())) == 1
    done = subprocess.run([sys.executable, "-c", WRITER, "-o", str(tmp_path / "p")], env=environment, check=False)
    assert done.returncode == 0
    assert len(list(folder.iterdir())) == 1, "one that is in use was swept"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(list(folder.iterdir())) == 1
    subprocess.run([sys.executable, "-c", WRITER, "-o", str(tmp_path / "p")], env=environment, check=True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["another-host", ""])
def test_what_is_another_hosts_or_was_not_begun_stays(tmp_path, monkeypatch, text):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "clrna-other"
    left.mkdir()
    (left / ".in-use").write_text(text)
    (tmp_path / "clrna-file").touch()
    (tmp_path / "clrna-link").symlink_to(left)
    (tmp_path / "clrna-empty").mkdir()
    with scratch_folder() as folder:
        assert Path(os.environ["TMPDIR"]) == folder
    assert {path.name for path in tmp_path.iterdir()} == {"clrna-other", "clrna-file", "clrna-link", "clrna-empty"}


def test_nothing_leads_into_a_folder_that_is_gone(tmp_path, monkeypatch):
    for name in CACHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    seen = {}

    def body(_):
        seen.update({name: os.environ[name] for name in CACHES})

    parser = options.new_parser("w", "x")
    options.add_general_options(parser)
    assert runtime.run(parser, body, []) == 0
    assert {Path(seen[name]).parent.name.startswith("clrna-") for name in CACHES[1:]} == {True}
    assert seen["MPLCONFIGDIR"] == os.environ["MPLCONFIGDIR"] == str(tmp_path)
    assert not set(CACHES[1:]) & set(os.environ)


SETTINGS = {
    "PYTHONOPTIMIZE": ("2", "PYTHONOPTIMIZE=2 (python -OO) takes from libraries what they need; unset it, or give 1"),
    "SOURCE_DATE_EPOCH": ("junk", "SOURCE_DATE_EPOCH: 'junk' is no number of seconds since 1970; unset it"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_libraries_fail_with_is_named(tmp_path, name):
    value, fault = SETTINGS[name]
    words = [sys.executable, "-c", WRITER, "-o", str(tmp_path / "o")]
    done = subprocess.run(words, env={**os.environ, name: value}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"clrna-small: error: {fault}\n")


def test_a_cache_that_cannot_be_written_to_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name, given in zip(CACHES, ["/proc/x", str(tmp_path / "file"), "", str(tmp_path / "new")], strict=True):
        monkeypatch.setenv(name, given)
    runtime.set_environment(1, tmp_path / "scratch")
    held = [Path(os.environ[name]) for name in CACHES]
    assert [path.parent for path in held[:3]] == [tmp_path / "scratch"] * 3 and held[3] == tmp_path / "new"


def test_figures_are_drawn_whatever_a_notebook_around_shows_them_with(monkeypatch, tmp_path):
    monkeypatch.setenv("MPLBACKEND", "module://of_a_notebook")
    runtime.set_environment(1, tmp_path)
    assert os.environ["MPLBACKEND"] == "Agg"


def test_threads_that_wait_sleep_unless_somebody_says_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
    runtime.set_environment(2, tmp_path)
    assert (os.environ["OMP_WAIT_POLICY"], os.environ["OPENBLAS_THREAD_TIMEOUT"]) == ("ACTIVE", "4")
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"


def test_what_a_killed_notebook_left_goes_with_the_next_executable(tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    code = (
        "import time; from clrna.io.output.scratch import scratch\n"
        "with scratch('encode') as folder: (folder / 'large').touch(); print('x', flush=True); time.sleep(60)"
    )
    killed = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
    assert killed.stdout.read(1) == b"x"
    run = [sys.executable, "-c", WRITER, "-o", str(tmp_path / "p")]
    subprocess.run(run, env=environment, check=True)
    assert len(list(folder.glob("clrna-encode-*/large"))) == 1, "one that is in use was swept"
    killed.kill()
    killed.communicate()
    subprocess.run(run, env=environment, check=True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("name", "library"), [("HDF5_DRIVER", "h5py"), ("TORCH_LOGS", "torch")])
def test_what_a_library_cannot_read_in_the_environment_crashes_nothing(tmp_path, name, library):
    code = WRITER.replace('print("to standard output")', f"import {library}; print('to standard output')")
    words = [sys.executable, "-c", code, "-o", str(tmp_path / "o")]
    done = subprocess.run(words, env={**os.environ, name: "bogus"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mask", ["0777", "0700", "0400", "0277"])
def test_a_umask_that_takes_from_the_owner_is_told(tmp_path, mask):
    words = f"umask {mask}; exec {sys.executable} -m clrna.cli.fetch --list -o list.tsv"
    ended = subprocess.run(["/bin/sh", "-c", words], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"clrna-fetch: error: the umask {mask} takes away the rights of the owner; set")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["-o", "~/x.tsv"], ["--output=~/x.tsv"], ["-o", "x.tsv", "--cache", "~/c"],
    ["-o", "x.tsv", "--from=~/c"], ["-o", "x.tsv", "--config=~/c.yaml"], ["-o", "x.tsv", "--netrc=~/c"]])  # fmt: skip
def test_a_home_that_no_shell_has_put_in_place_is_told(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~").mkdir()
    for name in ("c", "c.yaml"):
        (tmp_path / "~" / name).write_text("")
    assert fetch(["--list", *words]) == 2
    assert "~ stands for a home only where the shell sees it" in capsys.readouterr().err
    assert not (tmp_path / "~/x.tsv").exists() and not (tmp_path / "x.tsv").exists()


def test_a_name_that_only_begins_as_a_home_does_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fetch(["--list", "-o", "~x.tsv"]) == 0
    assert (tmp_path / "~x.tsv").exists()
