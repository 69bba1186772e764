"""Tables of one known form."""

import gzip

import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.io.text_table import LOAD_ANEW, read_table, require_columns


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
        (b"", "is empty; ask Ann"),
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


def test_columns_of_a_table_that_was_read_otherwise(tmp_path):
    table = pd.DataFrame({"a": [1]})
    require_columns(table, ["a"], tmp_path)
    with pytest.raises(InputError, match=f"has no column 'b', 'c' .*it has a.*{LOAD_ANEW}"):
        require_columns(table, ["a", "b", "c"], tmp_path)
