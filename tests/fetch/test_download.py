"""Downloads from a server that misbehaves as portals do."""

import errno
import hashlib
import logging
import multiprocessing
import os
import shutil
import time
import zlib
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from portal import answers, cuts_after, hangs, is_slow, redirects

from clrna.errors import InputError, RemoteError, UsageError
from clrna.fetch.failures import DamagedError, ForbiddenError, NeedsAccountError, NotDataError, NotThereError
from clrna.fetch.partial import DiskFullError
from clrna.fetch.remote_file import Checksum, RemoteFile
from clrna.fetch.session import Session

CONTENT = np.random.default_rng(1).integers(0, 256, 60_000, dtype=np.uint8).tobytes()
MD5 = Checksum("md5", hashlib.md5(CONTENT, usedforsecurity=False).hexdigest())


@pytest.fixture
def here(portal):
    portal.files["/a.bin"] = CONTENT
    return RemoteFile("a.bin", (f"{portal.url}/a.bin",), checksum=MD5)


def load(transfer, tmp_path, *files):
    with Session(transfer, tmp_path, "source/1") as session:
        return session.obtain(files), session


def test_a_file_arrives_whole_with_its_sha256(transfer, tmp_path, here):
    paths, session = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    fetched = session.fetched["a.bin"]
    assert fetched.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert fetched.checked == (f"md5:{MD5.digest}",)


def test_a_cut_line_is_resumed_by_range(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [cuts_after(20_000), cuts_after(20_000)]
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    ranges = [asked.headers.get("range", "") for asked in portal.requests_of("/a.bin")]
    assert ranges[0] == "" and ranges[1].startswith("bytes=") and len(ranges) == 3
    assert int(ranges[2].removeprefix("bytes=").rstrip("-")) > int(ranges[1].removeprefix("bytes=").rstrip("-"))


def test_attempts_that_bring_data_do_not_count(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [cuts_after(5_000)] * 9
    paths, _ = load(replace(transfer, retries=1), tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT


def test_a_server_without_ranges_is_asked_anew(transfer, tmp_path, portal, here):
    portal.ranges = False
    portal.behaviors["/a.bin"] = [cuts_after(30_000)]
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT


def test_without_etag_and_checksum_nothing_is_patched_together(transfer, tmp_path, portal, here):
    portal.etags = False
    portal.behaviors["/a.bin"] = [cuts_after(30_000)]
    paths, _ = load(transfer, tmp_path, replace(here, checksum=None))
    assert paths["a.bin"].read_bytes() == CONTENT
    assert all("range" not in asked.headers for asked in portal.requests_of("/a.bin"))


def test_a_file_that_changed_meanwhile_is_not_mixed(transfer, tmp_path, portal, here):
    other = bytes(reversed(CONTENT))

    def cut_then_change(handler):
        done = cuts_after(30_000)(handler)
        portal.files["/a.bin"] = other
        return done

    portal.behaviors["/a.bin"] = [cut_then_change]
    paths, _ = load(transfer, tmp_path, replace(here, checksum=None))
    assert paths["a.bin"].read_bytes() == other


PARTS = {
    "compressed": {"Content_Range": "bytes 30000-59999/60000", "Content_Encoding": "gzip"},
    "of another state": {"Content_Range": "bytes 30000-59999/60000", "ETag": '"of another"'},
    "of another length": {"Content_Range": "bytes 30000-59999/60001"},
    "from elsewhere": {"Content_Range": "bytes 20000-49999/60000"},
    "of which nothing is said": {},
    "of a number without end": {"Content_Range": f"bytes {'9' * 5000}-59999/60000"},
}


@pytest.mark.parametrize("headers", PARTS.values(), ids=PARTS)
def test_a_part_that_is_none_of_the_file_is_not_kept(transfer, tmp_path, portal, here, headers):
    portal.behaviors["/a.bin"] = [
        cuts_after(30_000),
        answers(206, b"!" * 30_000, "application/octet-stream", **headers),
    ]
    paths, _ = load(transfer, tmp_path, replace(here, checksum=None, size=len(CONTENT)))
    assert paths["a.bin"].read_bytes() == CONTENT
    assert "range" in portal.asked[1].headers and "range" not in portal.asked[2].headers


@pytest.mark.parametrize("compressed", [False, True])
def test_more_than_was_published_is_not_kept(transfer, tmp_path, portal, here, compressed):
    sent = 0

    def sends_without_end(handler):
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        if compressed:
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        packer, letters = zlib.compressobj(wbits=31), np.random.default_rng(1).integers(0, 256, 1 << 16, np.uint8)
        try:
            while sent < 1 << 28:
                piece = letters.tobytes()
                piece = packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) if compressed else piece
                handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                sent += len(piece)
        except OSError:
            pass
        return True

    portal.behaviors["/a.bin"] = [sends_without_end]
    with pytest.raises(DamagedError, match=r"/a\.bin: sends more than the 60000 bytes that a\.bin has; load it with"):
        load(transfer, tmp_path, replace(here, size=len(CONTENT)))
    assert sent < 1 << 26
    assert not list((transfer.cache / "source/1").glob("a.bin*"))


def test_a_later_run_goes_on_where_the_first_was_cut(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [cuts_after(40_000), *[answers(503)] * 3]
    with pytest.raises(RemoteError, match="given up after"):
        load(transfer, tmp_path, here)
    portal.asked.clear()
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    assert portal.asked[0].headers["range"] == "bytes=40000-"


def test_a_file_that_was_complete_but_not_named_is_not_loaded_again(transfer, tmp_path, portal, here):
    folder = transfer.cache / "source/1"
    folder.mkdir(parents=True)
    (folder / "a.bin.part").write_bytes(CONTENT)
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    assert portal.asked[0].headers["range"] == f"bytes={len(CONTENT)}-"


def test_a_partial_file_longer_than_the_whole_is_dropped(transfer, tmp_path, here):
    folder = transfer.cache / "source/1"
    folder.mkdir(parents=True)
    (folder / "a.bin.part").write_bytes(CONTENT + b"more")
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 202])
def test_a_passing_fault_is_waited_out(transfer, tmp_path, portal, here, status):
    portal.behaviors["/a.bin"] = [answers(status, b"busy")] * 2
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT


def test_retry_after_is_obeyed_up_to_the_limit(transfer, tmp_path, portal, here, caplog):
    caplog.set_level(logging.INFO, "clrna")
    portal.behaviors["/a.bin"] = [answers(429, Retry_After="0"), answers(503, Retry_After="3600")]
    load(transfer, tmp_path, here)
    assert "again in 0.0 s" in caplog.text and "again in 0.2 s" in caplog.text


def test_retry_after_may_be_a_date(transfer, tmp_path, portal, here, caplog):
    caplog.set_level(logging.INFO, "clrna")
    portal.behaviors["/a.bin"] = [answers(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")]
    load(transfer, tmp_path, here)
    assert "again in 0.0 s" in caplog.text


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NeedsAccountError), (403, ForbiddenError), (404, NotThereError), (410, NotThereError)]
)
def test_refusals_are_told_apart_and_not_repeated(transfer, tmp_path, portal, here, status, kind):
    portal.behaviors["/a.bin"] = [answers(status)] * 5
    with pytest.raises(kind, match=str(status)):
        load(transfer, tmp_path, here)
    assert len(portal.asked) == 1


def test_a_server_that_hangs_is_left(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [hangs(0.6)]
    paths, _ = load(replace(transfer, timeout=0.2), tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT


def test_a_slow_server_is_borne(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [is_slow(0.2)]  # three seconds in all
    paths, _ = load(replace(transfer, timeout=2.0), tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    assert len(portal.asked) == 1


def test_a_server_that_sends_a_byte_now_and_then_is_left(transfer, tmp_path, portal, here):
    def drips(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        for at in range(len(CONTENT)):
            handler.wfile.write(CONTENT[at : at + 1])
            handler.wfile.flush()
            time.sleep(0.05)
        return True

    portal.behaviors["/a.bin"] = [drips] * 9
    with pytest.raises(RemoteError, match=r"a\.bin: sent \d+ bytes in \d+ seconds; given up after 3 attempts"):
        load(replace(transfer, timeout=0.4), tmp_path, here)
    assert len(portal.asked) == 3  # all that it would send takes 50 minutes each time


def test_a_server_that_cuts_the_line_after_each_byte_is_given_up(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [cuts_after(1)] * 100
    with pytest.raises(RemoteError, match="given up after 3 attempts"):
        load(transfer, tmp_path, here)


def test_a_file_address_that_cannot_be_one_is_a_remote_error(transfer, tmp_path):
    with pytest.raises(NotThereError, match="File name too long"):
        load(transfer, tmp_path, RemoteFile("b", (f"file:///{'x' * 300}",), given=True))


def test_nobody_listening_is_a_remote_error(transfer, tmp_path, portal):
    with pytest.raises(RemoteError, match="given up after 3 attempts"):
        load(transfer, tmp_path, RemoteFile("b", ("http://127.0.0.1:9/b",)))


def test_redirects_are_followed_to_the_end(transfer, tmp_path, portal, here):
    portal.behaviors["/old"] = [redirects("/older", 301), redirects("/older", 301)]
    portal.behaviors["/older"] = [redirects(f"{portal.url}/a.bin", 307)]
    paths, _ = load(transfer, tmp_path, replace(here, urls=(f"{portal.url}/old",)))
    assert paths["a.bin"].read_bytes() == CONTENT


def test_redirects_in_a_circle_end(transfer, tmp_path, portal, here):
    portal.behaviors["/round"] = [redirects("/round")] * 50
    with pytest.raises(RemoteError, match="redirects"):
        load(transfer, tmp_path, replace(here, urls=(f"{portal.url}/round",)))


def test_a_wrong_checksum_is_loaded_anew_once_and_then_refused(transfer, tmp_path, portal, here):
    portal.files["/a.bin"] = CONTENT[:-1] + b"!"
    with pytest.raises(DamagedError, match=f"has md5 .*, twice, from {portal.url}/a.bin; it changed"):
        load(transfer, tmp_path, here)
    assert len(portal.asked) == 2
    assert not list((transfer.cache / "source/1").glob("a.bin*"))


def test_a_checksum_that_was_wrong_once_is_mended(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [answers(200, b"?" * len(CONTENT), "application/octet-stream")]
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT


def test_a_wrong_size_is_refused(transfer, tmp_path, here):
    with pytest.raises(DamagedError, match=r"60000 bytes, 60001 .* from http://\S+/a\.bin; "):
        load(transfer, tmp_path, replace(here, checksum=None, size=60_001))


@pytest.mark.parametrize(
    "page",
    [
        (b"<!DOCTYPE html><title>Just a moment</title>", "text/plain"),
        (b"log in", "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf\n<html>log in", ""),
    ],
)
def test_a_web_page_in_place_of_data_is_refused(transfer, tmp_path, portal, here, page):
    portal.behaviors["/a.bin"] = [answers(200, *page)]
    with pytest.raises(NotDataError, match="--from"):
        load(transfer, tmp_path, replace(here, checksum=None))
    assert len(portal.asked) == 1


def test_an_empty_answer_is_refused(transfer, tmp_path, portal):
    portal.files["/empty"] = b""
    with pytest.raises(DamagedError, match=f"is empty .*, twice, from {portal.url}/empty; it changed"):
        load(transfer, tmp_path, RemoteFile("empty", (f"{portal.url}/empty",)))


def test_the_second_source_is_tried(transfer, tmp_path, portal, here, caplog):
    paths, session = load(transfer, tmp_path, replace(here, urls=(f"{portal.url}/gone", *here.urls)))
    assert paths["a.bin"].read_bytes() == CONTENT
    assert session.fetched["a.bin"].came_from == here.urls[0]
    assert "trying its next source" in caplog.text


def test_parallel_files_and_one_that_fails_leaves_the_others(transfer, tmp_path, portal):
    files = []
    for number in range(8):
        portal.files[f"/{number}"] = CONTENT[number:]
        files.append(RemoteFile(str(number), (f"{portal.url}/{number}",)))
    paths, _ = load(transfer, tmp_path, *files)
    assert [paths[str(number)].read_bytes() for number in range(8)] == [CONTENT[number:] for number in range(8)]
    with pytest.raises(NotThereError):
        load(transfer, tmp_path, RemoteFile("8", (f"{portal.url}/8",)), *files)
    assert len(list((transfer.cache / "source/1").glob("[0-9]"))) == 8


def test_the_cache_is_used_checked_and_mended(transfer, tmp_path, portal, here):
    load(transfer, tmp_path, here, replace(here, name="b.bin", checksum=None))
    portal.asked.clear()
    load(transfer, tmp_path, here, replace(here, name="b.bin", checksum=None))
    assert portal.asked == []
    for name in ("a.bin", "b.bin"):
        (transfer.cache / "source/1" / name).write_bytes(b"rot" + CONTENT[3:])
    paths, _ = load(transfer, tmp_path, here, replace(here, name="b.bin", checksum=None))
    assert {path.read_bytes() for path in paths.values()} == {CONTENT}
    assert len(portal.asked) == 2


def test_offline_uses_the_cache_only(transfer, tmp_path, portal, here):
    with pytest.raises(RemoteError, match="--offline"):
        load(replace(transfer, offline=True), tmp_path, here)
    load(transfer, tmp_path, here)
    portal.asked.clear()
    paths, _ = load(replace(transfer, offline=True), tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT and portal.asked == []


def test_offline_reads_a_cache_that_may_only_be_read(transfer, tmp_path, here, monkeypatch):
    load(transfer, tmp_path, here)
    opened = Path.open

    def only_read(path, mode="r", *args, **kwargs):
        if set(mode) & set("wax+"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", only_read)
    paths, _ = load(replace(transfer, offline=True), tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    with pytest.raises(RemoteError, match=r"b.bin: --offline, and it is not in .*cache/source/1"):
        load(replace(transfer, offline=True), tmp_path, here, replace(here, name="b.bin"))
    with pytest.raises(
        UsageError, match=r"--cache .*cache: .*\.lock: Read-only file system; remove it, or name another"
    ):
        load(transfer, tmp_path, here)


def test_without_a_cache_offline_says_so(transfer, tmp_path, here):
    with pytest.raises(RemoteError, match="no --cache"):
        load(replace(transfer, offline=True, cache=None), tmp_path, here)


def test_from_a_folder_the_same_checks_hold(transfer, tmp_path, portal, here):
    folder = tmp_path / "by hand"
    folder.mkdir()
    local = replace(transfer, from_folder=folder)
    with pytest.raises(InputError, match="--print-files"):
        load(local, tmp_path, here)
    (folder / "a.bin").write_bytes(CONTENT)
    paths, session = load(local, tmp_path, here)
    assert paths["a.bin"] == folder / "a.bin" and session.fetched["a.bin"].came_from == "--from"
    (folder / "a.bin").write_bytes(CONTENT[:-5])
    with pytest.raises(DamagedError, match="md5"):
        load(local, tmp_path, here)
    assert portal.asked == [] and not (tmp_path / "cache").exists()


def test_what_may_not_be_read_in_a_folder_is_the_inputs_fault(transfer, tmp_path, here, monkeypatch):
    (tmp_path / "a.bin").write_bytes(CONTENT)

    def refuses(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    for name in ("is_file", "open"):
        with monkeypatch.context() as patched, pytest.raises(InputError) as told:
            patched.setattr(Path, name, refuses)
            load(replace(transfer, from_folder=tmp_path), tmp_path, here)
        fault = f"{tmp_path}/a.bin cannot be read (Permission denied); see its permissions and those of its folder"
        assert str(told.value) == f"--from {tmp_path}: {fault}"


def test_a_mirror_of_files(transfer, tmp_path, here):
    host = here.urls[0].split("/")[2]
    (tmp_path / "mirror" / host).mkdir(parents=True)
    (tmp_path / "mirror" / host / "a.bin").write_bytes(CONTENT)
    for offline in (False, True):
        settings = replace(transfer, mirror=f"file://{tmp_path}/mirror", offline=offline, cache=tmp_path / str(offline))
        paths, _ = load(settings, tmp_path, here)
        assert paths["a.bin"].read_bytes() == CONTENT
    with pytest.raises(NotThereError, match="no such file"):
        load(replace(transfer, mirror=f"file://{tmp_path}/elsewhere"), tmp_path, here)


def test_a_mirror_on_the_web(transfer, tmp_path, portal, here):
    portal.files["/mirror/data.example/x/a.bin"] = CONTENT
    file = replace(here, urls=("https://data.example/x/a.bin?download=1",))
    paths, _ = load(replace(transfer, mirror=f"{portal.url}/mirror"), tmp_path, file)
    assert paths["a.bin"].read_bytes() == CONTENT
    assert portal.asked[0].query == "download=1"


def test_a_proxy_from_the_environment_is_used(transfer, tmp_path, portal, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", portal.url)
    portal.files["/a.bin"] = CONTENT
    paths, _ = load(transfer, tmp_path, RemoteFile("a.bin", ("http://data.example/a.bin",)))
    assert paths["a.bin"].read_bytes() == CONTENT
    assert portal.asked[0].headers["host"] == "data.example"


def test_a_full_disk_keeps_what_came(transfer, tmp_path, portal, here, monkeypatch):
    usage = namedtuple("usage", "total used free")
    portal.behaviors["/a.bin"] = [cuts_after(30_000)]
    free = iter([10**9, 100])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, next(free)))
    with pytest.raises(DiskFullError, match=r"no room for a\.bin"):
        load(transfer, tmp_path, here)
    assert (transfer.cache / "source/1/a.bin.part").stat().st_size == 30_000
    monkeypatch.undo()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    portal.asked.clear()
    paths, _ = load(transfer, tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    assert portal.asked[0].headers["range"] == "bytes=30000-"


def test_a_checksum_list_is_held_against_every_file(transfer, tmp_path, here):
    good = {"a.bin": Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())}
    paths, _ = load(replace(transfer, required=good), tmp_path, here)
    assert paths["a.bin"].read_bytes() == CONTENT
    with pytest.raises(InputError, match=r"names no a\.bin"):
        load(replace(transfer, required={"b": MD5}), tmp_path, here)
    bad = {"a.bin": Checksum("sha256", "0" * 64)}
    with pytest.raises(DamagedError, match="sha256"):
        load(replace(transfer, required=bad, cache=tmp_path / "other"), tmp_path, here)


def _load_in_a_process(transfer, folder, file, queue):
    with Session(transfer, folder, "source/1") as session:
        queue.put(session.obtain([file])["a.bin"].read_bytes() == CONTENT)


def test_two_processes_load_the_same_thing_once(transfer, tmp_path, portal, here):
    portal.behaviors["/a.bin"] = [is_slow(0.03)]
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    processes = [context.Process(target=_load_in_a_process, args=(transfer, tmp_path, here, queue)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [queue.get(timeout=30) for _ in processes] == [True] * 3
    for process in processes:
        process.join()
    assert len(portal.asked) == 1


def test_a_disk_that_fills_up_meanwhile(transfer, tmp_path, here, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("clrna.fetch.partial.refuse_page", write)
    with pytest.raises(DiskFullError, match="the disk is full"):
        load(transfer, tmp_path, here)
