"""Columns and names of rows of odd make are mended, or refused by their name, by all executables."""

from importlib.util import find_spec

import anndata
import h5py
import numpy as np
import pytest
from anndata import AnnData
from conftest import MADE

from clrna.errors import InputError
from clrna.io.hdf5.h5ad import read_h5ad

EVERY = ["normalize", "train", "encode", "baseline", "score", "match", "explain", "plot"]


@pytest.fixture
def with_column(encoded, write):
    """Write a file that has one more column, of that type."""

    def one(kind: object, name: str = "odd", frame: str = "obs"):
        path = write(encoded)
        with h5py.File(path, "r+") as file:
            if name not in file[frame]:
                length = encoded.n_obs if frame == "obs" else encoded.n_vars
                file[frame].create_dataset(name, data=np.zeros(length, kind))
                file[frame][name].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
            order = [*file[frame].attrs["column-order"], name]
            file[frame].attrs["column-order"] = np.array(order, dtype=h5py.string_dtype())
        return path

    return one


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("frame", "kind"), [("obs", "V8"), ("obs", [("a", "f4"), ("b", "i4")]), ("var", "V8")])
def test_a_column_of_records(run, with_column, name, frame, kind):
    path = with_column(kind, frame=frame)
    run(name, path).refused(str(path), f"{frame} column 'odd' holds records or raw bytes")


@pytest.mark.parametrize("name", EVERY)
def test_a_column_of_a_name_that_is_reserved(run, with_column, name):
    path = with_column(None, "_index")
    run(name, path).refused(str(path), "obs has column '_index', which AnnData keeps for itself")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", [">i4", ">f8"])
def test_a_column_of_the_other_byte_order(run, with_column, name, kind):
    ended = run(name, with_column(kind))
    assert ended.status == 0, ended.said


def renamed(path, name: str):
    with h5py.File(path, "r+") as file:
        file["obs"].attrs["_index"] = name
    return path


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("column", ["donor", "clrna_distance"])
def test_names_of_samples_that_are_categories_or_numbers(run, encoded: AnnData, write, name, column):
    if column == "donor":  # no two samples of one name
        encoded.obs["donor"] = [f"{donor}.{at}" for at, donor in enumerate(encoded.obs["donor"])]
        encoded.obs["donor"] = encoded.obs["donor"].astype("category")
    path = renamed(write(encoded), column)
    ended = run(name, path)
    assert ended.status == 0, ended.said
    names = read_h5ad(path).obs_names
    assert names.tolist() == encoded.obs[column].astype(str).tolist()


def test_the_element_that_cannot_be_read_is_named(encoded, write, tmp_path):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["obs/study/codes"]
    with pytest.raises(InputError, match=r"given\.h5ad: obs/study has no list of categories and codes; write it anew"):
        read_h5ad(path)


@pytest.mark.parametrize("name", EVERY)
def test_a_kind_of_another_version_is_told_as_that(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        file["obs/study"].attrs["encoding-version"] = "9.9.9"
    fault = "is stored as 'categorical' in version '9.9.9', which this anndata does not read; remove it, or write it"
    run(name, path).refused(f"{path}: obs/study {fault}")
    with pytest.raises(Exception, match="No read method"):  # or the test above is of nothing
        anndata.read_h5ad(path)


@pytest.mark.skipif(find_spec("awkward") is not None, reason="awkward arrays are read where that package is")
@pytest.mark.parametrize(
    "name", [name for name in EVERY if name not in ("encode", "explain")]
)  # they copy it, or leave it
def test_an_awkward_array_is_told_as_that(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        group = file["obsm"].create_group("odd")
        group["node0-data"] = np.arange(encoded.n_obs)
        form = '{"class": "NumpyArray", "primitive": "int64", "form_key": "node0"}'
        group.attrs.update({"encoding-type": "awkward-array", "encoding-version": "0.1.0", "form": form})
        group.attrs["length"] = encoded.n_obs
    run(name, path).refused(f"{path}: obsm/odd is an awkward array, which is not read; remove it, or write an array")


@pytest.mark.parametrize("name", ["encode", "explain"])
def test_names_of_samples_in_two_columns(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["obs/_index"]
        file["obs/_index"] = np.array([["a", f"b{at}"] for at in range(encoded.n_obs)], h5py.string_dtype())
        file["obs/_index"].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
    ended = run(name, path)
    assert ended.status == 0, ended.said


@pytest.mark.parametrize("place", ["tissue", "study", "gene"])
def test_names_that_a_model_may_not_hold_are_refused_before_training(run, encoded, write, monkeypatch, place):
    monkeypatch.setattr("clrna.train.fit.place_training", lambda *_, **__: pytest.fail("training was begun"))
    long = "x" * 1001
    if place == "gene":
        encoded.var_names = [long, *encoded.var_names[1:]]
    else:
        encoded.obs[place] = encoded.obs[place].cat.rename_categories({encoded.obs[place].iloc[0]: long})
    run("train", write(encoded)).refused("given.h5ad: ", "a name of 1,001 characters", "give shorter")


def test_a_table_of_samples_with_a_column_of_a_reserved_name(run, encoded, tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("sample\t_index\n" + "".join(f"{name}\t{at}\n" for at, name in enumerate(encoded.obs_names)))
    ended = run("normalize", MADE / "SIM1.tsv.gz", "--metadata", str(path))
    ended.refused("m.tsv: has column '_index', which AnnData keeps for itself")
