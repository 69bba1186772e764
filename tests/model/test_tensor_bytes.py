"""Model files are read into memory of our own, and by no other rules than those of the format's own library."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from clrna.errors import InputError
from clrna.model import tensor_bytes
from clrna.model.tensor_bytes import read_tensor_bytes
from clrna.model.tensor_file import read_tensor_file, write_tensor_file

ARRAYS = {
    "odd": np.arange(3, dtype=np.uint8),
    "wide": np.arange(12, dtype=np.float32).reshape(3, 4),
    "half": np.arange(5, dtype=np.float16),
    "empty": np.zeros((0, 7)),
    "alone": np.array(5),
    "yes": np.array([True, False]),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_file(ARRAYS, tmp_path / "a.safetensors", metadata={"some": "text"})
    return tmp_path / "a.safetensors"


def spoilt(path: Path, **changed: object) -> None:
    """Change what the header says of the tensor ``wide``, or what it holds beside it."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["wide"] |= changed
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])


def test_reads_what_the_library_writes(path):
    arrays, metadata = read_tensor_bytes(path)
    assert metadata == {"some": "text"}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in arrays.items():
        assert array.dtype == ARRAYS[name].dtype
        assert array.flags.aligned
        assert array.flags.writeable
        np.testing.assert_array_equal(array, ARRAYS[name])


@pytest.mark.parametrize(
    "changed",
    [
        {"shape": [4, 4]},
        {"shape": [-3, -4]},
        {"shape": [3.0, 4.0]},
        {"shape": "34"},
        {"shape": [True, 12]},
        {"shape": [0, 2**80]},
        {"dtype": "F99"},
        {"dtype": ["F32"]},
        {"data_offsets": [0, 48]},
        {"data_offsets": [48, 0]},
        {"data_offsets": [0]},
        {"data_offsets": ["a", "b"]},
        {"data_offsets": [0, 10**12]},
    ],
)
def test_a_header_that_lies_is_refused_as_by_the_library(path, changed):
    spoilt(path, **changed)
    with pytest.raises(SafetensorError), safe_open(path, "np") as file:
        file.get_tensor("wide")
    with pytest.raises(InputError, match=r"a.safetensors: is damaged, .+ \(.+\); train"):
        read_tensor_file(path, "model", 2)


@pytest.mark.parametrize("axes", [65, 200_000])
def test_axes_without_end(path, axes):
    spoilt(path, shape=[9] * axes)
    with pytest.raises(InputError, match="tensor wide has a shape or a place that is none"):
        read_tensor_file(path, "model", 2)


@pytest.mark.parametrize("length", [0, 1, 10**6, 2**63, 2**64 - 1])
def test_a_header_without_end(path, length):
    path.write_bytes(length.to_bytes(8, "little") + path.read_bytes()[8:])
    with pytest.raises(InputError, match="its header claims"):
        read_tensor_file(path, "model", 2)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"9" * 5000, b"[]", b"\xff\xfe", b'{"__metadata__": []}'])
def test_a_header_of_another_make(tmp_path, text):
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(InputError, match="is damaged, truncated or no safetensors file"):
        read_tensor_file(path, "model", 2)


def test_bytes_of_no_tensor(path):
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(InputError, match="4 bytes are of no tensor"):
        read_tensor_file(path, "model", 2)


def test_a_file_that_is_cut_while_it_is_read(tmp_path, monkeypatch):
    """Memory that is mapped from such a file ends the process by SIGBUS."""
    path, places = tmp_path / "a.safetensors", tensor_bytes._places
    write_tensor_file(path, "model", 2, {"wide": np.zeros((1000, 1000))}, {})

    def cut(header, n_bytes):
        os.truncate(path, 5000)
        return places(header, n_bytes)

    monkeypatch.setattr(tensor_bytes, "_places", cut)
    with pytest.raises(InputError, match=r"it ends [\d,]+ bytes early\); train or fetch it anew"):
        read_tensor_file(path, "model", 2)


def test_a_file_that_is_cut_later_changes_nothing(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensor_file(path, "model", 2, {"wide": np.ones((1000, 1000))}, {})
    arrays, _ = read_tensor_file(path, "model", 2)
    os.truncate(path, 0)
    assert arrays["wide"].sum() == 1_000_000


def test_a_file_for_which_there_is_no_memory(path, monkeypatch):
    def none(*_):
        raise MemoryError

    monkeypatch.setattr(tensor_bytes.np, "empty", none)
    with pytest.raises(InputError, match=r"has \d+ bytes, for which there is no memory; give the job more"):
        read_tensor_file(path, "model", 2)


def test_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=r"a.safetensors: is no file, but a folder, a pipe or a device"):
        read_tensor_file(tmp_path / "a.safetensors", "model", 2)
    with pytest.raises(InputError, match="is no file, but a folder, a pipe or a device"):
        read_tensor_bytes(tmp_path / "a.safetensors")
