"""Numbers that are no real ones, or beyond float32, are refused by every reader; nothing is bent or filled."""

import re

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from clrna.encode.matrix import open_matrix
from clrna.errors import InputError
from clrna.io.hdf5.h5ad import matrix_of, read_h5ad
from clrna.io.tables import read_expression

GENES = ["TP53", "EGFR", "MYC", "BRCA1"]
SAMPLES = ["case-a", "case-b", "case-c"]
FORMS = {"dense": np.asarray, "csr": sparse.csr_matrix, "csc": sparse.csc_matrix}


def written(path, values):
    frame = pd.DataFrame(index=SAMPLES), pd.DataFrame(index=GENES)
    AnnData(np.ones((3, 4)), obs=frame[0], var=frame[1]).write_h5ad(path)
    if sparse.issparse(values):
        AnnData(values, obs=frame[0], var=frame[1]).write_h5ad(path)
        return path
    with h5py.File(path, "r+") as file:
        del file["X"]
        file["X"] = values
        file["X"].attrs["encoding-type"], file["X"].attrs["encoding-version"] = "array", "0.2.0"
    return path


def encoded(path, scratch):
    with h5py.File(path) as file:
        return open_matrix(file, None, scratch).rows(0, 3)


@pytest.mark.parametrize("value", [1e300, -1e39, 3.5e38])
@pytest.mark.parametrize("form", list(FORMS))
def test_a_value_beyond_float32_is_named(tmp_path, form, value):
    values = np.arange(1.0, 13.0).reshape(3, 4)
    path = written(tmp_path / "a.h5ad", FORMS[form](values))
    for read in (lambda: read_expression(path).X, lambda: encoded(path, tmp_path)):
        np.testing.assert_array_equal(read(), values)
    values[1, 2] = value
    path = written(tmp_path / "b.h5ad", FORMS[form](values))
    told = re.escape(f"b.h5ad: X: gene MYC of sample case-b is {value:g}")
    with pytest.raises(InputError, match=told):
        read_expression(path)
    with pytest.raises(InputError, match=told):
        encoded(path, tmp_path)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_infinite_or_missing_stays_so(tmp_path, value):
    values = np.arange(1.0, 13.0).reshape(3, 4)
    values[1, 2] = value
    path = written(tmp_path / "a.h5ad", values)
    np.testing.assert_array_equal(read_expression(path).X, values)
    np.testing.assert_array_equal(encoded(path, tmp_path), values)
    frame = pd.DataFrame(values, index=SAMPLES, columns=GENES)
    frame.to_csv(tmp_path / "m.csv", na_rep="NA")
    np.testing.assert_array_equal(read_expression(tmp_path / "m.csv").X, values)
    frame.to_parquet(tmp_path / "m.parquet")
    np.testing.assert_array_equal(read_expression(tmp_path / "m.parquet").X, values)


@pytest.mark.parametrize("in_rows", [True, False])
@pytest.mark.parametrize("text", ["1e300", "-4e38", "9" * 60])
def test_tables_name_column_and_row(tmp_path, text, in_rows):
    frame = pd.DataFrame("1.5", index=SAMPLES, columns=GENES)
    frame.loc["case-b", "MYC"], frame.loc["case-a", "TP53"] = text, "Inf"
    (frame if in_rows else frame.T).to_csv(tmp_path / "m.tsv", sep="\t", index_label="x")
    column, row = ("MYC", "case-b") if in_rows else ("case-b", "MYC")
    with pytest.raises(InputError, match=re.escape(f"column '{column}' in row '{row}' is {float(text):.6g}, and no")):
        read_expression(tmp_path / "m.tsv")
    wide = (frame if in_rows else frame.T).astype(float)
    wide.to_parquet(tmp_path / "m.parquet")
    with pytest.raises(InputError, match=re.escape(f"column '{column}' holds {float(text):.6g}")):
        read_expression(tmp_path / "m.parquet")


@pytest.mark.parametrize("kind", ["c8", "c16", "S3", [("a", "f4"), ("b", "i4")]], ids=str)
def test_what_is_no_matrix_of_real_numbers(tmp_path, kind):
    path = written(
        tmp_path / "a.h5ad", np.ones((3, 4)).astype(kind) if not isinstance(kind, list) else np.ones((3, 4), dtype=kind)
    )
    with pytest.raises(InputError, match=r"X (is|cannot be read as AnnData|has)"):
        read_expression(path)
    with pytest.raises(InputError, match=r"X is no matrix of numbers"):
        encoded(path, tmp_path)


@pytest.mark.parametrize("kind", [bool, "i1", "u8", "i8", "f2", "f4", "f8"])
def test_every_kind_of_real_number(tmp_path, kind):
    path = written(tmp_path / "a.h5ad", np.eye(3, 4).astype(kind))
    adata = read_h5ad(path)
    np.testing.assert_array_equal(matrix_of(adata, None, path), np.eye(3, 4))
    np.testing.assert_array_equal(encoded(path, tmp_path), np.eye(3, 4))


@pytest.mark.parametrize("kind", ["martian", "string-array", "csr", "dataframe", "nullable-integer", "rec-array"])
def test_an_array_of_unknown_kind_is_not_read(tmp_path, kind):
    path = written(tmp_path / "a.h5ad", np.ones((3, 4)))
    with h5py.File(path, "r+") as file:
        file["X"].attrs["encoding-type"] = kind
    with pytest.raises(InputError, match=rf"a\.h5ad: X is stored as {kind}, readable are arrays, CSR and CSC"):
        encoded(path, tmp_path)


@pytest.mark.parametrize("kind", ["array", b"array", None], ids=str)
def test_arrays_however_told(tmp_path, kind):
    path = written(tmp_path / "a.h5ad", np.ones((3, 4)))
    with h5py.File(path, "r+") as file:
        del file["X"].attrs["encoding-type"]
        if kind:
            file["X"].attrs["encoding-type"] = np.bytes_(kind) if isinstance(kind, bytes) else kind
    np.testing.assert_array_equal(encoded(path, tmp_path), 1)


@pytest.mark.parametrize("kind", ["csr_martian", "csc2", "csr_array"])
def test_a_sparse_matrix_of_unknown_kind_is_not_read(tmp_path, kind):
    path = written(tmp_path / "a.h5ad", sparse.csr_matrix(np.eye(3, 4)))
    with h5py.File(path, "r+") as file:
        file["X"].attrs["encoding-type"] = kind
    with pytest.raises(InputError, match=rf"X is stored as {kind}, readable are arrays, CSR and CSC"):
        encoded(path, tmp_path)
