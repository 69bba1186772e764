"""Which element of a file anndata's errors are of: it writes that into notes, below whatever a library said."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.hdf5.opened import opened
from clrna.io.output.no_space import limit_of
from clrna.quoted import in_quotes, quoted, reason_of

_NOTE: Final = re.compile(r"Error raised while (?:read|writ)ing key '(.*?)' of .* (?:from|to) /(.*)", re.DOTALL)
_UNKNOWN: Final = re.compile(r"encoding_type='(.*?)', encoding_version='(.*?)'", re.DOTALL)


def element_of(error: BaseException) -> str:
    """Return the element that anndata was at, such as ``obs/study``, '' where it does not say."""
    found = next(filter(None, map(_NOTE.search, getattr(error, "__notes__", ()))), None)
    name = f"{found[2]}/{found[1]}".strip("/") if found else ""
    return quoted(name) if name else ""  # the file as a whole has none


def why_not_read(error: BaseException) -> str:
    """Return what to say of an element that anndata cannot read, with the mend."""
    said = str(error)
    unknown = _UNKNOWN.search(said)
    if "name 'awkward'" in said or (unknown and unknown[1] == "awkward-array"):
        return "is an awkward array, which is not read; remove it, or write an array or a table of numbers in its place"
    if unknown:
        what = f"{in_quotes(unknown[1])} in version {in_quotes(unknown[2])}"
        return f"is stored as {what}, which this anndata does not read; remove it, or write it in another version"
    return f"cannot be read as AnnData ({reason_of(error)}); write it anew"


@contextlib.contextmanager
def elements_named(path: Path, inputs: Sequence[Path] = ()) -> Iterator[None]:
    """Have an element that anndata has read, but does not write, refused by its name.

    Parameters
    ----------
    path
        What is named where none of ``inputs`` has it: the output, or the input where there is one.
    inputs
        Files that it may come from: the first that has it is named.

    Raises
    ------
    InputError
        There is one, such as an array of references.
    """
    try:
        yield
    except Exception as error:  # anndata raises what h5py, pandas or its own registry happens to raise
        if not element_of(error) or limit_of(error):
            raise
        element, reason = element_of(error), reason_of(error)
        source = next((given for given in inputs if _holds(given, element)), None)
        where = f"{source}: {element}" if source else f"{path}: {element} of the input"
        raise InputError(f"{where} cannot be written ({reason}); remove it there") from error


def _holds(path: Path, element: str) -> bool:
    try:
        with opened(path) as file:  # the step has read it, so that its guard has passed it
            return element in file
    except (InputError, OSError, ValueError):  # a table, or a folder of them
        return False
