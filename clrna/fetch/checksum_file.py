"""Lists of checksums as ``sha256sum`` and its kin write and read them."""

import re
from collections.abc import Mapping
from pathlib import Path

from clrna.errors import InputError
from clrna.fetch.remote_file import Checksum
from clrna.io.output.atomic import write_text
from clrna.io.regular import refuse_no_file
from clrna.quoted import reason_of

_LINE = re.compile(r"\\?([0-9a-fA-F]+) [ *](.+)")
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


def read_checksums(path: Path) -> dict[str, Checksum]:
    """Return the checksums in ``path`` by file name, without folders.

    Raises
    ------
    InputError
        A line is not ``HEX  NAME`` with as many digits as MD5, SHA-1, SHA-256 or SHA-512 have, a
        name stands there twice with different digests, or there is no line.
    """
    found: dict[str, Checksum] = {}
    refuse_no_file(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        text = f"cannot be read ({reason_of(error)}); see its name and permissions"
        raise InputError(f"--checksums {path}: {text}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"--checksums {path}: cannot be read ({reason_of(error)}); write it as UTF-8 text") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.rstrip())
        algorithm = _ALGORITHMS.get(len(match[1])) if match else None
        if not match or not algorithm:
            raise InputError(f"--checksums {path}: line {number} is not 'HEX  NAME' as sha256sum writes it")
        name, checksum = match[2].rsplit("/", 1)[-1], Checksum(algorithm, match[1].lower())
        if found.setdefault(name, checksum) != checksum:
            raise InputError(f"--checksums {path}: line {number} names {name} again with another digest")
    if not found:
        raise InputError(f"--checksums {path}: holds no checksum")
    return found


def write_checksums(path: Path, sha256: Mapping[str, str]) -> None:
    """Write SHA-256 digests by file name to ``path``, whole or not at all."""
    write_text(path, "".join(f"{digest}  {name}\n" for name, digest in sorted(sha256.items())))
