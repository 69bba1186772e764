"""A password in an address is shown nowhere: in no error, log, traceback or record, nor in the list of processes."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from clrna.cli.fetch import main
from clrna.errors import RemoteError
from clrna.fetch.address import local_path, shown
from clrna.fetch.failures import retry_after
from clrna.io.provenance import make_record
from clrna.io.user_info import without_user_info

SECRET = "hunter2"  # noqa: S105 - it opens nothing
PASSWORDS = [SECRET, f"p@{SECRET}", f"a/{SECRET}", f"{SECRET}:x", f"%40{SECRET}"]
ADDRESSES = [
    "https://user:{}@127.0.0.1:9/x.tsv", "http://user:{}@127.0.0.1:9/x.tsv", "http://{}@127.0.0.1:9/x.tsv",
    "http://user:{}@host:port/x", "http://user:{}@[::1/x", "ftp://user:{}@127.0.0.1/x", "file://user:{}@host/x",
    "HTTP://user:{}@127.0.0.1:9/x", "http://user:{}@/x", "user:{}@127.0.0.1/x", "http://user:{}@127.0.0.1:9/\x7f",
]  # fmt: skip
FAST = ["--retries", "0", "--timeout", "1", "-v"]


@pytest.mark.parametrize(
    ("address", "password"),
    [
        (address, password)
        for address in ADDRESSES
        for password in PASSWORDS
        if "user:" in address or "/" not in password  # else what comes before the slash is the host
    ],
)
@pytest.mark.parametrize("how", ["name", "mirror", "environment"])
def test_a_password_is_shown_nowhere(capsys, tmp_path, monkeypatch, address, password, how):
    monkeypatch.chdir(tmp_path)
    url = address.format(password)
    if how == "environment":
        monkeypatch.setenv("CLRNA_MIRROR", url)
    words = [url] if how == "name" else ["ccle"]
    status = main([*words, "-o", "x.h5ad", *(["--mirror", url] if how == "mirror" else []), *FAST])
    said = "".join(capsys.readouterr())
    assert status in (2, 5), said
    assert SECRET not in said
    assert len([line for line in said.splitlines() if ": error: " in line]) == 1
    assert "unexpected" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_is_refused_is_quoted_without_it(capsys):
    with pytest.raises(SystemExit):
        main(["ccle", f"--mirorr=http://user:{SECRET}@host"])
    said = capsys.readouterr().err
    assert "--mirorr=http://host" in said
    assert SECRET not in said


def test_a_record_is_without_it():
    record = make_record("fetch", {"mirror": f"http://user:{SECRET}@host/x", "more": [f"http://{SECRET}@host"]}, [])
    assert record["parameters"] == {"mirror": "http://host/x", "more": ["http://host"]}


def test_the_list_of_processes_is_without_it(tmp_path):
    code = "import sys, time; from clrna.cli.process_list import hide_from_process_list as hide; hide(sys.argv); "
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}print('ready', flush=True); time.sleep(60)", f"--mirror=http://u:{SECRET}@host/x"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        words = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
        assert words[3] == b"--mirror=http://" + b"*" * len(f"u:{SECRET}") + b"@host/x"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("text", ["a@b.org", "http://host/a b@c", "no address", "see http://host/x"])
def test_other_text_stays(text):
    assert without_user_info(text) == text


def test_another_machine_is_named_without_it():
    with pytest.raises(RemoteError, match="names another machine;") as caught:
        local_path(f"file://user:{SECRET}@host/x")
    assert SECRET not in str(caught.value)
    assert shown(f"http://u:{SECRET}@host:port/x") == "the address given"


@pytest.mark.parametrize(
    "text",
    [
        "²",
        "1e400",
        "-5",
        "nan",
        "9" * 400,
        "Mon, 99 Foo 0000 99:99:99 GMT",
        "Mon, 01 Jan 0001 00:00:00 -9999",
        ",",
        "\x00",
    ],
)
def test_an_odd_retry_after_is_no_wait(text):
    assert retry_after(httpx.Response(503, headers=[(b"retry-after", text.encode("latin-1"))])) is None


def test_a_retry_after_is_read():
    in_a_minute = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    assert retry_after(httpx.Response(503, headers={"retry-after": "7"})) == 7
    assert 50 < retry_after(httpx.Response(503, headers={"retry-after": in_a_minute})) <= 60
