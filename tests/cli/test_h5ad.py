"""Reading refuses what is no h5ad with a line to act on; writing keeps to what old readers know."""

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from clrna.errors import InputError
from clrna.io.contract import check, labels_of, text_column
from clrna.io.hdf5.h5ad import matrix_of, read_h5ad, write_h5ad

SEED = 1


@pytest.fixture
def adata():
    generator = np.random.default_rng(SEED)
    obs = pd.DataFrame(
        {
            "study": ["A", "A", "B", "B"],
            "tissue": pd.Categorical(["lung", "skin", None, "lung"]),
            "age": [50, 60, 70, 80],
        },
        index=[f"s{i}" for i in range(4)],
    )
    return AnnData(generator.random((4, 3), dtype=np.float32), obs=obs, var=pd.DataFrame(index=["TP53", "KRAS", "MYC"]))


@pytest.fixture
def file(adata, tmp_path):
    path = tmp_path / "a.h5ad"
    adata.copy().write_h5ad(path)
    return path


def test_a_good_file_reads(file):
    assert read_h5ad(file).shape == (4, 3)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_h5ad(tmp_path / "none.h5ad")


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.h5ad"
    path.touch()
    with pytest.raises(InputError, match="is empty"):
        read_h5ad(path)


def test_text_under_the_name_h5ad(tmp_path):
    path = tmp_path / "text.h5ad"
    path.write_text("gene\ts1\nTP53\t1\n")
    with pytest.raises(InputError, match="clrna-normalize"):
        read_h5ad(path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file(file, share):
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"a\.h5ad: ") as caught:
        read_h5ad(file)
    assert "\n" not in str(caught.value)


def test_a_damaged_element(file):
    with h5py.File(file, "r+") as handle:
        handle["obs"].attrs["encoding-type"] = "something-else"
    with pytest.raises(InputError, match=r"obs is stored as 'something-else' in version '0\.2\.0', which this "):
        read_h5ad(file)


@pytest.mark.parametrize("name", ["X", "obs", "var"])
def test_hdf5_without_a_part_of_anndata(file, name):
    with h5py.File(file, "r+") as handle:
        del handle[name]
    with pytest.raises(InputError, match=f"it has no {name}"):
        read_h5ad(file)


@pytest.mark.parametrize("shape", [(0, 3), (4, 0)])
def test_nothing_in_it(tmp_path, shape):
    path = tmp_path / "none.h5ad"
    AnnData(np.zeros(shape, dtype=np.float32)).write_h5ad(path)
    with pytest.raises(InputError, match=f"holds {shape[0]} samples x {shape[1]} genes"):
        read_h5ad(path)


def test_encodings_are_those_of_anndata_0_8(adata, tmp_path):
    adata.obs["text"] = pd.array(["a", None, "c", "a"], dtype="string")
    adata.obs["whole"] = pd.array([1, 2, None, 4], dtype="Int64")
    adata.obs["count"] = pd.array([1, 2, 3, 4], dtype="Int64")
    adata.obs["flag"] = pd.array([True, False, True, True], dtype="boolean")
    adata.obs["level"] = pd.Categorical([3, 1, 3, 2])
    adata.obs_names = pd.Index(adata.obs_names, dtype="string")
    adata.uns["note"] = {"none": None, "text": "kept", "deep": {"none": None, "number": 2}}
    path = tmp_path / "out.h5ad"
    write_h5ad(adata, path)
    seen: set[str] = set()

    def collect(name, item):
        seen.add(str(item.attrs.get("encoding-type", "no encoding")))

    with h5py.File(path, "r") as handle:
        handle.visititems(collect)
        assert handle["obs/text"].attrs["encoding-type"] == "categorical"
        assert handle["obs/whole"].attrs["encoding-type"] == "array"
        assert handle["obs/flag"].dtype == bool
        assert "none" not in handle["uns/note"]
    assert seen <= {"array", "categorical", "dataframe", "dict", "numeric-scalar", "string", "string-array"}
    again = anndata.read_h5ad(path)
    assert again.obs["text"].isna().tolist() == [False, True, False, False]
    assert np.isnan(again.obs["whole"].iloc[2])
    assert again.obs["count"].tolist() == [1, 2, 3, 4]
    assert again.obs["level"].cat.categories.tolist() == [1, 2, 3]
    assert again.uns["note"] == {"text": "kept", "deep": {"number": 2}}


def test_the_same_data_gives_the_same_bytes(adata, tmp_path):
    for name in ("one.h5ad", "two.h5ad"):
        write_h5ad(adata.copy(), tmp_path / name)
    assert (tmp_path / "one.h5ad").read_bytes() == (tmp_path / "two.h5ad").read_bytes()


def test_an_object_that_cannot_be_written_leaves_the_old_file(adata, file):
    before = file.read_bytes()
    adata.uns["bad"] = object()
    with pytest.raises(Exception, match=r"object|write|No method"):
        write_h5ad(adata, file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_every_matrix_becomes_dense_float32(adata, file, kind):
    dense = adata.X.copy()
    adata.layers["other"] = kind(dense.astype(np.float64))
    values = matrix_of(adata, "other", file)
    assert (values.dtype, values.flags["C_CONTIGUOUS"]) == (np.float32, True)
    np.testing.assert_array_equal(values, dense)


def test_a_missing_layer_names_those_there_are(adata, file):
    adata.layers["counts"] = adata.X.copy()
    with pytest.raises(InputError, match=r"--layer tpm.*counts"):
        matrix_of(adata, "tpm", file)


def test_no_x(file):
    empty = AnnData(obs=pd.DataFrame(index=["s"]), var=pd.DataFrame(index=["g"]))
    with pytest.raises(InputError, match="--layer"):
        matrix_of(empty, None, file)


def test_every_fault_is_listed_in_one_error(adata, file):
    adata.obs_names = ["a", "a", "b", "c"]
    adata.var_names = ["TP53", "TP53", "MYC"]
    values = adata.X.copy()
    values[1, 2] = np.nan
    adata.obs["scale"] = "furlongs"
    with pytest.raises(InputError) as caught:
        check(adata, file, columns=["donor"], values=values, scale=True)
    for word in ("a.h5ad", "donor", "sample names", "gene names", "1 value is not finite", "MYC", "furlongs"):
        assert word in str(caught.value)


def test_no_scale_column_names_the_mend(adata, file):
    with pytest.raises(InputError, match="clrna-normalize"):
        check(adata, file, scale=True)


def test_missing_labels_in_all_their_spellings_are_empty_text():
    column = pd.Series(["lung", None, np.nan, "NA", "unknown", " skin ", "", "n/a"], dtype=object)
    assert text_column(column).tolist() == ["lung", "", "", "", "", "skin", "", ""]
    assert text_column(pd.Series([1.0, np.nan])).tolist() == ["1.0", ""]


def test_joined_labels_need_every_part(adata, file):
    adata.obs["sample_category"] = ["tumor", "", "normal", "cell_line"]
    labels = labels_of(adata, "tissue", ["tissue", "sample_category"], file)
    assert labels.tolist() == ["lung tumor", "", "", "lung cell_line"]
    with pytest.raises(InputError, match="grade"):
        labels_of(adata, "tissue", ["tissue", "grade"], file)


@pytest.mark.parametrize(("name", "stored"), [("gzip", "gzip"), ("lzf", "lzf"), ("none", None)])
def test_compression_is_the_one_asked_for_and_the_values_are_the_same(adata, tmp_path, name, stored):
    values = np.random.default_rng(0).normal(size=adata.shape).astype(np.float32)
    adata.X = values
    write_h5ad(adata, tmp_path / "out.h5ad", name)
    with h5py.File(tmp_path / "out.h5ad") as file:
        assert file["X"].compression == stored
    np.testing.assert_array_equal(np.asarray(read_h5ad(tmp_path / "out.h5ad").X), values)
