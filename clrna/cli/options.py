"""Options and value types that several executables share; nothing heavy is imported here."""

import argparse
import contextlib
import dataclasses
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, TypeVar

from clrna import __version__
from clrna.cli.completion import FILES, add_completion_option, completed_as
from clrna.cli.help_format import Example, HelpFormatter, Parser, state_defaults
from clrna.constants import DONOR, SPLIT, STUDY, TISSUE
from clrna.model.packaged_models import model_path
from clrna.plain_numbers import number_in, whole_in

EXIT_STATUS = (
    "Exit status: 0 done, 2 wrong usage, 3 bad input, 4 a device that is not there, 5 a remote source failed, "
    "1 anything else. Outputs are written whole or not at all."
)
# More than any machine has; some libraries start as many as they are told, and end in gigabytes of stacks.
MOST_THREADS: Final = 1024
# No list that people write by hand is larger: labels, checksums, a token. It is read as a whole.
MOST_OF_LIST: Final = 64 << 20
USUAL_OPTIONS: Final = "options that are usually needed"

Values = TypeVar("Values")


# What stands before the step's name on the command line: `clrna train` is `clrna-train`.
_BEFORE_STEP: ContextVar[str] = ContextVar("before_step", default="clrna-")


@contextlib.contextmanager
def called_by_clrna() -> Iterator[None]:
    """Have parsers that are made in the block, and with them their errors and logs, say ``clrna STEP``."""
    token = _BEFORE_STEP.set("clrna ")
    try:
        yield
    finally:
        _BEFORE_STEP.reset(token)


def new_parser(
    step: str, description: str, epilog: str = "", examples: Sequence[Example] = ()
) -> argparse.ArgumentParser:
    """Return the parser of ``clrna-STEP``.

    Options that are added to it directly are those that are usually needed, and stand first in its help; all others
    belong into groups.
    """
    parser = Parser(
        prog=f"{_BEFORE_STEP.get()}{step}",
        description=description,
        epilog=f"{epilog} {EXIT_STATUS}".strip(),
        formatter_class=HelpFormatter,
        allow_abbrev=False,
        add_help=False,
        examples=examples,
    )
    parser._positionals.title, parser._optionals.title = "input", USUAL_OPTIONS
    return parser


def add_general_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that come last in every executable's help."""
    group = parser.add_argument_group("general options")
    group.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="seed of all random choices")
    group.add_argument(
        "--threads",
        type=whole_number(0, MOST_THREADS),
        default=0,
        metavar="N",
        help="CPU threads; 0 takes all that are allowed",
    )
    existing_file(
        group, "--config", metavar="FILE.yaml",
        help="options from a YAML file, named as here without the dashes; the command line wins",
    )  # fmt: skip
    loudness = group.add_mutually_exclusive_group()
    loudness.add_argument("-v", "--verbose", action="store_true", help="log more, and show a traceback on errors")
    loudness.add_argument("-q", "--quiet", action="store_true", help="log warnings and errors only")
    group.add_argument("-h", "--help", action="help", help="show this help and exit")
    group.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}", help="show the version and exit"
    )
    add_completion_option(group)
    if "BUILD_MANPAGES_RUNNING" in os.environ:  # argparse-manpage says so, and reads the help without its formatter
        state_defaults(parser)


def add_output_option(
    parser: argparse.ArgumentParser, what: str, metavar: str = "FILE.h5ad", *, text: bool = False, several: bool = False
) -> None:
    """Add the ``-o`` that every executable needs; ``text`` as in :func:`output_file`, ``several`` may be given."""
    whole = f"{what} (written whole or not at all{'; - is standard output' if text else ''})"
    more = {"action": "append"} if several else {}
    output_file(parser, "-o", "--output", text=text, required=True, metavar=metavar, help=whole, **more)


def add_compression_option(group: argparse._ActionsContainer) -> None:
    """Add how the matrices of a written file are compressed."""
    group.add_argument(
        "--compression", choices=("gzip", "lzf", "none"), default="gzip",
        help="of the matrices in the output: gzip makes the smallest file, none is written 15 times as fast or more; "
        "lzf lies between and is read by h5py and anndata only",
    )  # fmt: skip


class WithoutOutput(argparse.Action):
    """A flag with which nothing is written, so that the executable needs no ``-o``."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=False, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Set the flag."""
        setattr(namespace, self.dest, True)
        for action in parser._actions:
            if action.dest == "output":
                action.required = False


def add_key_options(
    parser: argparse.ArgumentParser, *, label: bool = True, donor: bool = True, layer: bool = True
) -> None:
    """Add the options that say under which names an AnnData file keeps what the step reads."""
    group = parser.add_argument_group("names in the AnnData file")
    if label:
        group.add_argument("--label-key", default=TISSUE, metavar="COLUMN", help="obs column that holds the label")
        group.add_argument(
            "--label-by", type=comma_list, default=None, metavar="COLUMN,COLUMN",
            help="join several obs columns into the label instead, e.g. tissue,sample_category as the original did",
        )  # fmt: skip
    group.add_argument("--study-key", default=STUDY, metavar="COLUMN", help="obs column that names the study")
    if donor:
        group.add_argument(
            "--donor-key", default=DONOR, metavar="COLUMN",
            help="obs column that names the cell line or patient a sample comes from",
        )  # fmt: skip
    if layer:
        group.add_argument("--layer", default=None, metavar="NAME", help="layer to read in place of X")


def add_split_option(group: argparse._ActionsContainer) -> None:
    """Add the name of the split column."""
    group.add_argument(
        "--split-key", default=SPLIT, metavar="COLUMN", help="obs column that holds train, valid and test"
    )


def add_device_options(
    parser: argparse.ArgumentParser,
    auto_precision: str = "bf16 on a GPU that has it, and on a CPU that has it where a network's first steps cost the "
    "same within 0.001 as in fp32, which it is else",
) -> None:
    """Add the options of the executables that can use a GPU; ``auto_precision`` says what auto is."""
    group = parser.add_argument_group("device")
    group.add_argument(
        "--device", type=device_name, default="auto", metavar="auto|cpu|cuda|cuda:N|mps",
        help="where to compute; auto says what it chose and why, a named device that is not there ends with status 4",
    )  # fmt: skip
    group.add_argument(
        "--precision", choices=("auto", "fp32", "tf32", "bf16"), default="auto",
        help=f"arithmetic of the network; auto is {auto_precision}",
    )  # fmt: skip


def add_gene_id_option(group: argparse._ActionsContainer) -> None:
    """Add the kind of the gene identifiers."""
    group.add_argument(
        "--gene-id", choices=("auto", "symbol", "ensembl", "entrez"), default="auto",
        help="what the gene identifiers are",
    )  # fmt: skip


def add_joined_inputs(parser: argparse.ArgumentParser) -> None:
    """Add the inputs of the executables that look at several files of the same samples."""
    existing_file(
        parser, "input", nargs="+", metavar="INPUT", help="AnnData files with embeddings, joined on sample names"
    )


def existing_file(group: argparse._ActionsContainer, *names: str, **settings: object) -> argparse.Action:
    """Add an argument that names a file to read, completed as a file by the shell."""
    action = group.add_argument(*names, **{"type": Path, **settings})  # type: ignore[arg-type]
    return completed_as(action, FILES)


def list_file(group: argparse._ActionsContainer, *names: str, **settings: object) -> argparse.Action:
    """Add an argument that names a short list to read; ``clrna.cli.runtime`` refuses what is empty or far too large."""
    action = existing_file(group, *names, **settings)
    action.most_bytes = MOST_OF_LIST  # type: ignore[attr-defined]
    return action


def model_file(group: argparse._ActionsContainer, *names: str, **settings: object) -> argparse.Action:
    """Add an argument that names a model: a file, or one of those that the package carries."""
    action = existing_file(group, *names, **{"type": model_path, **settings})
    action.takes_model_name = True  # type: ignore[attr-defined]
    return action


def output_file(
    group: argparse._ActionsContainer, *names: str, text: bool = False, **settings: object
) -> argparse.Action:
    """Add an argument that names a file to write; ``clrna.cli.runtime`` checks that it can be.

    ``text`` says that it is text, which may also go to standard output (``-``) or a device.
    """
    action = existing_file(group, *names, **{"type": _path_of_file, **settings})
    action.is_output, action.is_text = True, text  # type: ignore[attr-defined]
    action.may_be_empty = True  # type: ignore[attr-defined]  # as names of all files, which are looked at later
    return action


def _path_of_file(text: str) -> Path:
    """Return a path; one that ends in a slash is a folder's, which a Path forgets."""
    if text.endswith("/"):
        raise argparse.ArgumentTypeError(f"{text!r} names a folder; add the name of the file to write")
    return Path(text)


def values_of(args: argparse.Namespace, kind: type[Values], **converted: Any) -> Values:
    """Return what was asked for as the dataclass that the library takes.

    Parameters
    ----------
    args
        From the parser, which alone knows the options' names, types and defaults.
    kind
        Dataclass whose fields are called as the options are.
    converted
        Fields that are not the option's value as it stands.
    """
    names = {field.name for field in dataclasses.fields(kind)} - set(converted)  # type: ignore[arg-type]
    return kind(**{name: getattr(args, name) for name in names}, **converted)


def whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return an argparse type: a whole number that is at least ``low`` and, where that is given, at most ``high``."""
    limits = f"of at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        # Random generators take 32 bits; all other whole numbers are far smaller.
        most = (1 << 32) - 1 if high is None else high
        value = whole_in(text)
        if value is None or not low <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")
        return value

    parse.minimum = low  # type: ignore[attr-defined]
    if high is not None:
        parse.maximum = high  # type: ignore[attr-defined]
    parse.__name__ = "integer"
    return parse


def number(low: float, high: float = float("inf")) -> Callable[[str], float]:
    """Return an argparse type: a number from ``low`` to ``high``, both included, and finite."""

    def parse(text: str) -> float:
        value = number_in(text)
        if not low <= value <= high or value == float("inf"):
            limits = f"from {low:g} to {high:g}" if high != float("inf") else f"of at least {low:g}"
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {limits}")
        return value

    parse.minimum, parse.maximum = low, high  # type: ignore[attr-defined]
    parse.__name__ = "float"
    return parse


def comma_list(text: str) -> list[str]:
    """Split ``a,b,c``; an argparse type."""
    return [part.strip() for part in text.split(",") if part.strip()]


def width_list(text: str) -> list[int]:
    """Split ``5000,3000,2000`` into layer widths; an argparse type."""
    widths = [whole_in(part) or 0 for part in comma_list(text)]
    if any(width < 1 for width in widths):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of layer widths such as 512,128")
    return widths


def device_name(text: str) -> str:
    """Check the form of a device name; whether it is there is found out later. An argparse type."""
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of auto, cpu, cuda, cuda:N, mps")
    return text
