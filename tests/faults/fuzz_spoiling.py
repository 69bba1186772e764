"""Ways to spoil a whole file: by its bytes, or by the objects and attributes that it is built of."""

import contextlib
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from fuzz_readers import seeds_of
from hypothesis import strategies as st

from clrna.model.tensor_file import read_tensor_file, write_tensor_file

ODD = [
    b"", b"\0", b"\xff" * 8, b"\xff\xff\xff\x7f", b"\0" * 8, b"nan", b"inf", b"-1", b"1e999", b"9" * 400, b"\t" * 20,
    b'"', b"\n", b"\r\n", b"\r", b"\xef\xbb\xbf", b"&a *a", b"[" * 300, b"{", b"\\ud800", b"!!python/object:x", b"#",
    b"x" * 200_000,
]  # fmt: skip

VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=8), st.binary(min_size=1, max_size=8),
    st.lists(st.integers(-5, 2**40), max_size=6), st.lists(st.floats(width=32), max_size=24),
    st.lists(st.sampled_from(["a", "tissue", "{", "µ"]), min_size=1, max_size=6), st.none(),
)  # fmt: skip
JSON = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4), st.just([]), st.just({}), st.lists(st.integers(-2, 5), max_size=3),
)  # fmt: skip


@st.composite
def bytes_spoilt(draw: st.DrawFn, name: str) -> bytes:
    """Return a whole file of a kind after a few edits: bytes written over, put in, taken out, repeated."""
    content = draw(st.sampled_from(seeds_of(name)))
    # What a gz holds is spoilt as often as the gz itself.
    packed = content[:2] == b"\x1f\x8b" and draw(st.booleans())
    if packed:
        content = gzip.decompress(content)
    for _ in range(draw(st.integers(1, 4))):
        content = draw(edited(content))
    return gzip.compress(content, 1, mtime=0) if packed else content


@st.composite
def edited(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(st.integers(0, max(0, len(content) - 1)))
    length = draw(st.integers(0, 64))
    odd = draw(st.one_of(st.binary(max_size=16), st.sampled_from(ODD)))
    edit = draw(st.sampled_from(["over", "in", "out", "again", "cut"]))
    if edit == "over":
        return content[:at] + odd + content[at + len(odd) :]
    if edit == "in":
        return content[:at] + odd + content[at:]
    if edit == "out":
        return content[:at] + content[at + length :]
    if edit == "again":
        return content[:at] + content[at : at + length] * draw(st.integers(2, 50)) + content[at:]
    return content[:at]


@st.composite
def h5ad_rebuilt(draw: st.DrawFn, name: str) -> bytes:
    """Return an h5ad of which some objects and attributes are others."""
    file = io.BytesIO(draw(st.sampled_from(seeds_of(name))))
    with h5py.File(file, "r+") as opened:
        names: list[str] = []
        opened.visit(names.append)
        for _ in range(draw(st.integers(1, 3))):
            place, value = draw(st.sampled_from(names)), draw(VALUES)
            if place not in opened:
                continue
            with contextlib.suppress(TypeError, ValueError, OSError):  # h5py does not write everything
                if draw(st.booleans()):
                    attributes = opened[place].attrs
                    key = draw(st.sampled_from([*attributes, "shape", "encoding-type", "column-order", "_index"]))
                    attributes[key] = h5py.Empty("f4") if value is None else value
                else:
                    del opened[place]
                    if value is not None:
                        opened[place] = value
    return file.getvalue()


def places_in(value: Any, above: tuple = ()) -> list[tuple]:
    """Return the way to each entry of a JSON value; of long lists to the first ones."""
    below = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    return [place for key, entry in below for place in [(*above, key), *places_in(entry, (*above, key))]]


@st.composite
def replaced_in(draw: st.DrawFn, value: Any) -> None:
    """Put something else in one place of a JSON value, or take that out."""
    *above, last = draw(st.sampled_from(places_in(value) or [(None,)]))
    within = value
    for key in above:
        within = within[key]
    if last is None or draw(st.integers(0, 4)) == 0:
        within.clear() if last is None else within.__delitem__(last)
    else:
        within[last] = draw(JSON)


@st.composite
def list_rebuilt(draw: st.DrawFn, name: str) -> bytes:
    """Return a portal's answer some of whose entries are others."""
    answer = json.loads(draw(st.sampled_from(seeds_of(name))))
    for _ in range(draw(st.integers(1, 3))):
        draw(replaced_in(answer))
    return json.dumps(answer).encode()


@st.composite
def model_rebuilt(draw: st.DrawFn, name: str) -> bytes:
    """Return a model file whose sum is right, but some of whose tensors and settings are others."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        path.write_bytes(draw(st.sampled_from(seeds_of(name))))
        tensors, description = read_tensor_file(path, "model", (1, 2))
        for _ in range(draw(st.integers(1, 3))):
            if draw(st.booleans()):
                key = draw(st.sampled_from(sorted(tensors)))
                array = tensors.pop(key)
                how = draw(st.sampled_from(["gone", "flat", "cut", "integers", "huge"]))
                if how != "gone":
                    changed = {"flat": array.reshape(-1), "cut": array[:1], "integers": np.zeros(array.shape, "i4")}
                    tensors[key] = changed.get(how, np.full_like(array, 3e4 if array.dtype.kind == "f" else 7))
                continue
            draw(replaced_in(description))
        write_tensor_file(path, "model", draw(st.sampled_from([1, 2])), tensors, json.loads(json.dumps(description)))
        return path.read_bytes()
