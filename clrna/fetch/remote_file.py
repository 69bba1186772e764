"""What a source says of a file it needs, before anything is loaded."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from clrna.io.regular import refuse_no_file

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Checksum:
    """A digest that a file has to have.

    Attributes
    ----------
    algorithm
        Name that :mod:`hashlib` knows.
    digest
        In lower-case hexadecimal.
    """

    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"


@dataclass(frozen=True)
class RemoteFile:
    """One file of a source.

    Attributes
    ----------
    name
        What it is called in the cache and in the folder of ``--from``.
    urls
        Addresses, tried in this order.
    modac_path
        Its path in MoDaC, tried before ``urls``; '' if it is not there.
    size
        Bytes, where the source publishes them for this very file.
    checksum
        Where the source publishes one.
    about_size
        Bytes as last seen, for the list and the progress bar; not held against the file.
    listing
        Whether it is a portal's answer that lists files: asked for anew unless offline, and no part of the data.
    given
        Whether a user gave its address, which may then be a file of this machine.
    """

    name: str
    urls: tuple[str, ...] = ()
    modac_path: str = ""
    size: int | None = None
    checksum: Checksum | None = None
    about_size: int | None = None
    listing: bool = False
    given: bool = False


def digests_of(path: Path, algorithms: set[str]) -> dict[str, str]:
    """Return the digests of a file by algorithm, all from one reading."""
    running = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    refuse_no_file(path)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            for digest in running.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in running.items()}


def safe_name(text: str) -> str:
    """Return ``text`` as a file name without folders: what a portal calls a file is not trusted."""
    name = re.sub(r"[^\w.~()@=+-]", "_", text.replace("\\", "/").rsplit("/", 1)[-1])
    return name.lstrip(".")[:200] or "file"
