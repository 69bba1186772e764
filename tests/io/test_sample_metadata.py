"""Tables of sample metadata."""

import gzip

import pytest

from clrna.errors import InputError, UsageError
from clrna.io.metadata.sample_metadata import read_sample_metadata

TABLE = "name,tissue,age\ns1,lung,40\ns2,,50\ns3,NA,60\n"


def test_the_first_column_names_the_samples(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_text(TABLE)
    frame = read_sample_metadata(path)
    assert frame.index.tolist() == ["s1", "s2", "s3"] and frame.columns.tolist() == ["tissue", "age"]
    assert frame.loc["s1", "age"] == "40" and frame["tissue"].isna().tolist() == [False, True, False]


def test_another_column_and_gzip(tmp_path):
    path = tmp_path / "meta.csv.gz"
    path.write_bytes(gzip.compress(TABLE.replace("name,tissue", "number,sample").replace("s2,,", "s2,x,").encode()))
    assert read_sample_metadata(path, "sample").index.tolist() == ["lung", "x", "NA"]


def test_a_column_that_is_not_there(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_text(TABLE)
    with pytest.raises(UsageError, match=r"--sample-column id: .* it has name, tissue, age"):
        read_sample_metadata(path, "id")


def test_equal_rows_are_one_and_others_are_refused(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_text(TABLE + "s1,lung,40\n")
    assert len(read_sample_metadata(path)) == 3
    path.write_text(TABLE + "s1,skin,40\n")
    with pytest.raises(InputError, match="'s1'"):
        read_sample_metadata(path)


def test_lines_of_unequal_length(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_text(TABLE + "s4,lung,40,x,y\n")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_sample_metadata(path)


def test_text_in_quotes_holds_the_delimiter(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_text('name,tissue\ns1,"lung, left"\ns2,skin\n')
    assert read_sample_metadata(path).loc["s1", "tissue"] == "lung, left"


@pytest.mark.filterwarnings("error")
def test_empty_cells_and_columns_are_missing_without_a_word_of_pandas(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("id\ta\tb\ns1\t\tx\ns2\t\t\n")
    frame = read_sample_metadata(path)
    assert frame["a"].isna().all() and frame["b"].fillna("none").tolist() == ["x", "none"]


def test_a_table_without_a_name_or_a_value_is_refused(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(',""\n' * 3)
    with pytest.raises(InputError, match="no column has a name or a value; the first is expected"):
        read_sample_metadata(path)
