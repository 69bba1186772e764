"""``clrna``: every step under one name, ``clrna train`` for ``clrna-train``, and the list of them."""

import argparse
import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import Final

from clrna import __version__
from clrna.cli import options, runtime
from clrna.cli.completion import add_completion_option
from clrna.cli.help_format import Parser
from clrna.io.output.standard_output import say
from clrna.quoted import in_quotes

STEPS: Final = ("fetch", "normalize", "train", "encode", "baseline", "score", "match", "explain", "plot")

DESCRIPTION = """\
Expression data from several studies, made comparable: features that group by tumor type, not by study. Each step is
also an executable of its own: clrna train is clrna-train, with the same options, outputs and exit status."""

EPILOG = "clrna STEP --help says what a step takes. " + options.EXIT_STATUS

EXAMPLES = (
    ("Merge files of several studies", "clrna normalize one.h5ad two.tsv.gz -o merged.h5ad"),
    ("Learn features from them", "clrna train merged.h5ad -o model.safetensors"),
    ("Encode new samples", "clrna encode new.tsv -m model.safetensors -o encoded.h5ad"),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna``, which names the steps; their options are told by their own pages."""
    parser, steps = _without_steps()
    for name in STEPS:
        summary = importlib.import_module(f"clrna.cli.{name}").SUMMARY
        steps.add_parser(
            name, help=summary, description=f"What clrna-{name} does; see its page, clrna-{name}(1), for the options.",
            usage=f"clrna {name} [OPTION ...]", add_help=False,
        )  # fmt: skip
    return parser


def _with_options() -> argparse.ArgumentParser:
    """Return the parser of ``clrna`` in which the parser of each step stands whole, as completion needs it."""
    parser, steps = _without_steps()
    with options.called_by_clrna():
        for name in STEPS:
            step = importlib.import_module(f"clrna.cli.{name}")
            steps.add_parser(name, help=step.SUMMARY, parents=[step.get_parser()], add_help=False)
    return parser


def _without_steps() -> tuple[argparse.ArgumentParser, "argparse._SubParsersAction[Parser]"]:
    parser = Parser(
        prog="clrna", usage="%(prog)s STEP [OPTION ...]", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
        add_help=False, examples=EXAMPLES, formatter_class=argparse.HelpFormatter,
    )  # fmt: skip
    steps = parser.add_subparsers(title="steps", metavar="STEP", help="one of these:", parser_class=Parser)
    group = parser.add_argument_group("general options")
    group.add_argument("-h", "--help", action="help", help="show this help and exit")
    group.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}", help="show the version and exit"
    )
    add_completion_option(group)
    # What the surroundings of every executable ask of it.
    parser.set_defaults(verbose=False, quiet=False, threads=0)
    return parser, steps


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna`` and return its exit status, which is that of the step."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in STEPS:
        step = importlib.import_module(f"clrna.cli.{words[0]}")
        with options.called_by_clrna():
            if argv is not None:
                return step.main(words[1:])
            sys.argv[:] = [f"{sys.argv[0]} {words[0]}", *words[1:]]
            return step.main()
    parser = _with_options() if any(word.startswith("--print-completion") for word in words) else get_parser()
    if words and (words[0] == "--" or not words[0].startswith("-")):
        _refuse(parser, words[0])
    return runtime.run(parser, body, argv)


def body(args: argparse.Namespace) -> None:
    """Tell of the steps."""
    say(get_parser().format_help())


def _refuse(parser: argparse.ArgumentParser, word: str) -> None:
    near = difflib.get_close_matches(word.lower().removeprefix("clrna-"), STEPS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the steps are {', '.join(STEPS)}"
    parser.error(f"{in_quotes(word)} is no step; {hint}")


if __name__ == "__main__":
    sys.exit(main())
