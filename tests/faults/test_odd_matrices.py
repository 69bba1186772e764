"""A matrix whose elements are no numbers is refused by name, whatever HDF5 can hold in its place."""

import h5py
import numpy as np
import pandas as pd
import pytest
from conftest import WORDS
from scipy import sparse

from clrna.errors import InputError
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad

SHAPE = {
    "strings": h5py.string_dtype(),
    "strings of a fixed length": "S3",
    "a compound type": [("a", "f4"), ("b", "i4")],
    "an opaque type": "V8",
}


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline"])
@pytest.mark.parametrize("kind", SHAPE.values(), ids=SHAPE)
def test_an_x_that_holds_no_numbers(run, encoded, write, name, kind):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["X"]
        file.create_dataset("X", encoded.shape, kind)
    run(name, path).refused(str(path), "X")


@pytest.mark.parametrize("name", ["score", "match", "plot"])
def test_codes_that_are_no_real_numbers(run, encoded, write, name):
    encoded.obsm["X_clrna"] = encoded.obsm["X_clrna"].astype(np.complex64)
    path = write(encoded)
    run(name, path).refused(str(path), "obsm['X_clrna'] does not hold numbers")


PLACES = ["layers/odd", "obsm/odd", "varm/odd", "obsp/odd", "varp/odd", "raw/X", "odd"]


@pytest.mark.parametrize("name", ["encode", "explain"])  # the others read all that they copy
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("is_sparse", [False, True], ids=["dense", "sparse"])
def test_what_does_not_fit_the_samples_and_genes(run, encoded, write, name, where, is_sparse):
    encoded.uns["odd"] = sparse.csr_matrix(np.ones((3, 2))) if is_sparse else np.ones((3, 2))
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        file.require_group(where.rpartition("/")[0] or "/")
        file.move("uns/odd", where)
    run(name, path).refused(str(path))


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "explain"])
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix], ids=["csr", "csc"])
@pytest.mark.parametrize("kind", ["u8", "u4"])
def test_indices_without_a_sign_are_read(run, encoded, write, name, form, kind):
    encoded.X = form(encoded.X)
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        for part in ("indices", "indptr"):
            held = file[f"X/{part}"][:]
            del file[f"X/{part}"]
            file[f"X/{part}"] = held.astype(kind)
    ended = run(name, path)
    assert ended.status == 0, ended.said


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline"])
def test_a_layer_that_holds_no_numbers(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        file.create_dataset("layers/odd", data=np.full(encoded.shape, b"a"))
    run(name, path, "--layer", "odd").refused(str(path), "odd", "is no matrix of numbers")


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "explain"])
def test_an_x_without_any_values(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["X"]
        file["X"] = h5py.Empty("f4")
    run(name, path).refused(str(path), "X")


@pytest.mark.parametrize("kind", ["references", "lists"])
def test_an_x_that_is_read_but_cannot_be_written_is_named(run, encoded, write, kind):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["X"]
        file.create_dataset("X", encoded.shape, h5py.ref_dtype if kind == "references" else h5py.vlen_dtype("f4"))
    run("score", path).refused(f"{path}: X cannot be written", "remove it there")


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "score", "explain"])
@pytest.mark.parametrize("shape", [(144, 85), (144, 1 << 40), (200, 80)])
def test_a_matrix_that_says_it_has_another_shape(run, encoded, write, name, shape):
    encoded.X = sparse.csr_matrix(encoded.X)
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        file["X"].attrs["shape"] = np.array(shape)
        if shape[0] > encoded.n_obs:
            held = file["X/indptr"][:]
            del file["X/indptr"]
            file["X/indptr"] = np.append(held, np.repeat(held[-1], shape[0] - encoded.n_obs))
    run(name, path).refused(f"{path}: ", "shape")


def test_values_that_are_no_expression_name_their_file(run, encoded, write):
    encoded.X = (encoded.X > 5).astype(np.float32)
    run("baseline", write(encoded)).refused("given.h5ad: ", "only 0 and 1")


@pytest.mark.parametrize("kind", ["empty", "raw", "references", "lists"])
@pytest.mark.parametrize(
    ("name", "where"),
    [("normalize", "uns/odd"), ("baseline", "uns/odd"), ("score", "uns/odd"), ("encode", "uns/clrna/odd")],
)
def test_an_entry_of_uns_that_is_read_but_cannot_be_written_is_named(run, encoded, write, name, where, kind):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        if kind in ("references", "lists"):
            file.create_dataset(where, (3,), h5py.ref_dtype if kind == "references" else h5py.vlen_dtype("f4"))
        else:
            file[where] = h5py.Empty("f4") if kind == "empty" else np.zeros(3, "V8")
    run(name, path).refused(f"{path}: {where} cannot be written", "remove it there")


def test_of_several_inputs_that_which_holds_what_cannot_be_written_is_named(encoded, write, tmp_path):
    path, other = write(encoded), write(encoded, "other.h5ad")
    with h5py.File(other, "r+") as file:
        file["uns/odd"] = h5py.Empty("f4")
    with pytest.raises(InputError, match=r"other\.h5ad: uns/odd cannot be written"):
        write_h5ad(read_h5ad(other), tmp_path / "o.h5ad", inputs=[tmp_path / "table.tsv", path, other])
    assert not (tmp_path / "o.h5ad").exists()


def test_tables_and_texts_of_pandas_own_types_become_plain(encoded, tmp_path):
    text, numbers = pd.array(["a", None] * 72, dtype="string"), pd.array([1, None] * 72, dtype="Int64")
    encoded.uns["odd"] = {"text": text}
    encoded.obsm["odd"] = pd.DataFrame({"text": text, "numbers": numbers}, index=encoded.obs_names)
    write_h5ad(encoded, tmp_path / "o.h5ad")
    read = read_h5ad(tmp_path / "o.h5ad")
    assert read.uns["odd"]["text"].tolist() == ["a", ""] * 72
    assert read.obsm["odd"]["text"].dropna().tolist() == ["a"] * 72
    assert read.obsm["odd"]["numbers"].sum() == 72


def stored_as(file, where, kind):
    file[where] = np.arange(3.0)
    file[where].attrs.update({"encoding-type": kind, "encoding-version": "0.2.0"})


def ragged(file, where):
    group = file.create_group(where)
    group.attrs.update({"encoding-type": "awkward-array", "encoding-version": "0.1.0", "form": "{}", "length": 144})


UNREADABLE = {
    "ragged": ragged,
    "of a version to come": lambda file, where: stored_as(file, where, "zebra"),
    "no text": lambda file, where: file.create_dataset(where, data=[b"\xff"] * 144, dtype=h5py.string_dtype()),
    "no table": lambda file, where: file.create_group(where).attrs.update(
        {"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "names"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ["train", "encode", "baseline"])
@pytest.mark.parametrize("where", ["uns/odd", "obsm/odd", "uns/clrna/odd", "raw/var"])
@pytest.mark.parametrize("spoil", UNREADABLE.values(), ids=UNREADABLE)
def test_an_element_that_anndata_does_not_read_is_refused_by_all(run, encoded, write, name, where, spoil):
    encoded.raw = encoded
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        if where in file:
            del file[where]
        spoil(file, where)
    run(name, path).refused(f"{path}: ")


def categorical(group, categories, codes):
    """Write codes and categories as AnnData does."""
    group.attrs.update({"encoding-type": "categorical", "encoding-version": "0.2.0", "ordered": False})
    for name, values in (("categories", categories), ("codes", codes)):
        group[name] = values
        group[name].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def single_value(file, where):
    file[where] = 3.0
    file[where].attrs.update({"encoding-type": "numeric-scalar", "encoding-version": "0.2.0"})


def nullable(file, where):
    group = file.create_group(where)
    group.attrs.update({"encoding-type": "nullable-integer", "encoding-version": "0.1.0"})
    group["values"], group["mask"] = np.arange(144), np.zeros(144, bool)
    for name in ("values", "mask"):
        group[name].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("where", ["obsm/odd", "varm/odd", "layers/odd", "obsp/odd", "varp/odd"])
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (single_value, "is a single value, where AnnData has arrays and tables; remove it"),
        (nullable, "is stored as 'nullable-integer', where AnnData has arrays and tables; remove it"),
        (lambda file, where: file.create_group(where), "is a group, where AnnData has arrays and tables; remove it"),
    ],
)
def test_what_is_no_array_is_refused_by_name_also_where_it_is_only_copied(run, encoded, write, name, where, make, told):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        make(file, where)
    run(name, path).refused(f"given.h5ad: {where} {told}")


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("where", ["uns/odd", "obs/tissue", "obsm/odd"])
@pytest.mark.parametrize(
    ("categories", "codes", "told"),
    [
        ([1.0, np.nan], [0, 1], "has a category that is missing"),
        ([1, 1, 2], [0, 1], "has a category twice"),
        ([1, 2], [0, 2], "has codes beyond its 2 categories"),
        ([1, 2], [0, -2], "has codes beyond its 2 categories"),
        ([1, 2], [0.0, 1.0], "has codes that are no whole numbers"),
        ([[1, 2]], [0, 1], "has no list of categories and codes"),
    ],
)
def test_odd_categories_are_refused_by_name_wherever_they_stand(
    run, encoded, write, name, where, categories, codes, told
):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        if where in file:
            del file[where]
        categorical(file.create_group(where), categories, np.resize(codes, encoded.n_obs))
    run(name, path).refused(f"given.h5ad: {where} {told}", "; write it anew")
