"""Closed standard streams, and temporary folders that a killed run left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clrna.cli.scratch import scratch_folder

WRITER = """
import sys, tempfile, time
from pathlib import Path
from clrna.cli import options, runtime
from clrna.io.atomic import write_text
parser = options.new_parser("small", "x")
options.add_output_option(parser, "a file")
options.add_general_options(parser)
def body(args):
    print("to standard output")
    print("to standard error", file=sys.stderr)
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
