"""A page for each executable, made from its parser: what ``--help`` shows, with an address for each option."""

import argparse
import configparser
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# What Markdown would take for markup in a text that is none.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|$~^])")


def executables(setup_cfg: Path) -> dict[str, str]:
    """Return the module of each executable that the package installs."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(setup_cfg, encoding="utf-8")
    lines = config["options.entry_points"]["console_scripts"].strip().splitlines()
    pairs = (line.split("=", 1) for line in lines)
    return {name.strip(): place.strip().partition(":")[0] for name, place in pairs}


def parser_of(module: str) -> argparse.ArgumentParser:
    """Return the parser of an executable's module."""
    parser: argparse.ArgumentParser = importlib.import_module(module).get_parser()
    return parser


def page_of(parser: argparse.ArgumentParser) -> str:
    """Return the page of one executable."""
    return "\n".join(_lines(parser)).rstrip() + "\n"


def summary_of(parser: argparse.ArgumentParser) -> str:
    """Return the first sentence of an executable's description."""
    text = " ".join((parser.description or "").split())
    return re.split(r"(?<=[.:]) ", text, maxsplit=1)[0].rstrip(".:")


def plain(text: str) -> str:
    """Return text as Markdown that shows it as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _lines(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = parser._get_formatter()
    yield from (f"# {parser.prog}", "", plain(parser.description or ""), "", "```text")
    yield from (" ".join(parser.format_usage().split()).removeprefix("usage: "), "```", "")
    yield from ("```{program} " + parser.prog, "```", "")
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if action.help is not argparse.SUPPRESS]
        if actions:
            yield from (f"## {plain(_capital(group.title or 'options'))}", "")
        if actions and group.description:
            yield from (plain(group.description), "")
        for action in actions:
            yield from _option(formatter, action)
    examples = getattr(parser, "examples", ())
    if examples:
        yield from ("## Examples", "")
    for what, command in examples:
        yield from (f"{plain(what)}:", "", "```console", f"$ {command}", "```", "")
    if parser.epilog:
        yield from ("## Exit status", "", plain(parser.epilog.removeprefix("Exit status: ").strip()), "")


def _option(formatter: argparse.HelpFormatter, action: argparse.Action) -> Iterator[str]:
    named = formatter._format_action_invocation(action)
    yield from ("````{option} " + named, plain(formatter._expand_help(action) if action.help else ""), "````", "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":  # what the page of an executable looks like, without building the site
    sys.stdout.write(page_of(parser_of(f"clrna.cli.{sys.argv[1].removeprefix('clrna-')}")))
