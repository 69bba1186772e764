"""Help: what is usually needed first, the rest under headings, examples that work, and refusals of one line."""

import argparse
import importlib
import re
import shlex

import pytest

from clrna.cli import options
from clrna.cli.options import USUAL_OPTIONS
from clrna.fetch.registry import SOURCES

MOST_USUAL = 9


@pytest.fixture
def parser(module: str) -> argparse.ArgumentParser:
    return importlib.import_module(module).get_parser()


def options_by_group(parser: argparse.ArgumentParser) -> dict[str, list[argparse.Action]]:
    groups = {str(group.title): group._group_actions for group in parser._action_groups}
    return {title: actions for title, actions in groups.items() if any(action.option_strings for action in actions)}


def test_usual_options_stand_first_and_few(parser):
    groups = options_by_group(parser)
    first, *others = groups
    assert first == USUAL_OPTIONS and 2 <= len(groups[first]) <= MOST_USUAL
    assert others[-1] == "general options" and len(others) >= 2
    assert {action.dest for action in groups[others[-1]]} >= {"help", "version", "seed", "threads", "config", "quiet"}
    assert [action.dest for actions in groups.values() for action in actions if action.required] == [
        action.dest for action in groups[first] if action.required
    ]
    assert max(map(len, groups.values())) <= 16


def test_headings_stand_in_the_help_in_that_order(parser):
    text = parser.format_help()
    places = [text.index(f"\n{title}:\n") for title in options_by_group(parser)]
    assert places == sorted(places)


def test_usage_is_one_line_of_what_must_be_given(parser):
    usage = parser.format_usage()
    assert len(usage.splitlines()) == 1 and usage.startswith(f"usage: {parser.prog} ")
    for action in parser._actions:
        if action.required:
            assert (action.option_strings or [str(action.metavar)])[0] in usage
    assert usage.endswith("[OPTION ...]\n")


def test_examples_are_commands_that_the_parser_takes(parser):
    assert len(parser.examples) >= 2
    for what, command in parser.examples:
        program, *words = shlex.split(command)
        assert program == parser.prog and what[0].isupper()
        args = parser.parse_args(words)
        assert parser.prog != "clrna-fetch" or args.name is None or args.name in SOURCES
    help_text = parser.format_help()
    assert help_text.endswith(f"    {parser.examples[-1][1]}\n")
    for what, command in parser.examples:
        assert f"\n  {what}:\n    {command}\n" in help_text


def test_defaults_are_shown_as_one_types_them(parser):
    for action in parser._actions:
        shown = re.search(r" \(default: (\S+)\)$", " ".join(parser._get_formatter()._expand_help(action).split()))
        if shown and "(default" not in str(action.help):
            (option,) = [name for name in action.option_strings if name.startswith("--")]
            required = [word for other in parser._actions if other.required for word in words_of(other)]
            typed = parser.parse_args([*required, f"{option}={shown[1]}"])
            assert getattr(typed, action.dest) == getattr(parser.parse_args(required), action.dest), option
            assert not re.search(r"[\[\]']", shown[1])


def words_of(action: argparse.Action) -> list[str]:
    return [action.option_strings[0], "file"] if action.option_strings else ["file"]


@pytest.mark.parametrize("words", [("--no-such-option",), ("--threads", "two"), ("--seed",), ("a", "b\nc", "--x")])
def test_a_wrong_word_is_refused_in_one_line(module, python, words):
    done = python("-m", module, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"(clrna-\w+): error: .* \(\1 --help lists all\)\n", done.stderr)


def test_a_near_option_is_named(capsys):
    parser = options.new_parser("small", "x")
    options.add_general_options(parser)
    for words, near in ((["--thread", "3"], "--threads"), (["--sed=3"], "--seed"), (["--zzzzzz"], None)):
        with pytest.raises(SystemExit):
            parser.parse_args(words)
        text = capsys.readouterr().err
        assert (f"did you mean {near}?" in text) if near else ("did you mean" not in text)


def test_a_share_in_a_default_is_shown(capsys):
    parser = options.new_parser("small", "x", examples=[("Do it", "clrna-small --share 5%")])
    parser.add_argument("--share", default="50%", metavar="N%%", help="a share of 100 %%")
    parser.add_argument("--rate", type=float, default=0.00001, help="a rate")
    parser.add_argument("--list", default=["a", "b"], help="names")
    text = parser.format_help()
    assert "a share of 100 % (default: 50%)" in text and "(default: 1e-05)" in text and "(default: a,b)" in text
    assert text.endswith("examples:\n  Do it:\n    clrna-small --share 5%\n")
