"""Named arrays and a JSON description in one ``.safetensors`` file: what model files and checkpoints have in common."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from clrna.errors import InputError
from clrna.io.output.atomic import replacing
from clrna.io.regular import refuse_no_file
from clrna.model.tensor_bytes import read_tensor_bytes
from clrna.quoted import reason_of

# All of the description is one value: safetensors writes several in an order that differs from run to run.
_KEY = "clrna"
# Of all the rest of that value, the digest of the tensors in it. Files of before have none.
_CHECKSUM = "checksum"
_MEND = {"model": "train or fetch it anew", "checkpoint": "remove it and start over"}


def write_tensor_file(
    path: Path, kind: str, version: int, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]
) -> None:
    """Write a file, whole or not at all; the same content gives the same bytes.

    Parameters
    ----------
    path
        File to write.
    kind
        ``model`` or ``checkpoint``.
    version
        Version of the kind's layout.
    tensors
        Arrays by name.
    description
        All else, as JSON can hold it.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    head = {"kind": kind, "version": version, "sha256": _digest(arrays), "description": description}
    text = _canonical({**head, _CHECKSUM: _checksum(head)})
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata={_KEY: text})


def read_tensor_file(
    path: Path, kind: str, version: int | tuple[int, ...]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the description that :func:`write_tensor_file` wrote.

    Raises
    ------
    InputError
        The file is missing, empty, truncated, damaged, of another program, of another kind or of a
        newer version.
    """
    versions = version if isinstance(version, tuple) else (version,)
    if not path.exists():
        raise InputError(f"{path}: no such file")
    refuse_no_file(path)
    if path.stat().st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes)")
    try:
        arrays, metadata = read_tensor_bytes(path)
    except InputError:
        raise
    except (OSError, LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        reason = reason_of(error)
        raise InputError(f"{path}: is damaged, truncated or no safetensors file ({reason}); {_MEND[kind]}") from error
    except MemoryError as error:
        size = f"{path.stat().st_size:,}"
        raise InputError(f"{path}: has {size} bytes, for which there is no memory; give the job more") from error
    head = _head(path, kind, versions, metadata)
    if _digest(arrays) != head["sha256"]:
        raise InputError(f"{path}: is damaged, its tensors do not match their checksum; {_MEND[kind]}")
    return arrays, head["description"]


def _head(path: Path, kind: str, versions: tuple[int, ...], metadata: Mapping[str, str]) -> dict[str, Any]:
    text = metadata.get(_KEY)
    if text is None:
        raise InputError(f"{path}: is a safetensors file of another program, not a CLRNA {kind}")
    try:
        head = json.loads(text)
        found, written, _, description = (head[name] for name in ("kind", "version", "sha256", "description"))
        if not isinstance(description, dict):
            raise TypeError("no mapping")
        whole = _CHECKSUM not in head or head.pop(_CHECKSUM) == _checksum(head)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: its description is damaged; {_MEND[kind]}") from error
    if found != kind:
        raise InputError(f"{path}: is a CLRNA {found}, a {kind} is needed here")
    if written not in versions:
        readable = " and ".join(map(str, versions))
        raise InputError(f"{path}: {kind} layout {written}, this CLRNA reads {readable}; use the CLRNA that wrote it")
    if not whole:
        raise InputError(f"{path}: is damaged, its description does not match its checksum; {_MEND[kind]}")
    return head


def _checksum(head: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(head).encode()).hexdigest()


def _canonical(head: Mapping[str, Any]) -> str:
    return json.dumps(head, sort_keys=True, allow_nan=False)


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
