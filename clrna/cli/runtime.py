"""What every executable does around its own work: options, logging, threads, signals, exit status."""

import argparse
import logging
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from clrna.cli.config_file import words_from_config
from clrna.cli.stopping import Terminated, sigterm_unwinds
from clrna.constants import EXIT_OK, EXIT_UNEXPECTED
from clrna.cores import available_cores
from clrna.errors import ClrnaError, InputError, UsageError

logger = logging.getLogger("clrna")


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
    words = list(sys.argv[1:] if argv is None else argv)
    args = argparse.Namespace(verbose=False)
    try:
        args = parse(parser, words)
        start_logging(args, parser.prog)
        check_paths(args, parser)
        with tempfile.TemporaryDirectory(prefix="clrna-") as scratch:
            set_environment(args.threads, Path(scratch))
            with sigterm_unwinds():
                body(args)
        sys.stdout.flush()
    except SystemExit:
        raise
    except Terminated:
        return _fail(parser.prog, "stopped by SIGTERM; no output was replaced", 128 + signal.SIGTERM)
    except KeyboardInterrupt:
        return _fail(parser.prog, "stopped from the keyboard; no output was replaced", 128 + signal.SIGINT)
    except BrokenPipeError:
        # The reader of our standard output went away; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except ClrnaError as error:
        return _fail(parser.prog, _one_line(error), error.exit_code, error if args.verbose else None)
    except MemoryError as error:
        text = "out of memory; give the job more, or take fewer genes or samples at a time"
        return _fail(parser.prog, text, EXIT_UNEXPECTED, error if args.verbose else None)
    except OSError as error:
        return _fail(parser.prog, _one_line(error), EXIT_UNEXPECTED, error if args.verbose else None)
    except Exception as error:  # noqa: BLE001 - the one place where everything else ends
        text = f"unexpected {type(error).__name__}: {_one_line(error)} (-v shows where; please report it)"
        return _fail(parser.prog, text, EXIT_UNEXPECTED, error if args.verbose else None)
    return EXIT_OK


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Parse ``words``, those of a ``--config`` file before them."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--config", type=Path)
    config, _ = early.parse_known_args(words)
    from_file = words_from_config(config.config, parser) if config.config else []
    return parser.parse_args([*from_file, *words])


def start_logging(args: argparse.Namespace, prog: str) -> None:
    """Log to stderr, one line a message, as loudly as asked."""
    level = logging.DEBUG if args.verbose else logging.WARNING if args.quiet else logging.INFO
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"{prog}: %(levelname)s: %(message)s"))
    logging.addLevelName(logging.INFO, "info")
    logging.addLevelName(logging.WARNING, "warning")
    logging.addLevelName(logging.DEBUG, "debug")
    logging.addLevelName(logging.ERROR, "error")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


def check_paths(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse, before any work, an input that is not there or an output that cannot or must not be written.

    Raises
    ------
    InputError
        An input is missing, is a folder or cannot be read.
    UsageError
        An output's folder is missing, two outputs are one file, or an output is also an input.
    """
    reads, writes = _paths_of(args, parser)
    folders = {str(action.metavar) for action in parser._actions if getattr(action, "may_be_folder", False)}
    for name, path in reads:
        if not path.exists():
            raise InputError(f"{name} {path}: no such file")
        if path.is_dir() and name not in folders:
            raise InputError(f"{name} {path}: is a folder, a file is needed")
        if not os.access(path, os.R_OK):
            raise InputError(f"{name} {path}: may not be read; check its permissions")
    inputs = {path.resolve(): path for _, path in reads}
    taken: dict[Path, str] = {}
    for name, path in writes:
        real = path.resolve()
        if real in inputs:
            raise UsageError(f"{name} {path}: is also an input; an input is never overwritten, name another file")
        if real in taken:
            raise UsageError(f"{name} {path}: {taken[real]} names the same file")
        if path.is_dir():
            raise UsageError(f"{name} {path}: is a folder, name a file in it")
        if not path.parent.is_dir():
            raise UsageError(f"{name} {path}: the folder {path.parent} does not exist, make it first")
        if not os.access(path.parent, os.W_OK):
            raise UsageError(f"{name} {path}: the folder {path.parent} may not be written to")
        taken[real] = name


def _paths_of(
    args: argparse.Namespace, parser: argparse.ArgumentParser
) -> tuple[list[tuple[str, Path]], list[tuple[str, Path]]]:
    reads: list[tuple[str, Path]] = []
    writes: list[tuple[str, Path]] = []
    for action in parser._actions:
        value = getattr(args, action.dest, None)
        name = max(action.option_strings, key=len) if action.option_strings else str(action.metavar)
        for item in value if isinstance(value, list) else [value]:
            path = getattr(item, "path", item)  # of STUDY=FILE
            if isinstance(path, Path):
                (writes if getattr(action, "is_output", False) else reads).append((name, path))
    return reads, writes


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
    os.environ.setdefault("MPLBACKEND", "Agg")
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
        os.environ.setdefault(name, str(scratch / name.lower()))


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _fail(prog: str, text: str, status: int, error: BaseException | None = None) -> int:
    if error is not None:
        traceback.print_exception(error, file=sys.stderr)
    print(f"{prog}: error: {text}", file=sys.stderr)
    return int(status)
