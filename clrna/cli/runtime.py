"""What every executable does around its own work: options, logging, threads, signals, exit status."""

import argparse
import gc
import logging
import os
import signal
import stat
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from clrna.cli.config_file import words_from_config
from clrna.cli.process_list import hide_from_process_list
from clrna.cli.replaced import Outputs
from clrna.cli.scratch import nothing_left_beside, scratch_folder
from clrna.cli.stopping import Terminated, sigterm_unwinds
from clrna.cli.surroundings import (
    check_folder,
    check_memory,
    check_open_files,
    open_closed_streams,
    warnings_to_log,
)
from clrna.constants import EXIT_OK, EXIT_UNEXPECTED
from clrna.cores import available_cores
from clrna.errors import ClrnaError, InputError, OutputError, UsageError
from clrna.io.destination import behind_links, is_standard_output, why_not
from clrna.io.first_bytes import first_bytes
from clrna.io.no_space import limit_of, told_once
from clrna.io.standard_output import standard_output_named
from clrna.io.user_info import without_user_info
from clrna.model.packaged_models import neither_file_nor_model
from clrna.quoted import quoted, shortened, visible
from clrna.stages import stages_told

logger = logging.getLogger("clrna")

_STDOUT = Path("-")  # stands for all of its names
# Python's 700 goes over all objects hundreds of times while libraries and names of genes are loaded, and finds nothing:
# a tenth of what one sample takes.
_OBJECTS_UNTIL_COLLECTED = 100_000


def run(
    parser: argparse.ArgumentParser,
    body: Callable[[argparse.Namespace], None],
    argv: Sequence[str] | None = None,
) -> int:
    """Parse, check the paths, set the process up, call ``body`` and return the exit status.

    Parameters
    ----------
    parser
        From the executable's ``get_parser()``.
    body
        Does the work; whatever it imports is imported after ``--help`` could have ended the run.
    argv
        Words of the command line without the program's name; ``sys.argv[1:]`` if None.
    """
    open_closed_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    args, outputs = argparse.Namespace(verbose=False), Outputs()
    hide_from_process_list(words)
    try:
        check_open_files()
        check_folder()
        with standard_output_named():  # for help, the version or a completion
            args = parse(parser, words)
        start_logging(args, parser.prog)
        check_text(args)
        _refuse_empty_names(args, parser, words)
        check_paths(args, parser)
        check_memory()
        outputs = Outputs(path for _, path, _ in _paths_of(args, parser)[1])
        with sigterm_unwinds(), told_once(), warnings_to_log(), nothing_left_beside(), scratch_folder() as scratch:
            set_environment(args.threads, scratch)
            if argv is None:
                gc.set_threshold(_OBJECTS_UNTIL_COLLECTED)
            with stages_told():
                body(args)
        sys.stdout.flush()
    except SystemExit:
        raise
    except Terminated as stop:
        return _fail(parser.prog, f"stopped by {stop.number.name}; {outputs.told()}", 128 + stop.number)
    except KeyboardInterrupt:
        return _fail(parser.prog, f"stopped from the keyboard; {outputs.told()}", 128 + signal.SIGINT)
    except BrokenPipeError:
        # The reader of our standard output went away; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OutputError as error:
        status = _fail(parser.prog, _one_line(error), error.exit_code, error if args.verbose else None)
        if argv is None:
            sys.stderr.flush()
            os._exit(status)  # the HDF5 library, which could not write, crashes where a process ends in the usual way
        return status
    except ClrnaError as error:
        return _fail(parser.prog, _one_line(error), error.exit_code, error if args.verbose else None)
    except MemoryError as error:
        text = "out of memory; give the job more, or take fewer genes or samples at a time"
        return _fail(parser.prog, text, EXIT_UNEXPECTED, error if args.verbose else None)
    except Exception as error:  # noqa: BLE001 - the one place where everything else ends
        if limit_of(error):
            text = _without_room(error)
        elif isinstance(error, OSError):
            text = _one_line(error)
        else:
            text = f"unexpected {type(error).__name__}: {_one_line(error)} (-v shows where; please report it)"
        return _fail(parser.prog, text, EXIT_UNEXPECTED, error if args.verbose else None)
    return EXIT_OK


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Parse ``words``, those of a ``--config`` file before them."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--config", type=Path)
    config, _ = early.parse_known_args(words)
    from_file = words_from_config(config.config, parser) if config.config else []
    _refuse_lists_given_twice(parser, words)
    return parser.parse_args([*from_file, *words])


def _refuse_lists_given_twice(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Raise UsageError where an option of which the last use would silently undo an earlier one is given twice."""
    for action in parser._actions:
        if getattr(action, "only_once", False):
            flag = _name_of(action)
            uses = sum(word == flag or word.startswith(f"{flag}=") for word in words)
            if uses > 1:
                raise UsageError(f"{flag} is given {uses} times; name all in one, with commas between")


def start_logging(args: argparse.Namespace, prog: str) -> None:
    """Log to stderr, one line a message, as loudly as asked."""
    level = logging.DEBUG if args.verbose else logging.WARNING if args.quiet else logging.INFO
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(f"{prog}: %(levelname)s: %(message)s"))
    logging.addLevelName(logging.INFO, "info")
    logging.addLevelName(logging.WARNING, "warning")
    logging.addLevelName(logging.DEBUG, "debug")
    logging.addLevelName(logging.ERROR, "error")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


class _Formatter(logging.Formatter):
    """Shows no user name or password of an address, and of what a file holds no more than its start."""

    def format(self, record: logging.LogRecord) -> str:
        return without_user_info(shortened(super().format(record)))


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


def check_paths(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse, before any work, an input that is not there or an output that cannot or must not be written.

    Raises
    ------
    InputError
        An input is missing, is no file or cannot be read.
    UsageError
        An output's folder is missing, it is no file and cannot be written through, two outputs are one file, or an
        output is also an input.
    """
    reads, writes = _paths_of(args, parser)
    folders, models = (
        {_name_of(action) for action in parser._actions if getattr(action, mark, False)}
        for mark in ("may_be_folder", "takes_model_name")
    )
    for name, path in reads:
        _check_input(name, path, name in folders, name in models)
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


def _refuse_empty_names(args: argparse.Namespace, parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Raise UsageError where a file's name is empty: it would be the folder that the command runs in."""
    if "" in words:
        reads, writes = _paths_of(args, parser)
        for name, path in [*reads, *(write[:2] for write in writes)]:
            if path == Path():
                raise UsageError(f"{name}: its name is empty; name a file (is a variable of the shell not set?)")


def _check_input(name: str, path: Path, may_be_folder: bool, takes_model_name: bool) -> None:
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        fault = neither_file_nor_model() if takes_model_name else "no such file"
        raise InputError(f"{name} {path}: {fault}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name} {path}: cannot be looked at ({_one_line(error)})") from error
    if stat.S_ISDIR(kind) and not may_be_folder:
        raise InputError(f"{name} {path}: is a folder, a file is needed")
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) and name != "--config":
        # Each input is read more than once, which a pipe does not allow.
        raise InputError(f"{name} {path}: is a pipe or a device, a file is needed; save it to one first")
    if not os.access(path, os.R_OK):
        raise InputError(f"{name} {path}: may not be read; check its permissions")
    if stat.S_ISREG(kind):
        first_bytes(path)


def _check_output(name: str, path: Path, is_text: bool) -> None:
    try:
        reason = why_not(path, text=is_text)
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} {path}: cannot be written ({_one_line(error)}); name another file") from error
    if reason:
        raise UsageError(f"{name} {path}: {reason}")


def _paths_of(
    args: argparse.Namespace, parser: argparse.ArgumentParser
) -> tuple[list[tuple[str, Path]], list[tuple[str, Path, bool]]]:
    reads: list[tuple[str, Path]] = []
    writes: list[tuple[str, Path, bool]] = []
    for action in parser._actions:
        value = getattr(args, action.dest, None)
        name = _name_of(action)
        for path in _items_of(value):
            if isinstance(path, Path) and getattr(action, "is_output", False):
                writes.append((name, path, getattr(action, "is_text", False)))
            elif isinstance(path, Path):
                reads.append((name, path))
    return reads, writes


def _name_of(action: argparse.Action) -> str:
    return max(action.option_strings, key=len) if action.option_strings else str(action.metavar)


def _items_of(value: object) -> list[Any]:
    """Return the values of an option that may be given several times, a path where it is that of ``STUDY=FILE``."""
    return [getattr(item, "path", item) for item in (value if isinstance(value, list) else [value])]


def set_environment(threads: int, scratch: Path) -> None:
    """Bound the threads of every library and keep their caches inside the temporary folder.

    Called before numpy or torch are imported: they read these variables once. Numba looks at its own again and again,
    and fails where it has changed after its threads were started: in a process that has loaded numba already, such as
    one that calls several executables, that number stays.
    """
    count = str(threads or available_cores())
    for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA"):
        if name != "NUMBA" or "numba" not in sys.modules:
            os.environ[f"{name}_NUM_THREADS"] = count
    # A thread that waits sleeps: spinning takes from other jobs, and from this one's other threads, where all are busy.
    # The second is for the library that numpy brings: it takes powers of 2, of cycles, from the fourth on.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
    os.environ["MPLBACKEND"] = "Agg"  # figures are files, whatever a notebook around this process shows them with
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        os.environ.setdefault(name, str(scratch / name.lower()))


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _without_room(error: BaseException) -> str:
    """Return what to say where there is no room for what is no output: temporary files."""
    where = getattr(error, "filename", None) or f"the temporary folder {tempfile.gettempdir()}"
    return f"{where}: {limit_of(error)} in TMPDIR"


def _fail(prog: str, text: str, status: int, error: BaseException | None = None) -> int:
    if error is not None:
        trace = without_user_info("".join(traceback.format_exception(error)))
        print("\n".join(map(visible, trace.split("\n"))), end="", file=sys.stderr)
    print(without_user_info(shortened(f"{prog}: error: {text}")), file=sys.stderr)
    return int(status)
