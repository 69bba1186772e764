"""Tables of one known form."""

import bz2
import gzip
import lzma
import time

import pandas as pd
import pyarrow as pa
import pytest

from clrna.errors import InputError
from clrna.io.text_table import LOAD_ANEW, read_table, require_columns, with_numbers
from clrna.results.history import history_of


def test_every_cell_is_text_and_an_empty_one_is_empty(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b,c\n01,,NA\n1.50,x y,nan\n"))
    table = read_table(path, separator=",", required=("c", "a"))
    assert table.to_dict("list") == {"a": ["01", "1.50"], "b": ["", "x y"], "c": ["NA", "nan"]}


def test_a_line_that_is_longer_than_the_header_does_not_move_the_columns(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\n1\t2\t\n3\t4\t\n")
    assert read_table(path).to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"", r"is empty \(0 bytes\); ask Ann"),
        (b"a\tb\n", "has a header but no rows; ask Ann"),
        (b"b\tc\n1\t2\n", r"has no column 'a' \(it has b, c\); ask Ann"),
        (b"a\tb\n\xff\xfe\t2\n", r"cannot be read as a table \(.*\); ask Ann"),
        (b"a\tb\n1\t2\n1\t2\t3\t4\n", r"cannot be read as a table \(.*\); ask Ann"),
    ],
)
def test_errors_name_the_file_and_the_mend(tmp_path, content, words):
    path = tmp_path / "t.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as error:
        read_table(path, required=("a",), mend="ask Ann")
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def zstd(content):
    return pa.compress(content, "zstd", asbytes=True)


SMALL = b"a\tb\n1\t2\n"


@pytest.mark.parametrize("name", ["t.zip", "t.tar", "t.tar.gz", "t.xz", "t.bz2", "t.zst", "t.tsv"])
@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, lambda content: pa.compress(content, "zstd", asbytes=True)],
    ids=["plain", "gz", "zst"],
)
def test_what_a_table_is_packed_with_is_told_by_its_bytes_and_not_by_its_name(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(SMALL))
    assert read_table(path).to_dict("list") == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.zip", b"PK\x03\x04rest", "is a zip archive"),
        ("t.xz", lzma.compress(SMALL), "is xz"),
        ("t.bz2", bz2.compress(SMALL), "is bzip2"),
        ("t.gz", gzip.compress(SMALL)[:-9], "cut short or damaged"),
        ("t.zst", b"\x28\xb5\x2f\xfdrest", "cut short or damaged"),
        ("t.tar.gz", gzip.compress(b"t.tsv".ljust(1024, b"\0")), "is binary"),
        ("t.tsv.gz", gzip.compress(gzip.compress(SMALL)), r"is compressed twice; unpack it once \(gunzip\) and give"),
        ("t.gz.zst", pa.compress(gzip.compress(SMALL), "zstd", asbytes=True), r"compressed twice; .* \(unzstd\)"),
        ("t.zst.gz", gzip.compress(pa.compress(SMALL, "zstd", asbytes=True)), r"compressed twice; .* \(gunzip\)"),
        ("t.h5ad.gz", gzip.compress(b"\x89HDF\r\n\x1a\n"), r"is HDF5 \(h5ad\) that was compressed; .* \(gunzip\)"),
        ("t.parquet.gz", gzip.compress(b"PAR1rest"), r"is parquet that was compressed; .* \(gunzip\)"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("t.") else "",
)
def test_what_is_packed_otherwise_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: .*{words}.*; ask Ann"):
        read_table(tmp_path / name, mend="ask Ann")


def test_columns_of_a_table_that_was_read_otherwise(tmp_path):
    table = pd.DataFrame({"a": [1]})
    require_columns(table, ["a"], tmp_path)
    with pytest.raises(InputError, match=f"has no column 'b', 'c' .*it has a.*{LOAD_ANEW}"):
        require_columns(table, ["a", "b", "c"], tmp_path)


@pytest.mark.parametrize("header", ["a\t" * 100_000, "\n\n" + "\t" * 100_000, "\t".join(map(str, range(100_000)))])
def test_a_table_wider_than_any_is_refused_at_once(tmp_path, header):
    path = tmp_path / "t.tsv"
    path.write_text(header + "\n")
    began = time.monotonic()
    with pytest.raises(InputError, match=r"t\.tsv: has more than 5,000 columns, which no such table has; load it anew"):
        read_table(path, mend="load it anew")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("number", ["1e308", "-1e101", "inf", "-inf", "9" * 400])
def test_numbers_that_no_axis_holds_are_refused(tmp_path, number):
    table = pd.DataFrame({"a": ["1", number]})
    with pytest.raises(InputError, match=r"t\.tsv: column 'a' holds '.*', a number is needed; mend it"):
        with_numbers(table, ["a"], tmp_path / "t.tsv", "mend it")
    history = pd.DataFrame({"epoch": ["1", "2"], "train_cost": ["1", "2"]})
    for name in history:
        with pytest.raises(InputError, match=f"column '{name}' holds '.*', a number is needed"):
            history_of(history.assign(**{name: ["1", number]}), tmp_path / "t.tsv")
