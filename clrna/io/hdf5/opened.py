"""Open an HDF5 file to be read."""

from pathlib import Path

import h5py

from clrna.io.regular import refuse_no_file


def opened(path: Path) -> h5py.File:
    """Return the open file; a pipe that has taken its place, which the library would wait for, is refused.

    Raises
    ------
    InputError
        It is no file.
    OSError
        It cannot be opened or is no HDF5.
    """
    refuse_no_file(path)
    return h5py.File(path, "r")
