"""A matrix whose elements are no numbers is refused by name, whatever HDF5 can hold in its place."""

import h5py
import numpy as np
import pytest

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


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline"])
def test_a_layer_that_holds_no_numbers(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        file.create_dataset("layers/odd", data=np.full(encoded.shape, b"a"))
    run(name, path, "--layer", "odd").refused(str(path), "odd", "is no matrix of numbers")
