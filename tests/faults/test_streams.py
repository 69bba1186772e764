"""Standard output that cannot be written to, pipes that nobody writes to, and limits on what is written are named."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import MADE, WORDS

from clrna.cli import options, runtime
from clrna.cli.small_input import read_small
from clrna.errors import InputError, UsageError
from clrna.io.output.no_space import limit_of
from clrna.io.text.first_bytes import first_bytes

FULL = Path("/dev/full")
ENCODED = str(MADE / "encoded.h5ad")
NO_ROOM = "standard output: No space left on device; free some"
FETCH = ["ccle", "-o", "OUT/o.h5ad", "--offline"]
TOLD = {
    "help": ["train", "--help"],
    "the version": ["train", "--version"],
    "a completion": ["train", "--print-completion", "bash"],
    "the sources": ["fetch", "--list"],
    "the check": ["normalize", str(MADE / "SIM1.tsv.gz"), "--check", "-q"],
    "the scores": ["score", ENCODED, "-o", "-", "--metrics", "silhouette", "--bootstrap", "2", "-q"],
}


def run_as(name: str, *words: str, before: str = "pass", **settings: object) -> subprocess.CompletedProcess[str]:
    """Run an executable as the shell does."""
    code = f"import sys; {before}; sys.argv[0] = 'x'; from clrna.cli.{name} import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, text=True, timeout=300, check=False, **settings
    )


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
@pytest.mark.parametrize("words", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_named(words, unbuffered):
    with FULL.open("w") as full:
        done = run_as(*words, stdout=full, env={**os.environ, "PYTHONUNBUFFERED": unbuffered})
    errors = [line for line in done.stderr.splitlines() if ": error: " in line]  # old libraries warn of each other
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(errors) == 1
    assert NO_ROOM in errors[0]


@pytest.mark.parametrize("words", list(TOLD.values())[:-1], ids=list(TOLD)[:-1])
def test_nothing_is_told_to_a_closed_standard_output(words):
    done = run_as(*words, preexec_fn=lambda: os.close(1))
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if ": error: " in line] == [
        f"clrna-{words[0]}: error: standard output: is closed, and nothing can be written to it"
    ]


@pytest.mark.parametrize("name", ["score", "match", "explain"])
def test_a_table_is_not_lost_in_a_closed_standard_output(name):
    words = {"score": [ENCODED], "match": [ENCODED, ENCODED], "explain": [str(MADE / "model.safetensors")]}[name]
    done = run_as(name, *words, "-o", "-", "-q", preexec_fn=lambda: os.close(1))
    assert done.returncode == 2
    assert (
        done.stderr.endswith("-: is standard output, which is closed; name a file\n") and done.stderr.count("\n") == 1
    )


@pytest.mark.parametrize("name", WORDS)
def test_a_limit_on_the_size_of_files_is_named(place, name):
    place.empty()
    ended = place.run(name, file_size=512)
    ended.refused("File too large for the limit on the size of files (ulimit -f)")
    assert ended.status == 1
    assert "No space" not in ended.said
    assert not place.held()


@pytest.mark.parametrize("number", [28, 122, 27])
def test_what_libraries_say_of_a_limit(number):
    said = os.strerror(number)
    for error in (
        OSError(number, said),
        RuntimeError(f"Can't write (errno = {number}, error message = '{said}', buf = 0x1)"),
        ValueError(f"I/O error: {said} (os error {number})"),
    ):
        assert limit_of(error).startswith(said)
    assert limit_of(OSError(5, os.strerror(5))) == ""


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize("name", ["fetch", *WORDS])
def test_no_option_waits_for_a_pipe_that_nobody_writes_to(pipe, tmp_path, name, capsys, monkeypatch):
    monkeypatch.setattr("clrna.cli.small_input._SECONDS_FOR_A_WRITER", 0.2)
    module = __import__(f"clrna.cli.{name}", fromlist=["get_parser"])
    actions = [one for one in module.get_parser()._actions if getattr(one, "completed_as", None)]
    assert len(actions) > 1
    tried = 0
    for action in actions:
        if not action.option_strings:
            continue
        folder = tmp_path / f"{tried}"
        folder.mkdir()
        words = [word.replace("OUT", str(folder)) if word != "INPUT" else ENCODED for word in WORDS.get(name, FETCH)]
        watch = threading.Timer(60, os.kill, (os.getpid(), 15))  # instead of hanging
        watch.start()
        try:
            status = module.main([*words, action.option_strings[-1], str(pipe), "--threads", "1", "-q"])
        except SystemExit as ended:
            status = int(ended.code or 0)
        watch.cancel()
        said = capsys.readouterr().err
        assert status in (1, 2, 3), (action.option_strings, said)
        assert str(pipe) in said
        tried += 1
    assert pipe.is_fifo()


def test_a_pipe_whose_writer_comes_late(pipe, monkeypatch):
    monkeypatch.setattr("clrna.cli.small_input._SECONDS_FOR_A_WRITER", 30.0)

    def write() -> None:
        time.sleep(0.3)
        with pipe.open("w") as file:
            for part in ("seed", ": 1"):
                file.write(part)
                file.flush()
                time.sleep(0.3)

    writer = threading.Thread(target=write)
    writer.start()
    assert read_small(pipe, 100) == b"seed: 1"
    writer.join()


def test_a_pipe_of_the_shell_and_one_that_holds_nothing():
    for text in (b"seed: 1", b""):
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
        assert read_small(Path(f"/dev/fd/{reading}"), 100) == text
        os.close(reading)


def test_a_writer_that_writes_nothing_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr("clrna.cli.small_input._SECONDS_FOR_MORE", 0.2)
    reading, writing = os.pipe()
    with pytest.raises(UsageError, match="is a pipe to which nothing comes"):
        read_small(Path(f"/dev/fd/{reading}"), 100)
    os.close(reading)
    os.close(writing)


def test_what_is_no_pipe_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("clrna.cli.small_input._SECONDS_FOR_MORE", 20.0)
    began = time.monotonic()
    controlling, terminal = os.openpty()
    with pytest.raises(UsageError, match="is neither a file nor a pipe"):  # as the kernel's log, /proc/kmsg
        read_small(Path(f"/dev/fd/{terminal}"), 100)
    os.close(controlling)
    os.close(terminal)
    assert read_small(Path(os.devnull), 100) == b""
    assert time.monotonic() - began < 10


def test_no_input_is_waited_for():
    controlling, terminal = os.openpty()  # which has nothing to read, as the kernel's log
    began = time.monotonic()
    with pytest.raises(InputError, match="is no file, but a folder, a pipe or a device"):
        first_bytes(Path(f"/dev/fd/{terminal}"))
    assert time.monotonic() - began < 5
    os.close(controlling)
    os.close(terminal)


UNREADABLE = Path("/proc/self/mem")


@pytest.mark.skipif(not UNREADABLE.exists(), reason="no file here fails when it is read")
@pytest.mark.parametrize("name", WORDS)
def test_a_file_that_cannot_be_read_is_named(run, name):
    run(name, UNREADABLE).refused(f"{UNREADABLE}: cannot be read (Input/output error)")


@pytest.mark.skipif(not UNREADABLE.exists(), reason="no file here fails when it is read")
def test_a_file_beside_the_input_that_cannot_be_read_is_named(run):
    ended = run("normalize", MADE / "SIM1.tsv.gz", "--metadata", str(UNREADABLE))
    ended.refused(f"{UNREADABLE}: cannot be read (Input/output error)")
    with pytest.raises(InputError, match="cannot be read"):
        first_bytes(UNREADABLE)


def test_an_input_is_looked_at_before_any_work(tmp_path, capsys):
    parser = options.new_parser("small", "x")
    options.existing_file(parser, "input", metavar="INPUT", help="a file")
    options.add_general_options(parser)
    assert runtime.run(parser, lambda args: None, [str(tmp_path)]) == 3
    assert "is a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", WORDS)
def test_a_file_that_another_program_writes_to_is_told_as_that(run, tmp_path, name):
    path = tmp_path / "open.h5ad"
    shutil.copy(ENCODED, path)
    code = "import h5py, sys; file = h5py.File(sys.argv[1], 'r+'); print('x', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.read(1) == b"x"
        run(name, path).refused(f"{path}: another program has it open for writing; close it there")
