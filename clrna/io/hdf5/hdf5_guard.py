"""One walk over the whole of an HDF5 file before anything in it is used.

HDF5 can say that values lie in another file: whoever gives such a file could have any file read to which the job has
access. It can be damaged so that its library hangs or crashes, or made so that a few bytes stand for terabytes.
"""

from pathlib import Path
from typing import Final

import h5py
import numpy as np

from clrna.errors import InputError
from clrna.io.hdf5.categories import categories_fault, is_categorical
from clrna.io.hdf5.child import ChildFailedError, ask_child
from clrna.io.hdf5.opened import opened
from clrna.io.hdf5.sparse_parts import pointers_fault
from clrna.quoted import quoted, reason_of

# A dataset this large is refused where the file holds less than a 5,000th of it: no compression does as much.
_LARGE: Final = 1 << 26
_LEAST_SHARE: Final = 5000
# Small parts are read as a trial, in all up to so many values: columns, names and records, not matrices.
_SMALL: Final = 20_000
_TRIED: Final = 400_000
# AnnData needs five; to copy thousands takes its library minutes.
_DEEPEST: Final = 100
# A file of AnnData has some hundred groups and datasets; each takes more than a millisecond to look at, read and copy.
_MOST_OBJECTS: Final = 20_000
# What the library says of a file that another program writes to.
_LOCKED: Final = "unable to lock file"
# Registered with The HDF Group; hdf5plugin brings most of them.
_FILTERS: Final = {
    307: "bzip2", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32017: "sz",
    32024: "sz3", 32026: "blosc2",
}  # fmt: skip


def check_hdf5(path: Path) -> None:
    """Raise InputError unless all of the file can be walked and all of it lies within the file.

    Raises
    ------
    InputError
        The file is damaged, or something in it lies elsewhere, leads nowhere, contains itself or cannot be; the text
        names the file and the object.
    """
    try:
        fault = ask_child(lambda: _fault_of(path))
    except ChildFailedError as error:
        if _LOCKED in str(error):
            raise InputError(
                f"{path}: another program has it open for writing; close it there (or, where the file system has no "
                "locks, set HDF5_USE_FILE_LOCKING=FALSE)"
            ) from error
        raise InputError(f"{path}: is damaged or truncated ({reason_of(error)}); copy or make it anew") from error
    if fault:
        raise InputError(f"{path}: {fault}")


def elsewhere(item: h5py.Group | h5py.Dataset) -> str:
    """Return the reason where the values of ``item`` lie in another file or dataset, else ''."""
    if isinstance(item, h5py.Dataset):
        if item.external:
            return f"lies in another file ({quoted(item.external[0][0])}); make a file that holds its own values"
        if item.is_virtual:
            return "is put together from other datasets; make a file that holds its own values"
    return ""


def linked_elsewhere(link: object) -> str:
    """Return the reason where a link leads into another file, else ''."""
    if isinstance(link, h5py.ExternalLink):
        return f"lies in another file ({quoted(link.filename)}); make a file that holds its own values"
    return ""


def _fault_of(path: Path) -> str:
    """Return what is wrong with the file, '' where nothing is."""
    with opened(path) as file:
        return _Walk(file).fault()


class _Walk:
    """One walk over a file; symbolic links come last, when it is known that none of them leads into another file."""

    def __init__(self, file: h5py.File) -> None:
        self._waiting: list[tuple[str, h5py.Group]] = [("", file)]
        self._seen = {_address(file)}
        self._soft: list[tuple[str, h5py.Group, str]] = []
        self._categorical: list[tuple[str, h5py.Group]] = []
        self._left = _TRIED
        self._objects = 0

    def fault(self) -> str:
        """Return what is wrong with the file, '' where nothing is."""
        self._left -= _try(self._waiting[0][1], self._left)  # the file's own attributes, by which readers begin
        while self._waiting:
            above, group = self._waiting.pop()
            self._objects += len(group)
            if self._objects > _MOST_OBJECTS:
                most = f"{_MOST_OBJECTS:,} groups and datasets"
                return f"{above or 'the file'} is where it exceeds {most}; write it anew without what nothing needs"
            for name in group:
                where = f"{above}/{quoted(name)}" if above else quoted(name)
                try:
                    reason = self._fault_at(where, group, name)
                except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
                    reason = f"is damaged or truncated ({reason_of(error)}); copy or make it anew"
                if reason:
                    return f"{where} {reason}"
        for where, group, name in self._soft:
            if not isinstance(group.get(name), h5py.Dataset):
                return f"{where} is a link that leads to no dataset of this file; write the values in its place"
        return self._odd_categories()

    def _odd_categories(self) -> str:
        """Return what is wrong with codes and categories, '' where nothing is; they are read last, as links are."""
        for where, group in self._categorical:
            try:
                reason = categories_fault(group)
            except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
                reason = f"is damaged or truncated ({reason_of(error)}); copy or make it anew"
            if reason:
                return f"{where} {reason}"
        return ""

    def _fault_at(self, where: str, group: h5py.Group, name: str) -> str:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink):
            self._soft.append((where, group, name))
            return ""
        reason = linked_elsewhere(link)
        if reason:  # it is not even opened
            return reason
        item = group[name]
        reason = self._group_fault(where, item) if isinstance(item, h5py.Group) else elsewhere(item)
        if not reason and isinstance(item, h5py.Dataset):
            reason = _size_fault(item) or _filter_fault(item)
        if not reason:
            self._left -= _try(item, self._left)
        return reason

    def _group_fault(self, where: str, group: h5py.Group) -> str:
        if where.count("/") >= _DEEPEST:
            return f"lies more than {_DEEPEST} groups deep; make the file anew without them"
        address = _address(group)
        if address in self._seen:
            return "is a group that also stands elsewhere in the file; store it once"
        self._seen.add(address)
        self._waiting.append((where, group))
        if is_categorical(group):
            self._categorical.append((where, group))
        return pointers_fault(group)


def _address(item: h5py.Group | h5py.Dataset) -> int:
    return int(h5py.h5o.get_info(item.id).addr)


def _size_fault(item: h5py.Dataset) -> str:
    if item.shape is None:
        return ""
    n_bytes = int(np.prod([int(length) for length in item.shape], dtype=object)) * item.dtype.itemsize
    if n_bytes > _LARGE and item.id.get_storage_size() * _LEAST_SHARE < n_bytes:
        return f"claims {n_bytes:,} bytes, of which the file holds next to nothing; make the file anew"
    return ""


def _filter_fault(item: h5py.Dataset) -> str:
    stored = item.id.get_create_plist()
    for place in range(stored.get_nfilters()):
        number, *_ = stored.get_filter(place)
        if not h5py.h5z.filter_avail(number):
            name = f" ({_FILTERS[number]})" if number in _FILTERS else ""
            return (
                f"is compressed by HDF5's filter {number}{name}, which is not there; write the file with gzip or none"
            )
    return ""


def _try(item: h5py.Group | h5py.Dataset, left: int) -> int:
    """Read attributes and, where it is small, the values; return how many were read."""
    for name in item.attrs:
        item.attrs[name]
    if isinstance(item, h5py.Dataset) and item.shape is not None:
        size = int(item.size)
        if size <= min(left, _SMALL):
            item[()]
            return size
    return 0
