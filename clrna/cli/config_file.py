"""Options from a YAML file: turned into command-line words, so that one parser checks both."""

import argparse
import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clrna.cli.small_input import read_small
from clrna.errors import UsageError
from clrna.quoted import in_quotes, quoted, reason_of

# What a file cannot sensibly set: itself, and the actions that print and exit.
_NOT_IN_A_FILE = ("config", "help", "version", "print_completion")
_MOST_BYTES = 1 << 20
# A mapping of options, and a list as one's value.
_DEEPEST = 2
_LONGEST = 4096
_MEND = "write one 'option: value' a line"
# What a bare word can be that is no text; numbers and dates stay as they are written.
_RESOLVED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "null"))
# What may be said of a value: that it is text.
_TEXT_TAGS = frozenset(("!", "tag:yaml.org,2002:str"))


def words_from_config(path: Path, parser: argparse.ArgumentParser) -> list[str]:
    """Read ``path`` and return its options as command-line words.

    Parameters
    ----------
    path
        YAML file: a mapping of option names (without the leading dashes; ``-`` and ``_`` are the
        same) to values. Lists become comma-separated values, true sets a flag, false and null leave
        the default.
    parser
        The parser that the words are meant for.

    Raises
    ------
    UsageError
        The file cannot be read, is no mapping, or holds an option that the parser does not have.
    """
    options = {
        action.dest: action for action in parser._actions if action.option_strings and action.dest not in _NOT_IN_A_FILE
    }
    words: list[str] = []
    for key, value in _read_mapping(path).items():
        name = str(key).replace("-", "_")
        if name not in options:
            near = difflib.get_close_matches(name, options, n=1)
            hint = f"; did you mean {near[0].replace('_', '-')!r}?" if near else ""
            raise UsageError(f"{path}: {parser.prog} has no option {in_quotes(key)}{hint}")
        words += _words(options[name], value, path)
    return words


def _read_mapping(path: Path) -> dict[object, object]:
    import yaml

    try:
        text = read_small(path, _MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise UsageError(f"--config {path}: is larger than {_MOST_BYTES:,} bytes, which no list of options is")
        _refuse_what_no_options_need(text.decode(), path)
        content = _content_of(text.decode(), path)
    except UsageError:
        raise
    except OSError as error:
        fault = f"cannot be read ({reason_of(error)}); see its name and permissions"
        raise UsageError(f"--config {path}: {fault}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--config {path}: cannot be read ({reason_of(error)}); write it as UTF-8 text") from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"--config {path}: is not YAML ({reason_of(error)}); {_MEND}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"--config {path}: {_MEND}")
    return content


def _refuse_what_no_options_need(text: str, path: Path) -> None:
    """Look at the parts before anything is built of them: aliases multiply, and depth overflows the stack."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UsageError(f"--config {path}: holds an anchor or alias (& or *); write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _TEXT_TAGS:
            raise UsageError(f"--config {path}: holds a tag ({quoted(tag)}); write the value without it")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise UsageError(f"--config {path}: holds lists within lists; {_MEND}")
        if isinstance(event, yaml.ScalarEvent):
            _refuse_scalar(event.value, path)


def _content_of(text: str, path: Path) -> object:
    """Return what the file holds, safely, with numbers and dates as text: the parser reads them, 007 is not study 7."""
    import yaml

    class AsWritten(yaml.SafeLoader):
        pass

    AsWritten.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _RESOLVED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader = AsWritten(text)
    try:
        node = loader.get_single_node()
        _refuse_twice(node.value if isinstance(node, yaml.MappingNode) else (), path)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_twice(entries: Iterable[tuple[Any, Any]], path: Path) -> None:
    """Raise UsageError where an option stands twice: YAML's reader keeps the last one and says nothing."""
    seen: set[str] = set()
    for key, _ in entries:
        name = str(key.value).replace("-", "_")
        if name in seen:
            raise UsageError(
                f"--config {path}: line {key.start_mark.line + 1}: {in_quotes(key.value)} stands there twice; keep one"
            )
        seen.add(name)


def _refuse_scalar(value: str, path: Path) -> None:
    if len(value) > _LONGEST:
        raise UsageError(f"--config {path}: holds a value of {len(value):,} characters ({quoted(value)}); cut it")
    if any(0xD800 <= ord(letter) <= 0xDFFF or letter == "\0" for letter in value):
        raise UsageError(f"--config {path}: holds what is no text ({quoted(ascii(value))}); take it out")


def _words(action: argparse.Action, value: object, path: Path) -> list[str]:
    flag = max(action.option_strings, key=len)
    if value is None:
        return []
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise UsageError(f"--config {path}: {flag.lstrip('-')} is true or false, not {in_quotes(value)}")
        return [flag] if value else []
    if isinstance(value, bool) and action.choices is not None and {"on", "off"} <= set(action.choices):
        # YAML 1.1 reads a bare on or off as true or false.
        value = "on" if value else "off"
    _refuse_no_text(value, flag, path)
    if isinstance(value, dict):
        raise UsageError(f"--config {path}: {flag.lstrip('-')} takes a value or a list, not a mapping")
    if isinstance(value, list):
        if isinstance(action, argparse._AppendAction):
            return [word for item in value for word in (flag, str(item))]
        return [f"{flag}={','.join(str(item) for item in value)}"]
    return [f"{flag}={value}"]


def _refuse_no_text(value: object, flag: str, path: Path) -> None:
    """Raise UsageError where a word that was meant as text is something else to YAML, whose text would be another."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, bool) or item is None:
            what = {True: "a bare yes, on or true", False: "a bare no, off or false", None: "a bare null"}[item]
            raise UsageError(
                f"--config {path}: {flag.lstrip('-')}: {what} is no text to YAML; put it between quotation marks"
            )
