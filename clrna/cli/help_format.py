"""How help and man pages look: a short usage, defaults as one types them, examples; and errors of one line."""

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from clrna.io.output.standard_output import say
from clrna.io.user_info import without_user_info
from clrna.quoted import shortened

# What it is good for, and the command.
Example = tuple[str, str]

_UNKNOWN = "unrecognized arguments: "


class HelpFormatter(argparse.HelpFormatter):
    """Show what must be given in the usage, and a default only where there is one worth reading."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add the usage: inputs, required options, and that there are others."""
        given = list(actions)
        inputs = [
            self._format_args(action, self._get_default_metavar_for_positional(action))
            for action in given
            if not action.option_strings
        ]
        required = [
            f"{action.option_strings[0]} {self._format_args(action, action.dest.upper())}"
            for action in given
            if action.option_strings and action.required
        ]
        words = " ".join(["%(prog)s", *inputs, *required, "[OPTION ...]"])
        super().add_usage(words, given, groups, prefix)

    def _get_help_string(self, action: argparse.Action) -> str:
        return with_default(action)


class Parser(argparse.ArgumentParser):
    """A parser whose help ends in examples, which refuses a word in one line and quotes no password."""

    def __init__(self, *, examples: Sequence[Example] = (), **settings: Any) -> None:
        super().__init__(**settings)
        self.examples = examples
        # Where argparse-manpage looks for further sections.
        self._manpage = [{"heading": "EXAMPLES", "content": _roff(examples)}] if examples else []

    def format_help(self) -> str:
        """Return the help, examples last: that is what stands above the prompt."""
        shown = "".join(f"\n  {what}:\n    {command}\n" for what, command in self.examples)
        return super().format_help() + (f"\nexamples:{shown}" if shown else "")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or version; argparse itself passes over what fails."""
        if message and file is sys.stdout:
            say(message)
        else:
            super()._print_message(message, file)

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Convert an option's words; argparse takes ``--option=--`` for an empty list, whatever the option's type.

        An empty word, such as that of a variable which the shell does not have, counted as an option that was not
        given: nothing would be excluded. Names of files are looked at later (:mod:`clrna.cli.given_paths`).
        """
        if action.option_strings and arg_strings == ["--"]:
            raise argparse.ArgumentError(action, "'--' is no value")
        if action.option_strings and action.nargs is None and not getattr(action, "may_be_empty", action.type is Path):
            if not arg_strings[0].replace(",", " ").strip():
                raise argparse.ArgumentError(
                    action, "its value is empty; give one or leave the option out (is a variable of the shell not set?)"
                )
        return super()._get_values(action, arg_strings)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line and end with the status of wrong usage."""
        line = " ".join(message.split())
        if line.startswith(_UNKNOWN):
            line += self._nearest(line.removeprefix(_UNKNOWN).split()[0])
        self.exit(2, f"{self.prog}: error: {without_user_info(shortened(line))} ({self.prog} --help lists all)\n")

    def _nearest(self, word: str) -> str:
        near = difflib.get_close_matches(word.partition("=")[0], self._option_string_actions, n=1)
        return f"; did you mean {near[0]}?" if near else ""


def with_default(action: argparse.Action) -> str:
    """Return an option's help with its default as one types it."""
    text, default = action.help or "", action.default
    # 0 is a default worth showing, and equal to False: hence the comparison by identity.
    empty = default is None or default is False or default in (argparse.SUPPRESS, [], ())
    if empty or not action.option_strings or action.nargs == 0 or "(default" in text:
        return text
    if isinstance(default, list | tuple):
        default = ",".join(map(str, default))
    elif isinstance(default, float):
        default = f"{default:g}"
    return f"{text} (default: {str(default).replace('%', '%%')})"


def state_defaults(parser: argparse.ArgumentParser) -> None:
    """Write the defaults into the help, for programs that read it as it is."""
    for action in parser._actions:
        action.help = with_default(action)


def _roff(examples: Sequence[Example]) -> str:
    def plain(text: str) -> str:
        return text.replace("\\", "\\\\").replace("-", "\\-")

    return "\n".join(f".PP\n{plain(what)}:\n.PP\n.nf\n.RS\n{plain(command)}\n.RE\n.fi" for what, command in examples)
