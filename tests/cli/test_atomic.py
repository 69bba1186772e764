"""A file is written whole or not at all, whatever ends the run."""

import os
import signal
import subprocess
import sys

import pytest

from clrna.cli import options, runtime
from clrna.errors import InputError
from clrna.io.output import beside
from clrna.io.output.atomic import replacing, write_text

WRITER = """
import sys, time
from pathlib import Path
from clrna.cli import options, runtime
from clrna.io.output.atomic import replacing

parser = options.new_parser("small", "x")
options.add_output_option(parser, "a file")
options.add_general_options(parser)

def body(args):
    with replacing(args.output) as temporary:
        temporary.write_text("half of the new")
        print("half written", flush=True)
        for _ in range(600):  # a signal just before a long sleep would not end it
            time.sleep(0.1)

sys.exit(runtime.run(parser, body, ["-o", sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "keyboard"]
)
@pytest.mark.parametrize("old", ["the old file", None], ids=["replacing", "new"])
def test_a_signal_leaves_the_old_file_whole_and_nothing_else(tmp_path, number, status, old):
    target = tmp_path / "out.h5ad"
    if old is not None:
        target.write_text(old)
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "half written\n"
    assert len(list(tmp_path.iterdir())) == 1 + (old is not None)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == status
    assert len(errors.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == (["out.h5ad"] if old is not None else [])
    if old is not None:
        assert target.read_text() == old


@pytest.mark.parametrize("moment", ["made", "removed"])
def test_sigterm_just_when_the_temporary_file_is_made_or_removed_leaves_none(tmp_path, monkeypatch, moment):
    there = []
    created, removed = beside.create, beside.remove

    def create(path):
        created(path)
        there.append(path.exists())
        signal.raise_signal(signal.SIGTERM)

    def remove(path):
        monkeypatch.setattr(beside, "remove", removed)
        there.append(path.exists())
        signal.raise_signal(signal.SIGTERM)  # and so this does not remove it

    def body(args):
        monkeypatch.setattr(beside, *(("create", create) if moment == "made" else ("remove", remove)))
        with replacing(args.output):
            raise InputError("x.tsv: is no table")

    parser = options.new_parser("small", "x")
    options.add_output_option(parser, "a file")
    options.add_general_options(parser)
    assert runtime.run(parser, body, ["-o", str(tmp_path / "out.h5ad")]) == 143
    assert there == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_is_not_taken_for_a_temporary_one(tmp_path):
    path = beside.name_in(tmp_path, ".out-", ".tsv")
    path.write_text("another's")
    with pytest.raises(FileExistsError):
        beside.create(path)
    beside.remove(path)
    assert path.read_text() == "another's"
    assert not beside.is_noted(path)


def test_an_error_leaves_the_old_file_whole(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as temporary:
        temporary.write_text("new")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_new_file_takes_its_place(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old")
    write_text(target, "new µ")
    assert target.read_text(encoding="utf-8") == "new µ"
    assert list(tmp_path.iterdir()) == [target]


def test_the_temporary_file_lies_beside_the_target_with_its_suffix(tmp_path):
    target = tmp_path / "table.tsv.gz"
    with replacing(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".tsv.gz")
        assert not target.exists()


def test_permissions_follow_the_umask_and_then_the_old_file(tmp_path):
    target = tmp_path / "out.txt"
    old_mask = os.umask(0o027)
    try:
        write_text(target, "new")
    finally:
        os.umask(old_mask)
    assert target.stat().st_mode & 0o777 == 0o640
    target.chmod(0o600)
    write_text(target, "newer")
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_hard_link_of_the_old_file_keeps_the_old_content(tmp_path):
    target, link = tmp_path / "out.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.hardlink_to(target)
    write_text(target, "new")
    assert (target.read_text(), link.read_text()) == ("new", "old")
