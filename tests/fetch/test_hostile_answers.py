"""Answers made to keep a client busy, to fill its memory, or to lead it where no server may lead it."""

import errno
import json
import os
import time
from dataclasses import replace

import pytest
from portal import Handler, answers, cuts_after, redirects

from clrna.errors import InputError, RemoteError, UsageError
from clrna.fetch.credentials import find_credentials
from clrna.fetch.modac import published
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.session import Session

CONTENT = bytes(range(256)) * 100
PATH = "/a/data.bin"
DOWNLOAD = f"/api/v2/dataObject{PATH}/download"


def load(transfer, tmp_path, *urls, **more):
    with Session(transfer, tmp_path, "source/1") as session:
        return session.obtain([RemoteFile("data.bin", urls, **more)])["data.bin"].read_bytes()


@pytest.fixture
def quick(transfer):
    return replace(transfer, timeout=0.5, retries=0)


@pytest.fixture
def signed(modac, quick):
    """A portal with an account, and settings that know it."""
    modac.objects[PATH] = CONTENT
    modac.signed.add(PATH)
    return replace(quick, environ={"MODAC_USER": "ada", "MODAC_PASSWORD": "right horse"})


def begins(status: str, *lines: str):
    """Answer with these headers, and then send nothing more for longer than any test takes."""

    def behave(handler: Handler) -> bool:
        handler.wfile.write("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin1"))
        handler.wfile.flush()
        handler.portal.closing.wait(600)
        return True

    return behave


def repeats(text: bytes, pause: float = 0.0):
    """Send the same until the client goes."""

    def behave(handler: Handler) -> bool:
        handler.close_connection = True
        try:
            while not handler.portal.closing.is_set():
                handler.wfile.write(text)
                time.sleep(pause)
        except OSError:
            pass
        return True

    return behave


def test_what_comes_with_a_redirect_is_not_read(quick, tmp_path, portal):
    portal.files["/new"] = CONTENT
    portal.behaviors["/old"] = [begins("302 Found", "Location: /new", "Content-Length: 99999999999")]
    assert load(quick, tmp_path, f"{portal.url}/old") == CONTENT


@pytest.mark.parametrize(
    "behavior",
    [repeats(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), repeats(b"a", 0.05), repeats(b"HTTP/1.1 200 OK\r\nX: y", 0.05)],
)
def test_an_answer_that_never_begins_is_given_up(quick, tmp_path, portal, behavior):
    portal.behaviors["/a"] = [behavior]
    began = time.monotonic()
    with pytest.raises(RemoteError, match="/a: "):
        load(quick, tmp_path, f"{portal.url}/a")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://xn--a/", "http://[::1", "http://127.0.0.1:0/x", "data:,x"],
)
def test_no_redirect_leads_out_of_the_web(quick, tmp_path, portal, to):
    portal.behaviors["/a"] = [redirects(to)]
    with pytest.raises(RemoteError, match=r"^http://127\.0\.0\.1:\d+/a: "):
        load(quick, tmp_path, f"{portal.url}/a")


@pytest.mark.parametrize("etag", ['"\xe9\xff"', '"' + "e" * 5000 + '"', '"\t"'])
def test_an_odd_etag_does_not_keep_the_rest_from_being_loaded(transfer, tmp_path, portal, etag):
    portal.etags = False
    portal.files["/a"] = CONTENT

    def cut(handler: Handler) -> bool:
        send, handler.end_headers = handler.end_headers, lambda: (handler.send_header("ETag", etag), send())
        return cuts_after(9000)(handler)

    portal.behaviors["/a"] = [cut]
    assert load(transfer, tmp_path, f"{portal.url}/a") == CONTENT


def test_a_list_cannot_name_a_file_of_this_machine(quick, tmp_path):
    own = tmp_path / "own.txt"
    own.write_text("private")
    assert load(quick, tmp_path, own.as_uri(), given=True) == b"private"
    other = replace(quick, cache=tmp_path / "other")
    for mirror in ("", f"file://{tmp_path}"):
        with pytest.raises(RemoteError, match="gives no address"):
            load(replace(other, mirror=mirror), tmp_path, own.as_uri())
    with pytest.raises(RemoteError, match="leads out of the mirror"):
        load(replace(other, mirror=f"file://{tmp_path}/m"), tmp_path, "https://host/%2e%2e/../own.txt")


def test_what_the_kernel_shows_as_a_file_is_not_read(quick, tmp_path):
    with pytest.raises(RemoteError, match=r"file:///proc/self/environ: is empty \(0 bytes\); name another file"):
        load(quick, tmp_path, "file:///proc/self/environ", given=True)  # as /proc/kmsg, which has no end


@pytest.mark.parametrize("address", ["file:///etc/passwd", "FILE:///etc/passwd", "http://xn--a/", "\\ud800", "x", "//"])
def test_a_signed_address_leads_to_a_server(signed, modac, tmp_path, address):
    modac.behaviors[DOWNLOAD] = [answers(200, b'{"downloadRequestURL": "%s"}' % address.encode(), "application/json")]
    with pytest.raises(RemoteError, match="no http or https address"):
        load(signed, tmp_path, modac_path=PATH)


@pytest.mark.parametrize("path", ["/api/authenticate", DOWNLOAD, f"/api/v2/dataObject{PATH}"])
def test_a_short_answer_without_end_is_left(signed, modac, tmp_path, path):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    modac.behaviors[path] = [lambda handler: (handler.wfile.write(head), repeats(b" " * 65536)(handler))[1]]
    with pytest.raises(RemoteError, match="sends more than 1 MB in place of an answer"):
        load(signed, tmp_path, modac_path=PATH)


@pytest.mark.parametrize("token", [b"", b"a b", b"to\nken-secret", "té-secret".encode(), b"\xff\xfe", b"<html>"])
def test_what_is_no_token_is_told_and_not_quoted(signed, modac, tmp_path, token):
    modac.behaviors["/api/authenticate"] = [answers(200, token, "text/plain; charset=hex")]
    with pytest.raises(RemoteError, match="answered with no token") as caught:
        load(signed, tmp_path, modac_path=PATH)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [redirects("/api/authenticate"), redirects("http://xn--a/"),
    answers(200, b"no gzip", Content_Encoding="gzip")])  # fmt: skip
def test_a_log_in_that_leads_nowhere_is_a_remote_error(signed, modac, tmp_path, answer):
    modac.behaviors["/api/authenticate"] = [answer] * 50
    with pytest.raises(RemoteError, match="/api/authenticate: "):
        load(signed, tmp_path, modac_path=PATH)


def test_the_users_own_token_is_checked_and_not_quoted(tmp_path):
    file = tmp_path / "token"
    file.write_text("sécret", encoding="utf-8")
    file.chmod(0o600)
    for environ, path, where in (
        ({"MODAC_TOKEN": "a sécret"}, None, "MODAC_TOKEN"),
        ({}, file, f"--token-file {file}"),
    ):
        with pytest.raises(InputError, match=f"{where}: holds letters that no token has") as caught:
            find_credentials("host", environ, path, None)
        assert "cret" not in str(caught.value)


def test_a_password_need_be_no_text(signed, modac, tmp_path):
    modac.behaviors["/api/authenticate"] = [answers(401)]
    with pytest.raises(RemoteError, match="user name or password is not accepted"):
        load(replace(signed, environ={"MODAC_USER": "ada", "MODAC_PASSWORD": "\udcff"}), tmp_path, modac_path=PATH)


@pytest.mark.parametrize("size", ["²", "٣", "9" * 5000, "-1", "1e3", json.dumps(None)])
def test_a_size_that_is_none_is_not_known(size):
    assert published({"source_file_size": size}) == (None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("HTTP_PROXY", f"{before}hunter2") for before in ("::::", "http://u:", "socks5://u:p@h:1?", "ftp://", "http://[::1")]
    + [("all_proxy", "socks4://hunter2"), ("NO_PROXY", "[::"), ("NO_PROXY", "ÿ"), ("SSL_CERT_FILE", __file__),
       ("SSL_CERT_FILE", "/nonexistent/x"), ("SSLKEYLOGFILE", "/nonexistent/x")],
)  # fmt: skip
def test_an_environment_that_no_connection_can_be_made_with_is_told(quick, tmp_path, portal, monkeypatch, name, value):
    if name.lower() != "no_proxy":
        monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"{name}.*: .*; mend or unset it") as caught:
        load(quick, tmp_path, f"{portal.url}/a")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("ending", ["", ".part", ".part.state", ".sha256"])
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_in_the_cache_is_told(quick, tmp_path, portal, ending, make):
    portal.files["/a"] = CONTENT
    folder = quick.cache / "source/1"
    folder.mkdir(parents=True)
    make(folder / f"data.bin{ending}")
    with pytest.raises(UsageError, match=rf"^--cache .*cache: .*/data\.bin{ending}: is no file; remove it, or"):
        load(quick, tmp_path, f"{portal.url}/a")


def test_a_file_of_the_cache_that_is_anothers_is_told(quick, tmp_path, portal, monkeypatch):
    def not_ours(*_):
        raise PermissionError(errno.EACCES, "Permission denied", "its/file")

    monkeypatch.setattr("clrna.fetch.store.Store.holds", not_ours)
    with pytest.raises(UsageError, match=r"^--cache .*: its/file: Permission denied; remove it, or name another"):
        load(quick, tmp_path, f"{portal.url}/a")


@pytest.mark.parametrize("ending", [".part.state", ".sha256"])
def test_damaged_notes_of_the_cache_make_it_load_anew(quick, tmp_path, portal, ending):
    portal.files["/a"] = CONTENT
    folder = quick.cache / "source/1"
    folder.mkdir(parents=True)
    for name in ("data.bin", "data.bin.part"):
        (folder / name).write_bytes(b"damaged")
    (folder / f"data.bin{ending}").write_bytes(b"\xff\xfe")
    if ending == ".part.state":
        (folder / "data.bin").unlink()
    assert load(quick, tmp_path, f"{portal.url}/a") == CONTENT
