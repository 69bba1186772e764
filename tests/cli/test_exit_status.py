"""Each kind of failure has its own exit status and one line on stderr."""

import argparse
import os
import signal
import sys
import time
import weakref
from pathlib import Path

import pytest

from clrna.cli import options, runtime
from clrna.errors import DeviceError, InputError, RemoteError, UsageError
from clrna.io.output.atomic import write_text


def small_parser() -> argparse.ArgumentParser:
    parser = options.new_parser("small", "A parser with what every executable has.")
    options.existing_file(parser, "input", metavar="INPUT", help="file to read")
    options.add_output_option(parser, "a file")
    options.output_file(parser, "--card", default=None, metavar="FILE", help="another file")
    options.existing_file(parser, "--metadata", action="append", default=None, metavar="FILE", help="more to read")
    options.add_general_options(parser)
    return parser


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.txt"
    path.write_text("source")
    return path


@pytest.fixture
def run(source, tmp_path):
    def call(body=lambda args: None, *words: str, output=tmp_path / "out.txt"):
        return runtime.run(small_parser(), body, [str(source), "-o", str(output), *words])

    return call


def raising(error):
    def body(args):
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("boom"), 1),
        (OSError(28, "No space left on device", "out.h5ad"), 1),
        (MemoryError(), 1),
        (UsageError("--a and --b exclude each other"), 2),
        (InputError("a.h5ad: obs has no column 'study'"), 3),
        (DeviceError("--device cuda: no driver"), 4),
        (RemoteError("the server answered 503"), 5),
        (KeyboardInterrupt(), 130),
    ],
)
def test_status_and_one_line(run, capsys, error, status):
    assert run(raising(error)) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("clrna-small: error: ")
    assert "Traceback" not in captured.err


def test_done_is_zero_and_silent(run, capsys):
    assert run() == 0
    assert capsys.readouterr() == ("", "")


def test_an_error_of_several_lines_becomes_one(run, capsys):
    assert run(raising(InputError("first\n  second"))) == 3
    assert capsys.readouterr().err == "clrna-small: error: first second\n"


def test_an_unexpected_error_names_itself_and_the_mend(run, capsys):
    run(raising(ZeroDivisionError("division by zero")))
    text = capsys.readouterr().err
    assert "ZeroDivisionError" in text
    assert "-v" in text


def test_no_space_left_names_the_file(run, capsys):
    run(raising(OSError(28, "No space left on device", "out.h5ad")))
    assert capsys.readouterr().err.startswith("clrna-small: error: out.h5ad: No space left on device; free some")


def test_verbose_shows_the_traceback(run, capsys):
    assert run(raising(InputError("bad file")), "-v") == 3
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert text.splitlines()[-1] == "clrna-small: error: bad file"


def test_wrong_option_is_usage(run, capsys):
    with pytest.raises(SystemExit) as stopped:
        run(lambda args: None, "--no-such-option")
    assert stopped.value.code == 2
    assert "--no-such-option" in capsys.readouterr().err


def test_options_are_not_abbreviated(run):
    with pytest.raises(SystemExit) as stopped:
        run(lambda args: None, "--thread", "1")
    assert stopped.value.code == 2


@pytest.mark.parametrize("words", [("--threads", "-1"), ("--threads", "two"), ("--seed", "1.5"), ("-v", "-q")])
def test_wrong_values_are_usage(run, words):
    with pytest.raises(SystemExit) as stopped:
        run(lambda args: None, *words)
    assert stopped.value.code == 2


def test_missing_input(tmp_path, capsys):
    status = runtime.run(small_parser(), lambda args: None, [str(tmp_path / "no.h5ad"), "-o", str(tmp_path / "o")])
    assert status == 3
    assert "no.h5ad: no such file" in capsys.readouterr().err


def test_input_is_a_folder(tmp_path, capsys):
    status = runtime.run(small_parser(), lambda args: None, [str(tmp_path), "-o", str(tmp_path / "o")])
    assert status == 3
    assert "is a folder" in capsys.readouterr().err


def test_missing_file_of_an_option_is_named(run, capsys, tmp_path):
    assert run(lambda args: None, "--metadata", str(tmp_path / "none.tsv")) == 3
    assert "--metadata" in capsys.readouterr().err


def test_missing_output_folder(run, capsys, tmp_path):
    assert run(output=tmp_path / "no" / "out.txt") == 2
    assert "does not exist" in capsys.readouterr().err


def test_output_is_a_folder(run, capsys, tmp_path):
    assert run(output=tmp_path) == 2
    assert "is a folder" in capsys.readouterr().err


def test_two_outputs_are_one_file(run, capsys, tmp_path):
    assert run(lambda args: None, "--card", str(tmp_path / "out.txt")) == 2
    assert "same file" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["same", "dotted", "symlink", "of an option"])
def test_an_input_is_never_overwritten(source, tmp_path, way, capsys):
    words = [str(source), "-o", str(source)]
    if way == "dotted":
        words[2] = str(tmp_path / "." / "source.txt")
    elif way == "symlink":
        (tmp_path / "link").symlink_to(source)
        words[2] = str(tmp_path / "link")
    elif way == "of an option":
        other = tmp_path / "table.tsv"
        other.write_text("table")
        words = [str(source), "--metadata", str(other), "-o", str(other)]
    called = []
    assert runtime.run(small_parser(), called.append, words) == 2
    assert called == []
    assert source.read_text() == "source"
    assert "an input is never overwritten" in capsys.readouterr().err


def test_paths_are_checked_before_the_work(run, tmp_path):
    called = []
    assert run(called.append, output=tmp_path / "no" / "out.txt") == 2
    assert called == []


def test_logs_go_to_stderr_as_loudly_as_asked(run, capsys):
    import logging

    def body(args):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger("clrna").log(level, "level %d", level)

    run(body)
    usual = capsys.readouterr()
    run(body, "-q")
    quiet = capsys.readouterr()
    run(body, "-v")
    verbose = capsys.readouterr()
    assert (usual.out, quiet.out, verbose.out) == ("", "", "")
    assert usual.err == "clrna-small: info: level 20\nclrna-small: warning: level 30\n"
    assert quiet.err == "clrna-small: warning: level 30\n"
    assert len(verbose.err.splitlines()) == 3


def test_threads_reach_the_libraries(run, monkeypatch):
    seen = {}
    monkeypatch.delitem(sys.modules, "numba", raising=False)  # another test of this process may have loaded it
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "7")
    run(lambda args: seen.update(os.environ), "--threads", "3")
    assert {seen[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")} == {"3"}


def test_executables_follow_one_another_in_a_process_whose_numba_threads_run(tmp_path, test_data, python, monkeypatch):
    """Numba refuses another number of threads than it started."""
    samples = test_data.parent / "tools" / "clrna" / "test-data" / "encoded.h5ad"
    script = f"""
import numba, numpy
@numba.njit(parallel=True)
def total(x):
    result = 0.0
    for i in numba.prange(x.size):
        result += x[i]
    return result
total(numpy.ones(9))
from clrna.cli import plot
words = [{str(samples)!r}, "--projections", "umap", "--quiet", "-o"]
for threads in ("1", "2"):
    status = plot.main([*words, {str(tmp_path)!r} + f"/{{threads}}.png", "--threads", threads])
    assert status == 0, status
"""
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    done = python("-c", script)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"1.png", "2.png"}


def test_caches_lie_in_a_temporary_folder_that_goes(run, monkeypatch):
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    seen = {}
    run(lambda args: seen.update(os.environ))
    folder = Path(seen["NUMBA_CACHE_DIR"]).parent
    assert folder.name.startswith("clrna-")
    assert not folder.exists()


def test_a_reader_that_went_away_is_no_error(tmp_path, python):
    code = (
        "import sys\n"
        "from clrna.cli import options, runtime\n"
        "parser = options.new_parser('small', 'x')\n"
        "options.add_general_options(parser)\n"
        "def body(args):\n"
        "    for _ in range(100000): print('a line that nobody reads')\n"
        "sys.exit(runtime.run(parser, body, []))\n"
    )
    script = tmp_path / "printer.py"
    script.write_text(code)
    done = python("-c", f"import subprocess, sys; p = subprocess.Popen([sys.executable, {str(script)!r}], "
                  "stdout=subprocess.PIPE, stderr=subprocess.PIPE); p.stdout.readline(); p.stdout.close(); "
                  "print(p.wait(), p.stderr.read().decode())")  # fmt: skip
    assert done.stdout.split() == ["141"], done.stdout


def test_second_sigterm_does_not_interrupt_the_unwinding(run, capsys):
    unwound = []

    def body(args):
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            unwound.append("removed")

    assert run(body) == 128 + signal.SIGTERM
    assert unwound == ["removed"]
    assert "stopped by SIGTERM" in capsys.readouterr().err


def where_python_drops_exceptions(action):
    """Call ``action`` in a weak reference's callback."""
    thing = type("Thing", (), {})()
    reference = weakref.ref(thing, lambda _: action())
    del thing
    assert reference() is None


@pytest.mark.parametrize(("number", "name"), [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "the keyboard")])
def test_a_stop_is_not_lost_where_python_drops_exceptions(run, capsys, number, name):
    went_on = []

    def body(args):
        where_python_drops_exceptions(lambda: signal.raise_signal(number))
        went_on.append("after the callback")
        time.sleep(30)
        went_on.append("to the end")

    assert run(body) == 128 + number
    assert went_on == ["after the callback"]
    errors = capsys.readouterr().err
    assert f"{name}; no output was replaced" in errors
    assert "Exception ignored" not in errors
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize(("number", "name"), [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "the keyboard")])
def test_a_stop_is_told_where_a_clean_up_that_it_interrupts_fails(run, capsys, number, name):
    def body(args):
        try:
            try:
                signal.raise_signal(number)
            finally:
                raise RuntimeError("trying to pop from empty mode stack")  # as torch does
        except RuntimeError as error:
            raise InputError("model: is not complete") from error

    assert run(body) == 128 + number
    errors = capsys.readouterr().err
    assert f"{name}; no output was replaced" in errors
    assert len(errors.splitlines()) == 1


def test_a_stop_after_an_output_took_its_place_says_so(run, capsys, tmp_path):
    def body(args):
        write_text(args.output, "new")
        signal.raise_signal(signal.SIGTERM)

    assert run(body) == 143
    errors = capsys.readouterr().err
    assert errors == f"clrna-small: error: stopped by SIGTERM; written by then: {tmp_path / 'out.txt'}\n"


def test_what_python_drops_besides_a_stop_is_told_as_ever(run, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda dropped: told.append(dropped.exc_type))
    assert run(lambda args: where_python_drops_exceptions(lambda: 1 / 0)) == 0
    assert told == [ZeroDivisionError]
