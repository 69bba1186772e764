"""Take files out of archives, without letting an archive choose where they go."""

import errno
import lzma
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeVar

from clrna.errors import InputError
from clrna.fetch.partial import DiskFullError
from clrna.fetch.remote_file import safe_name
from clrna.io.regular import refuse_no_file
from clrna.quoted import reason_of

# The last two are zipfile's for names that are no UTF-8, and for fields of the wrong length.
_DAMAGE: Final = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, UnicodeError, struct.error,
)  # fmt: skip
Member = TypeVar("Member", zipfile.ZipInfo, tarfile.TarInfo)
# More than any expression matrix shrinks; what unpacks to more is made to fill the disk.
_MOST_RATIO = 200
_SLACK_BYTES = 1 << 20
# No archive of a source has as many; each takes time and memory, and packed a million take a few megabytes.
_MOST_MEMBERS = 20_000
# Bytes of what tells more of a member: a long name, its attributes. It is read as a whole.
_MOST_EXTENDED = 1 << 20
_EXTENDED = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip


class _Bounded(tarfile.TarInfo):
    """A member of a tar archive that does not ask for all memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)
        if member.type in _EXTENDED and member.size > _MOST_EXTENDED:
            raise _BombError(f"the header of a member would take {member.size} bytes")
        return member


class _BombError(Exception):
    """An archive that was made to take time, memory or the disk."""


def extract(archive: Path, wanted: Callable[[str], bool], folder: Path) -> Path:
    """Take the one member out of a zip or tar archive whose name is ``wanted``.

    It is written to ``folder`` under its own name without folders, whatever the archive says; links, devices and
    folders in the archive are passed over.

    Raises
    ------
    InputError
        It is no archive, is damaged, has a password or a compression that is not known here, has no such member or
        several, or one that would fill the disk.
    DiskFullError
        There is no room for the member.
    """
    refuse_no_file(archive)
    try:
        if zipfile.is_zipfile(archive):
            return _from_zip(archive, wanted, folder)
        if _is_tar(archive):
            return _from_tar(archive, wanted, folder)
    except _BombError as error:
        raise InputError(f"{archive}: {error}, which no real file does; load it anew") from error
    except RuntimeError as error:  # zipfile's for a password, and for a compression or version that it does not know
        raise InputError(f"{archive}: cannot be unpacked ({error}); pack it as an ordinary zip or tar") from error
    except _DAMAGE as error:
        # For damaged data gzip and bz2 raise an OSError that has no number, and zipfile looks before the file's start.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # from the disk
        raise InputError(f"{archive}: is a damaged archive ({reason_of(error)}); load it anew") from error
    raise InputError(f"{archive}: is not a zip or tar archive; load it anew")


def _from_zip(archive: Path, wanted: Callable[[str], bool], folder: Path) -> Path:
    with zipfile.ZipFile(archive) as file:
        members = [member for member in file.infolist() if member.filename and not member.is_dir() and _is_file(member)]
        member = _only([item for item in members if wanted(item.filename)], archive, [m.filename for m in members])
        target = _target(archive, member.filename, member.file_size, folder)
        with file.open(member) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    return target


def _from_tar(archive: Path, wanted: Callable[[str], bool], folder: Path) -> Path:
    most = _most_bytes(archive)
    with tarfile.open(archive, tarinfo=_Bounded) as file:
        members = []
        for number, member in enumerate(file):
            if number == _MOST_MEMBERS:
                raise _BombError(f"has more than {_MOST_MEMBERS} members")
            if member.isreg():
                members.append(member)
                _refuse_large(member.name, member.size, most)  # one that is passed over is unpacked, too
        left = most
        while file.fileobj is not None and (part := file.fileobj.read(1 << 20)):
            # To the end, which the last member need not reach: there lies gzip's checksum of all members.
            left -= len(part)
            if left < 0:
                raise _BombError(f"unpacks to more than {most} bytes behind its last member")
        member = _only([item for item in members if wanted(item.name)], archive, [m.name for m in members])
        target = _target(archive, member.name, member.size, folder)
        source = file.extractfile(member)
        if source is None:
            raise InputError(f"{archive}: {member.name} cannot be read; load the archive anew")
        with source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    return target


def _is_tar(archive: Path) -> bool:
    try:
        with tarfile.open(archive, tarinfo=_Bounded):
            return True
    except tarfile.TarError:
        return False


def _most_bytes(archive: Path) -> int:
    return _MOST_RATIO * archive.stat().st_size + _SLACK_BYTES


def _refuse_large(name: str, size: int, most: int) -> None:
    if size > most:
        raise _BombError(f"{name} would unpack to {size} bytes")


def _is_file(member: zipfile.ZipInfo) -> bool:
    """Return whether a zip member is an ordinary file: the upper half of its attributes is a Unix mode."""
    kind = (member.external_attr >> 16) & 0o170000
    return kind in (0, 0o100000)


def _only(found: list[Member], archive: Path, names: list[str]) -> Member:
    if len(found) != 1:
        some = ", ".join(names[:6]) or "nothing"
        raise InputError(f"{archive}: has {len(found)} files of the kind that is needed, one is expected ({some})")
    return found[0]


def _target(archive: Path, name: str, size: int, folder: Path) -> Path:
    _refuse_large(name, size, _most_bytes(archive))
    lacking = size - shutil.disk_usage(folder).free
    if lacking > 0:
        raise DiskFullError(folder / safe_name(name), lacking)
    return folder / safe_name(name)
