"""Every way to store a matrix gives the same rows; a damaged one is refused by name."""

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from clrna.encode import csc
from clrna.encode.matrix import open_matrix
from clrna.errors import InputError

SHAPE = (37, 23)


@pytest.fixture
def values():
    generator = np.random.default_rng(2)
    dense = generator.integers(1, 200, SHAPE).astype(np.float32) / 8
    dense[generator.random(SHAPE) < 0.6] = 0
    dense[5] = 0
    dense[:, 7] = 0
    return dense


@pytest.fixture
def stored(values, tmp_path):
    """Write the values in some form and return the file, open."""
    files = []

    def write(form, **settings):
        path = tmp_path / f"{len(files)}.h5ad"
        adata = AnnData(X=form(values), obs=pd.DataFrame(index=[f"s{i}" for i in range(SHAPE[0])]))
        adata.write_h5ad(path, **settings)
        files.append(h5py.File(path, "r+"))
        return files[-1]

    yield write
    for file in files:
        file.close()


FORMS = {
    "dense": np.asarray,
    "float64": lambda x: x.astype(np.float64),
    "float16": lambda x: x.astype(np.float16),
    "csr": sparse.csr_matrix,
    "csr array": sparse.csr_array,
    "csc": sparse.csc_matrix,
    "csc float64": lambda x: sparse.csc_matrix(x.astype(np.float64)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("settings", [{}, {"compression": "gzip"}], ids=["plain", "gzip"])
def test_rows_are_those_of_the_matrix(stored, values, form, settings, tmp_path):
    matrix = open_matrix(stored(form, **settings), None, tmp_path)
    assert tuple(matrix.shape) == SHAPE
    for start, stop in ((0, 37), (0, 1), (5, 6), (30, 37), (10, 20)):
        rows = matrix.rows(start, stop)
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows, values[start:stop])


@pytest.mark.parametrize("form", [lambda x: np.rint(x).astype(np.int64), lambda x: x > 5], ids=["whole", "bool"])
def test_other_numbers_become_float32(stored, values, form, tmp_path):
    rows = open_matrix(stored(form), None, tmp_path).rows(0, 37)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, form(values).astype(np.float32))


@pytest.mark.parametrize(("read", "sort"), [(7, 11), (1, 1), (1000, 50)])
def test_a_matrix_by_gene_is_turned_in_small_parts(stored, values, monkeypatch, tmp_path, read, sort):
    monkeypatch.setattr(csc, "_READ", read)
    monkeypatch.setattr(csc, "_SORTED", sort)
    matrix = open_matrix(stored(sparse.csc_matrix), None, tmp_path)
    np.testing.assert_array_equal(matrix.rows(0, 37), values)


def test_a_layer_is_read_in_place_of_x(values, tmp_path):
    adata = AnnData(X=np.zeros(SHAPE, dtype=np.float32), layers={"tpm": sparse.csr_matrix(values)})
    adata.write_h5ad(tmp_path / "layers.h5ad")
    with h5py.File(tmp_path / "layers.h5ad") as file:
        np.testing.assert_array_equal(open_matrix(file, "tpm", tmp_path).rows(0, 37), values)
        with pytest.raises(InputError, match=r"layers\.h5ad: --layer counts: no such layer; the file has tpm"):
            open_matrix(file, "counts", tmp_path)


def test_the_sparse_form_of_old_files_is_read(stored, values, tmp_path):
    file = stored(sparse.csr_matrix)
    shape = file["X"].attrs["shape"]
    for name in list(file["X"].attrs):
        del file["X"].attrs[name]
    file["X"].attrs["h5sparse_format"] = "csr"
    file["X"].attrs["h5sparse_shape"] = shape
    np.testing.assert_array_equal(open_matrix(file, None, tmp_path).rows(0, 37), values)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix], ids=["csr", "csc"])
@pytest.mark.parametrize("part", ["data", "indices", "indptr"])
@pytest.mark.parametrize("how", ["gone", "short"])
def test_a_sparse_matrix_with_a_damaged_part_is_refused(stored, form, part, how, tmp_path):
    file = stored(form)
    content = file[f"X/{part}"][:-1]
    del file[f"X/{part}"]
    if how == "short":
        file[f"X/{part}"] = content
    with pytest.raises(InputError, match=r"\.h5ad: X is damaged"):
        open_matrix(file, None, tmp_path).rows(0, 37)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix], ids=["csr", "csc"])
@pytest.mark.parametrize("index", [-1, 1000])
def test_an_index_that_points_outside_is_refused(stored, form, index, tmp_path):
    file = stored(form)
    file["X/indices"][3] = index
    with pytest.raises(InputError, match=r"\.h5ad: X is damaged"):
        open_matrix(file, None, tmp_path).rows(0, 37)


def test_text_is_no_matrix(stored, tmp_path):
    file = stored(np.asarray)
    del file["X"]
    file["X"] = np.full(SHAPE, b"text")
    with pytest.raises(InputError, match="no matrix of numbers"):
        open_matrix(file, None, tmp_path)


@pytest.mark.parametrize("way", ["link", "raw"])
def test_values_of_another_file_are_not_followed(stored, values, way, tmp_path):
    file, other = stored(np.asarray), stored(np.asarray)
    del file["X"]
    if way == "link":
        file["X"] = h5py.ExternalLink(other.filename, "/X")
    else:
        (tmp_path / "raw").write_bytes(values.tobytes())
        file.create_dataset("X", SHAPE, np.float32, external=[(str(tmp_path / "raw"), 0, values.nbytes)])
    with pytest.raises(InputError, match="lies in another file"):
        open_matrix(file, None, tmp_path)


def test_an_unknown_form_is_named(stored, tmp_path):
    file = stored(sparse.csr_matrix)
    file["X"].attrs["encoding-type"] = "dictionary-of-keys"
    with pytest.raises(InputError, match="dictionary-of-keys"):
        open_matrix(file, None, tmp_path)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix], ids=["dense", "csr", "csc"])
def test_a_value_beyond_float32_is_told_with_its_gene_and_sample(stored, form, tmp_path):
    def with_one_too_large(x):
        wide = x.astype(np.float64)
        wide[11, 3] = -1e39
        return form(wide)

    with pytest.raises(InputError, match=r"X: gene 3 of sample s11 is -1e\+39, and no expression value is so large"):
        matrix = open_matrix(stored(with_one_too_large), None, tmp_path)
        matrix.rows(5, 20)
