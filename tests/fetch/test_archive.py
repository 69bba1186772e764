"""Archives that want out of their folder, or are damaged."""

import gzip
import io
import os
import shutil
import tarfile
import zipfile
from collections import namedtuple

import pytest

from clrna.errors import InputError
from clrna.fetch.archive import extract
from clrna.fetch.partial import DiskFullError


def tsv(name):
    return name.endswith(".tsv")


def zip_of(path, members, **settings):
    with zipfile.ZipFile(path, "w", **settings) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "a" / "out"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", ["x.tsv", "deep/in/x.tsv", "../../x.tsv", "/etc/x.tsv", "..\\x.tsv", "c:\\x.tsv"])
def test_a_member_never_leaves_the_folder(tmp_path, out, name):
    for archive in ("zip", "tar"):
        path = tmp_path / f"a.{archive}"
        if archive == "zip":
            zip_of(path, {name: "data", "about.txt": "about"})
        else:
            with tarfile.open(path, "w") as file:
                info = tarfile.TarInfo(name)
                info.size = 4
                file.addfile(info, io.BytesIO(b"data"))
        before = {found for found in tmp_path.rglob("*") if not found.is_relative_to(out)}
        taken = extract(path, tsv, out)
        assert taken.parent == out and taken.read_text() == "data"
        assert {found for found in tmp_path.rglob("*") if not found.is_relative_to(out)} == before


def test_links_and_devices_are_passed_over(tmp_path, out):
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("x.tsv")
            info.type, info.linkname = kind, "/etc/passwd"
            file.addfile(info)
    with pytest.raises(InputError, match="has 0 files"):
        extract(tmp_path / "a.tar", tsv, out)
    link = zipfile.ZipInfo("x.tsv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="has 0 files"):
        extract(tmp_path / "a.zip", tsv, out)


def test_none_or_several_are_refused_with_what_there_is(tmp_path, out):
    with pytest.raises(InputError, match=r"has 0 files .* \(a\.txt, b\.txt\)"):
        extract(zip_of(tmp_path / "a.zip", {"a.txt": "", "b.txt": ""}), tsv, out)
    with pytest.raises(InputError, match="has 2 files"):
        extract(zip_of(tmp_path / "b.zip", {"a.tsv": "", "b.tsv": ""}), tsv, out)


def test_what_is_no_archive_or_is_damaged(tmp_path, out):
    (tmp_path / "a.zip").write_text("<html>log in</html>")
    with pytest.raises(InputError, match="is not a zip or tar archive"):
        extract(tmp_path / "a.zip", tsv, out)
    path = zip_of(tmp_path / "b.zip", {"x.tsv": "0123456789" * 5000}, compression=zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged archive"):
        extract(path, tsv, out)
    whole = zip_of(tmp_path / "c.zip", {"x.tsv": "0123456789" * 5000})
    whole.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(InputError):
        extract(whole, tsv, out)


def test_a_name_that_is_no_utf8_is_damage(tmp_path, out):
    """The list at the end says that it is plain, the member itself that it is UTF-8."""
    path = zip_of(tmp_path / "a.zip", {"xxxx.tsv": "0123456789"})
    content = bytearray(path.read_bytes())
    content[7] |= 0x08
    content[30] = 0xCD
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged archive"):
        extract(path, tsv, out)


def test_a_bomb_is_not_unpacked(tmp_path, out):
    path = zip_of(tmp_path / "a.zip", {"x.tsv": b"0" * 30_000_000}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match="would unpack to 30000000 bytes"):
        extract(path, tsv, out)
    assert list(out.iterdir()) == []


def header(name, size, kind):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


MEMBER = header("x.tsv", 4, tarfile.REGTYPE) + b"data".ljust(512, b"\0")
ZEROS = 64 << 20
BOMBS = {
    "attributes": (header("x", ZEROS, tarfile.XHDTYPE) + bytes(ZEROS) + MEMBER, "the header of a member would take"),
    "of all": (header("x", ZEROS, tarfile.XGLTYPE) + bytes(ZEROS) + MEMBER, "the header of a member would take"),
    "name": (MEMBER + header("x", ZEROS, tarfile.GNUTYPE_LONGNAME) + bytes(ZEROS), "the header of a member would take"),
    "members": (header("y", 0, tarfile.REGTYPE) * 20_001 + MEMBER, "has more than 20000 members"),
    "another": (header("y", ZEROS, tarfile.REGTYPE) + bytes(ZEROS) + MEMBER, "y would unpack to"),
    "end": (MEMBER + bytes(ZEROS), "bytes behind its last member"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_tar_that_takes_time_or_memory_is_refused_by_what_it_says_of_itself(tmp_path, out, bomb):
    content, told = BOMBS[bomb]
    (tmp_path / "a.tgz").write_bytes(gzip.compress(content))
    with pytest.raises(InputError, match=f"a.tgz: .*{told}.*, which no real file does; load it anew"):
        extract(tmp_path / "a.tgz", tsv, out)
    assert list(out.iterdir()) == []


def test_a_full_disk_is_told_beforehand(tmp_path, out, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 3))
    with pytest.raises(DiskFullError, match="no room for x"):
        extract(zip_of(tmp_path / "a.zip", {"x.tsv": "data"}), tsv, out)


def overwritten_in_the_middle(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(byte ^ 0xFF for byte in content[middle : middle + 200])
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_named_whatever_its_compression(tmp_path, out, method):
    path = zip_of(tmp_path / "a.zip", {"x.tsv": os.urandom(300_000)}, compression=method)
    with pytest.raises(InputError, match=r"a\.zip: is a damaged archive .*; load it anew"):
        extract(overwritten_in_the_middle(path), tsv, out)


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz"])
def test_a_damaged_tar_is_named_whatever_its_compression(tmp_path, out, compression):
    """Random bytes stand uncompressed in gzip: nothing but its checksum, at the very end, tells what was damaged."""
    content = os.urandom(4_000_000)  # several blocks of bzip2, of which the first stays whole
    with tarfile.open(tmp_path / "a.tar", f"w:{compression}") as file:
        info = tarfile.TarInfo("x.tsv")
        info.size = len(content)
        file.addfile(info, io.BytesIO(content))
    assert extract(tmp_path / "a.tar", tsv, out).read_bytes() == content
    with pytest.raises(InputError, match=r"a\.tar: is a damaged archive .*; load it anew"):
        extract(overwritten_in_the_middle(tmp_path / "a.tar"), tsv, out)


@pytest.mark.parametrize(
    ("method", "encrypted", "told"),
    [(9, 0, "compression method is not supported"), (8, 1, "is encrypted")],
    ids=["Deflate64", "password"],
)
def test_a_zip_that_python_cannot_unpack_says_why(tmp_path, out, method, encrypted, told):
    path = zip_of(tmp_path / "a.zip", {"x.tsv": "0123456789" * 500}, compression=zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    for header in (0, content.index(b"PK\x01\x02") + 2):  # the member's own, and its row in the table of contents
        content[header + 6] |= encrypted
        content[header + 8] = method
    path.write_bytes(content)
    with pytest.raises(
        InputError, match=rf"a\.zip: cannot be unpacked \(.*{told}.*\); pack it as an ordinary zip or tar"
    ):
        extract(path, tsv, out)


def test_an_error_of_the_disk_is_not_the_archives(tmp_path, out):
    (out / "x.tsv").mkdir()
    with pytest.raises(IsADirectoryError):
        extract(zip_of(tmp_path / "a.zip", {"x.tsv": "data"}), tsv, out)
