"""The files that a command line names: whether inputs are there, and outputs can and may be written."""

import argparse
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clrna.errors import InputError, UsageError
from clrna.io.output.destination import behind_links, is_standard_output, why_not
from clrna.io.text.first_bytes import first_bytes
from clrna.model.packaged_models import neither_file_nor_model
from clrna.quoted import quoted

Reads = list[tuple[str, Path]]  # name of the option, file
Writes = list[tuple[str, Path, bool]]  # whether it is text, too

_STDOUT = Path("-")  # stands for all of its names


def check_text(args: argparse.Namespace) -> None:
    """Refuse words that are no UTF-8: they could be read, but not written into any output.

    Raises
    ------
    UsageError
        A value or a file's name holds bytes or code points that are no text.
    """
    for name, value in vars(args).items():
        for item in _items_of(value):
            text = str(item) if isinstance(item, str | Path) else ""
            if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
                raise UsageError(f"--{name.replace('_', '-')}: {quoted(ascii(text))} is no UTF-8 text; rename it")


def check_paths(reads: Reads, writes: Writes, parser: argparse.ArgumentParser) -> None:
    """Refuse, before any work, an input that is not there or an output that cannot or must not be written.

    Raises
    ------
    InputError
        An input is missing, is no file or cannot be read.
    UsageError
        An output's folder is missing, it is no file and cannot be written through, two outputs are one file, or an
        output is also an input.
    """
    folders, models = (
        {name_of(action) for action in parser._actions if getattr(action, mark, False)}
        for mark in ("may_be_folder", "takes_model_name")
    )
    lists = {name_of(action): action.most_bytes for action in parser._actions if hasattr(action, "most_bytes")}
    for name, path in reads:
        _check_input(name, path, name in folders, name in models)
        if name in lists:
            _check_size(name, path, lists[name])
    inputs = {behind_links(path) for _, path in reads}
    taken: dict[Path, str] = {}
    for name, path, is_text in writes:
        _check_output(name, path, is_text)
        real = _STDOUT if is_standard_output(path) else behind_links(path)
        if real in inputs:
            raise UsageError(f"{name} {path}: is also an input; an input is never overwritten, name another file")
        if real in taken and not path.is_char_device():
            raise UsageError(f"{name} {path}: {taken[real]} names the same file")
        taken[real] = name


def refuse_empty_names(reads: Reads, writes: Writes, words: Sequence[str]) -> None:
    """Raise UsageError where a file's name is empty, which would be the folder that the command runs in, or blank."""
    for name, path in [*reads, *(write[:2] for write in writes)]:
        if (path == Path() and "" in words) or not str(path).strip():
            raise UsageError(f"{name}: its name is empty; name a file (is a variable of the shell not set?)")


def refuse_home(reads: Reads, writes: Writes, args: argparse.Namespace) -> None:
    """Raise UsageError where a name begins with ``~/``, which a shell expands, though not after ``=`` or in quotes."""
    values = {name: getattr(args, name, None) for name in ("from", "cache")}  # folders, which are no paths
    folders = [(f"--{name}", Path(value)) for name, value in values.items() if isinstance(value, str)]
    for name, path in [*reads, *(write[:2] for write in writes), *folders]:
        if path.parts[:1] == ("~",):
            raise UsageError(
                f"{name} {path}: ~ stands for a home only where the shell sees it, not after = or in quotes; "
                "write the whole path, or $HOME"
            )


def _check_input(name: str, path: Path, may_be_folder: bool, takes_model_name: bool) -> None:
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        fault = neither_file_nor_model() if takes_model_name else "no such file"
        raise InputError(f"{name} {path}: {fault}") from None
    except (OSError, ValueError) as error:
        text = f"cannot be looked at ({one_line(error)}); see its name, and who may enter its folders"
        raise InputError(f"{name} {path}: {text}") from error
    if stat.S_ISDIR(kind) and not may_be_folder:
        raise InputError(f"{name} {path}: is a folder, a file is needed")
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) and name != "--config":
        # Each input is read more than once, which a pipe does not allow.
        raise InputError(f"{name} {path}: is a pipe or a device, a file is needed; save it to one first")
    if not os.access(path, os.R_OK):
        raise InputError(f"{name} {path}: may not be read; check its permissions")
    if stat.S_ISREG(kind):
        first_bytes(path)


def _check_size(name: str, path: Path, most: int) -> None:
    """Refuse a list that is empty, as what the kernel shows as files is, or larger than any; it is read as a whole."""
    size = path.stat().st_size
    if not size:
        raise InputError(f"{name} {path}: is empty (0 bytes); write it or leave the option out")
    if size > most:
        raise InputError(f"{name} {path}: has more than {most >> 20} MB, no such list is so long; name another file")


def _check_output(name: str, path: Path, is_text: bool) -> None:
    try:
        reason = why_not(path, text=is_text)
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} {path}: cannot be written ({one_line(error)}); name another file") from error
    if reason:
        raise UsageError(f"{name} {path}: {reason}")


def paths_of(args: argparse.Namespace, parser: argparse.ArgumentParser) -> tuple[Reads, Writes]:
    """Return the files that are read, and those that are written, each with the name of its option."""
    reads: Reads = []
    writes: Writes = []
    for action in parser._actions:
        value = getattr(args, action.dest, None)
        name = name_of(action)
        for path in _items_of(value):
            if isinstance(path, Path) and getattr(action, "is_output", False):
                writes.append((name, path, getattr(action, "is_text", False)))
            elif isinstance(path, Path):
                reads.append((name, path))
    return reads, writes


def name_of(action: argparse.Action) -> str:
    """Return how messages call an option: by its long name."""
    return max(action.option_strings, key=len) if action.option_strings else str(action.metavar)


def _items_of(value: object) -> list[Any]:
    """Return the values of an option that may be given several times, a path where it is that of ``STUDY=FILE``."""
    return [getattr(item, "path", item) for item in (value if isinstance(value, list) else [value])]


def one_line(error: BaseException) -> str:
    """Return what an error says, without line ends, and which file it is of."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
