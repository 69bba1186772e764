"""Lists of checksums."""

import subprocess

import pytest

from clrna.errors import InputError
from clrna.fetch.checksum_file import read_checksums, write_checksums
from clrna.fetch.remote_file import Checksum, digests_of, safe_name


def test_what_is_written_is_what_sha256sum_reads(tmp_path):
    (tmp_path / "a file.tsv").write_text("x")
    digest = digests_of(tmp_path / "a file.tsv", {"sha256"})["sha256"]
    write_checksums(tmp_path / "list", {"a file.tsv": digest})
    assert read_checksums(tmp_path / "list") == {"a file.tsv": Checksum("sha256", digest)}
    subprocess.run(["sha256sum", "--check", "--strict", "list"], cwd=tmp_path, check=True, capture_output=True)


def test_all_algorithms_binary_marks_folders_and_comments(tmp_path):
    path = tmp_path / "list"
    path.write_text(f"# a comment\n\n{'A' * 32} *sub/x\n{'0' * 40}  y\n{'1' * 128}  z\n")
    assert {name: checksum.algorithm for name, checksum in read_checksums(path).items()} == {
        "x": "md5",
        "y": "sha1",
        "z": "sha512",
    }


@pytest.mark.parametrize("text", ["", "# none\n", "abc  x\n", f"{'0' * 32}\n", f"{'0' * 32}  x\n{'1' * 32}  x\n"])
def test_what_is_no_list_is_refused(tmp_path, text):
    (tmp_path / "list").write_text(text)
    with pytest.raises(InputError, match="--checksums"):
        read_checksums(tmp_path / "list")


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("a\\b\\c.tsv", "c.tsv"),
        (".hidden", "hidden"),
        ("a b:c", "a_b_c"),
    ],
)
def test_names_from_portals_stay_in_their_folder(given, safe):
    assert safe_name(given) == safe
