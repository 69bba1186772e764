"""Elements that are read and written without anndata are as anndata has them, byte for byte."""

import sys
from pathlib import Path

import anndata.io
import h5py
import numpy as np
import pandas as pd
import pytest

from clrna.io.hdf5 import plain_elements

VALUES = {
    "text": "é",
    "flag": True,
    "number": 3,
    "float": np.float64(0.5),
    "integers": np.arange(4),
    "halves": np.linspace(0, 1, 5, dtype=np.float32),
    "flags": np.array([True, False]),
    "texts": np.array(["a", "ö", ""], dtype=object),
    "unicode": np.array(["a", "bc"]),
    "none": np.array([], dtype=object),
    "square": np.ones((2, 3)),
    "category": pd.Categorical(["b", "a", None], categories=["a", "b"]),
    "empty category": pd.Categorical([None, None], categories=np.array([], dtype=object)),
    "nested": {"inner": {"list": np.array(["x"], dtype=object)}, "empty": {}},
}


def _written(path: Path, write) -> bytes:
    with h5py.File(path, "w") as file:
        file.create_group("uns")
        for name, value in VALUES.items():
            write(file["uns"], name, value)
        write(file["uns"], "texts", VALUES["texts"])  # in place of what stands there
    return path.read_bytes()


def test_the_bytes_are_those_of_anndata(tmp_path):
    ours = _written(tmp_path / "ours.h5", plain_elements.write_elem)
    assert ours == _written(tmp_path / "theirs.h5", anndata.io.write_elem)


def test_what_anndata_wrote_is_read_alike(tmp_path, monkeypatch):
    frame = pd.DataFrame(
        {"c": pd.Categorical(["u", "v", None]), "n": [1.5, np.nan, 2], "t": np.array(["x", "y", "z"], dtype=object)},
        index=pd.Index(["s1", "s2", "s3"], name="sample", dtype=object),
    )
    with h5py.File(tmp_path / "f.h5", "w") as file:
        anndata.io.write_elem(file, "uns", VALUES)
        frames = {"named": frame, "plain": frame.rename_axis(None), "bare": frame[[]]}
        for name, one in frames.items():
            anndata.io.write_elem(file, name, one)
        theirs = {name: anndata.io.read_elem(file[name]) for name in frames}
        monkeypatch.setattr("anndata.io.read_elem", lambda item: pytest.fail(f"{item.name} was left to anndata"))
        for name, one in theirs.items():
            pd.testing.assert_frame_equal(plain_elements.read_elem(file[name]), one)
        found = plain_elements.read_elem(file["uns"])
    assert set(found) == set(VALUES)
    for name in set(VALUES) - {"nested", "category", "empty category"}:
        assert type(found[name]) is type(VALUES[name]) or np.isscalar(VALUES[name])
        np.testing.assert_array_equal(found[name], VALUES[name])
    assert found["category"].equals(VALUES["category"])
    assert found["nested"]["inner"]["list"].tolist() == ["x"]


def test_what_is_not_plain_is_left_to_anndata(tmp_path):
    with h5py.File(tmp_path / "f.h5", "w") as file:
        plain_elements.write_elem(file, "nullable", pd.array([1, None], dtype="Int64"))
        plain_elements.write_elem(file, "list", [1, 2])
        assert plain_elements.read_elem(file["nullable"])[1] is pd.NA
        assert plain_elements.read_elem(file["list"]).tolist() == [1, 2]
        file["nullable"].attrs["encoding-type"] = "of tomorrow"
        with pytest.raises(Exception, match="of tomorrow"):
            plain_elements.read_elem(file["nullable"])
    assert "anndata" in sys.modules
