"""The safetensors format, read into memory of our own.

Its library maps the file into memory instead: where another program then cuts it, the process is killed by SIGBUS.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clrna.io.regular import open_regular

# As the format has it: eight bytes, little-endian, say how long the JSON is that comes next; behind it lie the tensors.
_LENGTH_BYTES: Final = 8
_LONGEST_HEADER: Final = 100_000_000
_MOST_AXES: Final = 64  # of numpy
_METADATA: Final = "__metadata__"
_DTYPES: Final = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U64": "<u8",
    "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1", "C64": "<c8",
}  # fmt: skip


def read_tensor_bytes(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return the tensors and the metadata of a safetensors file, of which no byte is copied or read twice.

    Raises
    ------
    InputError
        It is no file, but a folder, a pipe or a device.
    ValueError
        It is damaged, truncated or of another format; the text says where.
    OSError
        It cannot be read.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(_filled(file, min(_LENGTH_BYTES, size)), "little")
        if not 2 <= length <= min(_LONGEST_HEADER, size - _LENGTH_BYTES):
            raise ValueError(f"its header claims {length:,} bytes of {size:,}")
        header = _header(_filled(file, length).tobytes())
        metadata, n_bytes = header.pop(_METADATA, {}), size - _LENGTH_BYTES - length
        if not isinstance(metadata, dict):
            raise TypeError("its metadata are no mapping")
        places = list(_places(header, n_bytes))  # all of them, before there is memory for what is only claimed
        arrays = {
            name: _filled(file, n_own).view(dtype).reshape(shape) for name, dtype, shape, n_own in places
        }  # as they lie in the file
    return arrays, metadata


def _filled(file: Any, n_bytes: int) -> NDArray[np.uint8]:
    """Return the next bytes of a file, in memory that is made for them."""
    content = np.empty(n_bytes, np.uint8)
    rest = content.data
    while rest.nbytes:
        number = file.readinto(rest)  # the system gives 2 GB at most
        if not number:
            raise ValueError(f"it ends {rest.nbytes:,} bytes early")
        rest = rest[number:]
    return content


def _header(content: bytes) -> dict[str, Any]:
    header = json.loads(content.decode("utf-8"))
    if not isinstance(header, dict):
        raise TypeError("its header is no mapping")
    return header


def _places(header: Mapping[str, Any], n_bytes: int) -> Iterator[tuple[str, np.dtype[Any], tuple[int, ...], int]]:
    """Yield the name, type, shape and bytes of each tensor in the order of the file, which they fill together."""
    at = 0
    for name, told in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        (start, end), shape = told["data_offsets"], tuple(told["shape"])
        if told["dtype"] not in _DTYPES:
            raise ValueError(f"tensor {name} is of {told['dtype']}, which CLRNA never writes")
        dtype = np.dtype(_DTYPES[told["dtype"]])
        if len(shape) > _MOST_AXES or not all(type(one) is int and one >= 0 for one in (start, end, *shape)):
            raise ValueError(f"tensor {name} has a shape or a place that is none")
        claimed = dtype.itemsize * int(np.prod(shape, dtype=object))
        if start != at or end - start != claimed or end > n_bytes:
            raise ValueError(f"tensor {name} does not lie where it should, or claims more bytes than there are")
        at = end
        yield name, dtype, shape, claimed
    if at != n_bytes:
        raise ValueError(f"{n_bytes - at:,} bytes are of no tensor")
