"""What is no regular file is never replaced: outputs go behind links, through standard output, or are refused."""

import os
import socket
import stat
from pathlib import Path

import pytest

from clrna.cli import options, runtime
from clrna.errors import UsageError
from clrna.io.output.atomic import replacing, write_text
from clrna.io.output.destination import why_not

SMALL = """
import sys
from clrna.cli import options, runtime
from clrna.io.output.atomic import replacing, write_text

parser = options.new_parser("small", "x")
options.output_file(parser, "--binary", metavar="FILE", help="a file")
options.output_file(parser, "--text", text=True, metavar="FILE", help="a text")
options.output_file(parser, "--more", text=True, metavar="FILE", help="another text")
options.add_general_options(parser)

def body(args):
    print("working", file=sys.stderr)
    if args.binary:
        with replacing(args.binary) as temporary:
            temporary.write_bytes(b"binary")
    for path in (args.text, args.more):
        if path:
            write_text(path, "text\\n")

sys.exit(runtime.run(parser, body, sys.argv[1:]))
"""


@pytest.fixture
def small(python):
    """Run an executable that has outputs of both kinds."""
    return lambda *words, **settings: python("-c", SMALL, *words, **settings)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def make_device(path: Path) -> None:
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device, and a real one is not to be risked")


@pytest.mark.parametrize("folder", ["/proc", "/sys", "/dev/fd"])
def test_a_folder_that_takes_no_files_is_a_wrong_name(tmp_path, folder):
    path = Path(folder) / "x.tsv"
    if not path.parent.is_dir():
        pytest.skip(f"there is no {folder}")
    with pytest.raises(UsageError, match=rf"{path}: .*(cannot be written there|may not be written to)"):
        write_text(path, "text")


KINDS = [
    pytest.param(make_pipe, id="pipe"),
    pytest.param(make_socket, id="socket"),
    pytest.param(make_device, id="device"),
]


@pytest.mark.parametrize("behind_a_link", [False, True])
@pytest.mark.parametrize("make", KINDS)
def test_what_is_no_file_is_refused_before_work_and_stays(small, tmp_path, make, behind_a_link):
    make(tmp_path / "odd")
    kind = (tmp_path / "odd").lstat().st_mode
    target = tmp_path / "odd"
    if behind_a_link:
        target = tmp_path / "link"
        target.symlink_to("odd")
    done = small("--binary", str(target))
    assert done.returncode == 2
    assert done.stderr.startswith(f"clrna-small: error: --binary {target}: is a ")
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "odd").lstat().st_mode == kind


@pytest.mark.parametrize("make", KINDS)
def test_library_code_does_not_replace_it_either(tmp_path, make):
    make(tmp_path / "odd")
    with pytest.raises(UsageError, match="name a file"), replacing(tmp_path / "odd"):
        pytest.fail("the block was entered")
    assert [path.name for path in tmp_path.iterdir()] == ["odd"]


def test_a_pipe_that_comes_meanwhile_is_not_replaced(tmp_path):
    target = tmp_path / "out"
    with pytest.raises(UsageError, match="is a pipe"), replacing(target) as temporary:
        temporary.write_text("new")
        os.mkfifo(target)
    assert stat.S_ISFIFO(target.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_text_goes_through_standard_output(small, name):
    done = small("--text", name)
    assert (done.returncode, done.stdout) == (0, "text\n")


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_what_is_no_text_does_not(small, name):
    done = small("--binary", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "takes text only" in done.stderr
    assert "working" not in done.stderr


def test_two_texts_through_standard_output_are_refused(small):
    done = small("--text", "-", "--more", "/dev/stdout")
    assert done.returncode == 2
    assert "names the same file" in done.stderr


def test_text_goes_into_a_device(small, tmp_path):
    make_device(tmp_path / "null")
    assert small("--text", str(tmp_path / "null"), "--more", str(tmp_path / "null")).returncode == 0
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)


@pytest.mark.parametrize("option", ["--text", "--binary"])
@pytest.mark.parametrize("there", [True, False])
def test_the_file_behind_a_link_is_replaced_and_the_link_stays(small, tmp_path, option, there):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    if there:
        target.write_text("old")
        before = target.stat().st_ino
    link.symlink_to(Path("folder") / "target")
    assert small(option, str(link)).returncode == 0
    assert link.is_symlink()
    assert target.read_text().strip() in ("text", "binary")
    assert not there or target.stat().st_ino != before
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["target"]


@pytest.mark.parametrize("leads", ["to itself", "into a folder that is not there"])
def test_a_link_that_leads_nowhere_is_refused(small, tmp_path, leads):
    (tmp_path / "link").symlink_to("link" if leads == "to itself" else "no/target")
    done = small("--binary", str(tmp_path / "link"))
    assert done.returncode == 2
    assert "leads back to itself" in done.stderr or "does not exist" in done.stderr
    assert "working" not in done.stderr


@pytest.mark.parametrize("name", ["a" * 250 + ".h5ad", "a." + "b" * 245 + ".h5", "µ" * 125 + ".tsv"])
def test_names_as_long_as_a_folder_takes_are_written(tmp_path, name):
    write_text(tmp_path / name, "text")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a" * 256, "a\0b"])
def test_names_that_no_folder_takes_are_usage_errors(tmp_path, capsys, name):
    parser = options.new_parser("small", "x")
    options.add_output_option(parser, "a file")
    options.add_general_options(parser)
    assert runtime.run(parser, lambda args: pytest.fail("worked"), ["-o", str(tmp_path / name)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "--output" in lines[0]


def test_an_input_that_is_no_file_is_refused_before_work(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    parser = options.new_parser("small", "x")
    options.existing_file(parser, "input", metavar="INPUT", help="a file")
    options.add_general_options(parser)
    assert runtime.run(parser, lambda args: pytest.fail("worked"), [str(tmp_path / "pipe")]) == 3
    assert "is a pipe or a device" in capsys.readouterr().err


def test_a_file_that_only_another_may_replace_is_told_before_any_work(tmp_path, monkeypatch):
    tmp_path.chmod(0o1777)
    (tmp_path / "a.tsv").write_text("of another")
    assert why_not(tmp_path / "a.tsv", text=True) == ""
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 7)
    assert why_not(tmp_path / "a.tsv", text=True).startswith("belongs to another user, who alone may replace it in")
    assert why_not(tmp_path / "b.tsv", text=True) == ""
    tmp_path.chmod(0o777)
    assert why_not(tmp_path / "a.tsv", text=True) == ""
