"""What every executable does around its own work: options, logging, threads, signals, exit status."""

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from clrna.cli.config_file import words_from_config
from clrna.cli.given_paths import check_paths, check_text, name_of, one_line, paths_of, refuse_empty_names, refuse_home
from clrna.cli.process_list import hide_from_process_list
from clrna.cli.replaced import Outputs
from clrna.cli.scratch import nothing_left_beside, scratch_folder
from clrna.cli.stopping import Terminated, sigterm_unwinds
from clrna.cli.surroundings import (
    can_hold,
    check_dates,
    check_folder,
    check_interpreter,
    check_memory,
    check_open_files,
    check_threads,
    check_umask,
    leave_time_to_tidy_up,
    open_closed_streams,
    warnings_to_log,
)
from clrna.constants import EXIT_OK, EXIT_UNEXPECTED
from clrna.cores import available_cores
from clrna.errors import ClrnaError, OutputError, UsageError
from clrna.io.output.no_space import limit_of, told_once
from clrna.io.output.standard_output import end_standard_error, standard_output_named
from clrna.io.unchanged import watched
from clrna.io.user_info import without_user_info
from clrna.quoted import shortened, visible
from clrna.stages import stages_told

logger = logging.getLogger("clrna")

# Python's 700 goes over all objects hundreds of times while libraries and names of genes are loaded, and finds nothing:
# a tenth of what one sample takes.
_OBJECTS_UNTIL_COLLECTED = 100_000
# What libraries read as they are loaded, and crash or raise where they do not know it; nothing that is made needs it.
_OF_LIBRARIES = ("HDF5_DRIVER", "HDF5_DRIVER_CONFIG", "TORCH_LOGS")
_WHY = {signal.SIGXCPU: "its limit of CPU time is used up; raise it with ulimit -t, or ask for more time"}


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
        check_interpreter()
        check_dates()
        check_open_files()
        check_folder()
        check_umask()
        with standard_output_named():  # for help, the version or a completion
            args = parse(parser, words)
        start_logging(args, parser.prog)
        check_text(args)
        reads, writes = paths_of(args, parser)
        refuse_empty_names(reads, writes, words)
        refuse_home(reads, writes, args)
        check_paths(reads, writes, parser)
        check_memory()
        check_threads(args.threads or available_cores())
        outputs = Outputs(path for _, path, _ in writes)
        with sigterm_unwinds(), told_once(), warnings_to_log(), nothing_left_beside(), scratch_folder() as scratch:
            set_environment(args.threads, scratch)
            if argv is None:
                leave_time_to_tidy_up()
                gc.set_threshold(_OBJECTS_UNTIL_COLLECTED)
            # What --config holds has been read by now.
            with watched(path for name, path in reads if name != "--config"), stages_told():
                body(args)
        sys.stdout.flush()
    except SystemExit:
        raise
    except Terminated as stop:
        why = f" ({_WHY[stop.number]})" if stop.number in _WHY else ""
        return _fail(parser.prog, f"stopped by {stop.number.name}{why}; {outputs.told()}", 128 + stop.number)
    except KeyboardInterrupt:
        return _fail(parser.prog, f"stopped from the keyboard; {outputs.told()}", 128 + signal.SIGINT)
    except BrokenPipeError:
        # The reader of our standard output went away; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OutputError as error:
        status = _fail(parser.prog, one_line(error), error.exit_code, error if args.verbose else None)
        if argv is None:
            end_standard_error()
            os._exit(status)  # the HDF5 library, which could not write, crashes where a process ends in the usual way
        return status
    except ClrnaError as error:
        return _fail(parser.prog, one_line(error), error.exit_code, error if args.verbose else None)
    except MemoryError as error:
        text = "out of memory; give the job more, or take fewer genes or samples at a time"
        return _fail(parser.prog, text, EXIT_UNEXPECTED, error if args.verbose else None)
    except Exception as error:  # noqa: BLE001 - the one place where everything else ends
        if limit_of(error):
            text = _without_room(error)
        elif isinstance(error, OSError):
            text = one_line(error)
        else:
            text = f"unexpected {type(error).__name__}: {one_line(error)} (-v shows where; please report it)"
        return _fail(parser.prog, text, EXIT_UNEXPECTED, error if args.verbose else None)
    finally:
        if argv is None:
            # Python would go over all objects, of libraries above all, again and again as it ends: a seventh of what
            # one sample takes, for memory that the process gives back anyway.
            gc.freeze()
            end_standard_error()
    return EXIT_OK


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Parse ``words``, those of a ``--config`` file before them."""
    early = type(parser)(prog=parser.prog, add_help=False, allow_abbrev=False)
    early.add_argument("--config", type=Path)
    config, _ = early.parse_known_args(words)
    from_file = words_from_config(config.config, parser) if config.config else []
    _refuse_lists_given_twice(parser, words)
    return parser.parse_args([*from_file, *words])


def _refuse_lists_given_twice(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Raise UsageError where an option of which the last use would silently undo an earlier one is given twice."""
    for action in parser._actions:
        if getattr(action, "only_once", False):
            flag = name_of(action)
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
    for name in _OF_LIBRARIES:
        os.environ.pop(name, None)
    os.environ["MPLBACKEND"] = "Agg"  # figures are files, whatever a notebook around this process shows them with
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        if not can_hold(os.environ.get(name) or "\0"):  # libraries print a traceback, and go on or not
            os.environ[name] = str(scratch / name.lower())


def _without_room(error: BaseException) -> str:
    """Return what to say where there is no room for what is no output: temporary files."""
    where = getattr(error, "filename", None) or f"the temporary folder {tempfile.gettempdir()}"
    return f"{where}: {limit_of(error)} in TMPDIR"


def _fail(prog: str, text: str, status: int, error: BaseException | None = None) -> int:
    with contextlib.suppress(OSError):  # nobody can be told that nobody can be told
        if error is not None:
            trace = without_user_info("".join(traceback.format_exception(error)))
            print("\n".join(map(visible, trace.split("\n"))), end="", file=sys.stderr)
        print(without_user_info(shortened(f"{prog}: error: {text}")), file=sys.stderr)
    return int(status)
