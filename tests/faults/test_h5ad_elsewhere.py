"""No executable follows what an HDF5 file says lies elsewhere, nor uses a sparse matrix that points outside itself."""

import ast
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy import sparse

from clrna.errors import InputError
from clrna.io.hdf5.h5ad import read_h5ad

PACKAGE = Path(__file__).resolve().parents[2] / "clrna"
EVERY = ["normalize", "train", "encode", "baseline", "score", "match", "explain", "plot"]
SECRET = b"root:secret of another user:0:0\n" * 4000


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_bytes(SECRET)
    return path


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["X"] = np.ones((300, 300), np.float32)
        file["text"] = np.array([b"secret"] * 300)
    return path


def replaced(file, where, make):
    shape, attributes = file[where].shape, dict(file[where].attrs)
    del file[where]
    make(file, where, shape)
    if isinstance(file.get(where, getlink=True), h5py.HardLink):
        file[where].attrs.update(attributes)


def link(file, where, other, secret):
    replaced(file, where, lambda to, name, shape: to.__setitem__(name, h5py.ExternalLink(str(other), "/X")))


def storage(file, where, other, secret):
    def make(to, name, shape):
        to.create_dataset(name, shape, "<f4", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])

    replaced(file, where, make)


def bytes_as_text(file, where, other, secret):
    def make(to, name, shape):
        to.create_dataset(name, shape, "S8", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])

    replaced(file, where, make)


def virtual(file, where, other, secret):
    def make(to, name, shape):
        layout = h5py.VirtualLayout(shape, np.float32)
        layout[...] = h5py.VirtualSource(str(other), "X", (300, 300))[tuple(slice(0, length) for length in shape)]
        to.create_virtual_dataset(name, layout)

    replaced(file, where, make)


def through_a_link(file, where, other, secret):
    """A symbolic link that leads through a link into the other file, and stands before it in the file."""
    file["uns/zz_way"] = h5py.ExternalLink(str(other), "/")
    replaced(file, where, lambda to, name, shape: to.__setitem__(name, h5py.SoftLink("/uns/zz_way/X")))


WAYS = [link, storage, bytes_as_text, through_a_link]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "case",
    [
        (link, "X"), (storage, "X"), (virtual, "X"), (through_a_link, "X"),
        (link, "obs/study"), (bytes_as_text, "obs/_index"), (virtual, "obsm/X_clrna"), (storage, "uns/inside"),
    ],
    ids=lambda case: f"{case[0].__name__} {case[1]}",
)  # fmt: skip
def test_values_that_lie_elsewhere_are_refused_by_every_executable(run, write, encoded, other, secret, name, case):
    way, where = case
    encoded.uns["inside"] = np.ones(4, dtype=np.float32)
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        if isinstance(file[where], h5py.Group):
            del file[where]
            file[where] = h5py.ExternalLink(str(other), "/text")
        else:
            way(file, where, other, secret)
    ended = run(name, path)
    ended.refused(str(path))
    assert any(part in ended.said for part in (where, "zz_way"))


def test_a_link_inside_the_file_is_read(write, encoded):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        file["layers/same"] = h5py.SoftLink("/X")
    np.testing.assert_array_equal(read_h5ad(path).layers["same"], encoded.X)


def test_values_in_a_packing_that_is_not_there_are_told_from_damaged_ones(write, encoded):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        values, attributes = file["X"][()], dict(file["X"].attrs)
        del file["X"]
        stored = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        stored.set_chunk(values.shape)
        stored.set_filter(32024, h5py.h5z.FLAG_OPTIONAL, (3,))
        space = h5py.h5s.create_simple(values.shape)
        h5py.h5d.create(file.id, b"X", h5py.h5t.NATIVE_FLOAT, space, stored).write_direct_chunk(
            (0, 0), values.tobytes()
        )
        file["X"].attrs.update(attributes)
    with pytest.raises(InputError, match=r"X is compressed by HDF5's filter 32024 \(sz3\), which is not there; write"):
        read_h5ad(path)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda file: file.__setitem__("uns/again", file["uns"]), "uns/again is a group that also stands elsewhere"),
        (lambda file: file.__setitem__("uns/again", file["obs"]), "is a group that also stands elsewhere"),
        (
            lambda file: file.__setitem__("uns/again", h5py.SoftLink("/uns")),
            "uns/again is a link that leads to no dataset",
        ),
        (lambda file: file.__setitem__("uns/gone", h5py.SoftLink("/nowhere")), "uns/gone is a link that leads to no"),
        (
            lambda file: file.create_dataset("uns/huge", (1 << 40, 1 << 10), "f4", chunks=(1024, 1024)),
            "uns/huge claims",
        ),
        (lambda file: file.create_dataset("uns/huge", (1 << 62,), "f8", chunks=(1024,)), "uns/huge claims .* bytes"),
        (lambda file: file.create_group("uns" + "/a" * 200), "lies more than 100 groups deep"),
    ],
    ids=["a circle", "twice", "a circle by name", "leads nowhere", "huge", "huger than memory", "deep"],
)
def test_what_no_file_of_values_holds_is_refused(write, encoded, make, what):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        make(file)
    with pytest.raises(InputError, match=what):
        read_h5ad(path)


@pytest.mark.parametrize("where", ["uns", "obs"])
def test_more_groups_and_columns_than_can_be_looked_at(write, encoded, monkeypatch, where):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        for at in range(200):
            file.create_group(f"{where}/g{at}")
    monkeypatch.setattr("clrna.io.hdf5.hdf5_guard._MOST_OBJECTS", 200)
    with pytest.raises(InputError, match=rf"given\.h5ad: {where} is where it exceeds 200 groups and datasets; write"):
        read_h5ad(path)


def test_only_the_guarded_reader_opens_files():
    """h5py.File and anndata's readers are called where check_is_h5ad comes before, or on what CLRNA itself wrote."""
    guarded = {
        "io/hdf5/h5ad.py", "io/hdf5/hdf5_guard.py", "io/hdf5/chunked_h5ad.py", "io/hdf5/opened.py",
        "io/hdf5/anndata_errors.py", "encode/files.py", "encode/csc.py", "explain/files.py", "score/expression.py",
        "train/stored.py",
    }  # fmt: skip
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("h5py.File", "anndata.read_h5ad", "anndata.io.read_h5ad", "anndata.io.read_zarr", "opened"):
                found.add(str(path.relative_to(PACKAGE)))
    strangers = {name for name in found - guarded if not name.endswith("training_file.py")}  # adds to its own output
    assert strangers == set()


SPOILT = {
    "index beyond": ("indices", lambda part: put(part, 3, 10_000)),
    "index far beyond": ("indices", lambda part: put(part, -1, 2**31 - 1)),
    "index negative": ("indices", lambda part: put(part, 0, -1)),
    "pointer negative": ("indptr", lambda part: put(part, 1, -5)),
    "pointer far": ("indptr", lambda part: put(part, 2, 2**31 - 1)),
    "pointers fall": ("indptr", lambda part: put(part, 2, int(part[3]) + 1)),
    "last pointer far": ("indptr", lambda part: put(part, -1, 2**31 - 1)),
    "last pointer short": ("indptr", lambda part: put(part, -1, int(part[-1]) - 4)),
    "first pointer not 0": ("indptr", lambda part: put(part, 0, 2)),
    "pointers missing": ("indptr", lambda part: part[:-1]),
    "more pointers": ("indptr", lambda part: np.append(part, part[-1])),
    "indices missing": ("indices", lambda part: part[:-2]),
    "values missing": ("data", lambda part: part[:-2]),
    "indices are no numbers": ("indices", lambda part: part.astype("S4")),
    "pointers are floats": ("indptr", lambda part: part.astype(float)),
    "two dimensions": ("indices", lambda part: part[: len(part) // 2 * 2].reshape(2, -1)),
}


def put(part, at, value):
    part = part.astype(np.int64)
    part[at] = value
    return part


def spoil(path: Path, where: str, how: str) -> None:
    part, change = SPOILT[how]
    with h5py.File(path, "r+") as file:
        content = file[f"{where}/{part}"][:]
        del file[f"{where}/{part}"]
        file[f"{where}/{part}"] = change(content)


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix], ids=["csr", "csc"])
@pytest.mark.parametrize("where", ["X", "layers/more", "obsm/X_more", "uns/more"])
def test_a_sparse_matrix_that_points_outside_is_refused_wherever_it_stands(write, encoded, where, form, how):
    values = sparse.random(encoded.n_obs, encoded.n_vars, 0.3, dtype=np.float32, random_state=1).tocsr()
    values[0, 0] = 1
    if where == "X":
        encoded.X = form(values)
    else:
        getattr(encoded, where.split("/")[0])[where.split("/")[1]] = form(values)
    path = write(encoded)
    spoil(path, where, how)
    with pytest.raises(InputError, match=rf"given\.h5ad: {where} is damaged"):
        read_h5ad(path)


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline"])
@pytest.mark.parametrize("how", ["index beyond", "index negative", "pointer negative", "last pointer short"])
def test_every_executable_that_reads_x_refuses_it(run, write, encoded, name, how):
    encoded.X = sparse.csr_matrix(encoded.X)
    path = write(encoded)
    spoil(path, "X", how)
    run(name, path).refused(str(path), "X is damaged")
