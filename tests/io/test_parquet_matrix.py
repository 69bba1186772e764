"""Expression matrices and sample metadata in parquet."""

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression


@pytest.mark.parametrize("in_rows", [True, False])
@pytest.mark.parametrize("as_index", [True, False])
def test_orientation_and_row_names(tmp_path, expression, in_rows, as_index):
    path = tmp_path / "table.parquet"
    table = expression if in_rows else expression.T
    (table if as_index else table.reset_index()).to_parquet(path, index=as_index)
    adata = read_expression(path)
    assert adata.obs_names.tolist() == expression.index.tolist()
    assert adata.var_names.tolist() == expression.columns.tolist()
    np.testing.assert_array_equal(adata.X, expression.to_numpy(dtype=np.float32))


def test_missing_values_and_text(tmp_path, expression):
    path = tmp_path / "table.parquet"
    table = expression.copy()
    table.iloc[1, 2] = np.nan
    table["tissue"] = ["lung", "breast", None]
    table.to_parquet(path)
    adata = read_expression(path)
    assert (
        np.isnan(adata.X).sum() == 1
        and np.isnan(adata.X[1, 2])
        and adata.obs["tissue"].tolist()[:2] == ["lung", "breast"]
    )


def test_a_sample_of_which_the_numbers_are_text_is_none_less(tmp_path, expression):
    path = tmp_path / "table.parquet"
    table = expression.T.astype(object)
    table["s2"] = [*map(str, table["s2"][:-1]), "NA"]
    table.insert(0, "symbol", table.index)
    table.to_parquet(path)
    adata = read_expression(path)
    assert adata.obs_names.tolist() == expression.index.tolist()
    np.testing.assert_array_equal(adata.X[:, :-1], expression.to_numpy(dtype=np.float32)[:, :-1])
    assert np.isnan(adata.X[:, -1]).tolist() == [False, True, False]


def test_numbers_as_text_that_are_called_unlike_the_samples_are_told(tmp_path, expression, caplog):
    path = tmp_path / "table.parquet"
    table = expression.T.assign(HeLa=[0.5] * len(expression.columns), omim=range(100, 100 + len(expression.columns)))
    table = table.assign(start=table["HeLa"]).astype(dict.fromkeys(("HeLa", "omim", "start"), str))
    table.insert(0, "symbol", table.index)
    table.to_parquet(path)
    assert read_expression(path).obs_names.tolist() == expression.index.tolist()
    assert [record.message for record in caplog.records if "hold numbers as text" in record.message] == [
        f"{path}: columns HeLa hold numbers as text, are called unlike the columns of numbers, and are no "
        "values; if they are, write them as numbers"
    ]


def test_numbers_as_text_that_describe_samples_are_not_told(tmp_path, expression, caplog):
    path = tmp_path / "table.parquet"
    expression.assign(age=["45", "46", "45"]).to_parquet(path)
    assert read_expression(path).obs["age"].tolist() == [45, 46, 45]
    assert not [record.message for record in caplog.records if "as text" in record.message]


def test_a_name_with_a_null_character_is_refused(tmp_path, expression):
    path = tmp_path / "table.parquet"
    for table in (expression.rename(index={"s1": "s\x001"}), expression.T.rename(columns={"s1": "s\x001"})):
        table.to_parquet(path)
        with pytest.raises(InputError, match=r"table\.parquet: 's\\x001' holds a null character; rename it"):
            read_expression(path)


def test_a_file_that_was_cut(tmp_path, expression):
    path = tmp_path / "table.parquet"
    expression.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="damaged or cut short"):
        read_expression(path)


def test_a_file_without_row_names(tmp_path, expression):
    path = tmp_path / "table.parquet"
    expression.to_parquet(path, index=False)
    with pytest.raises(InputError, match="no column that names the rows"):
        read_expression(path)


def test_metadata(tmp_path, expression):
    path = tmp_path / "meta.parquet"
    expression[[]].assign(tissue=["lung", None, "skin"]).to_parquet(path)
    frame = read_sample_metadata(path)
    assert frame.index.tolist() == ["s1", "s2", "s3"] and frame["tissue"].isna().tolist() == [False, True, False]
