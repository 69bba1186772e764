"""Options from a YAML file: turned into command-line words, so that one parser checks both."""

import argparse
import difflib
from pathlib import Path

from clrna.errors import UsageError
from clrna.io.quoted import quoted

# What a file cannot sensibly set: itself, and the actions that print and exit.
_NOT_IN_A_FILE = ("config", "help", "version", "print_completion")
_MOST_BYTES = 1 << 20
# A mapping of options, and a list as one's value.
_DEEPEST = 2
_LONGEST = 4096


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
            raise UsageError(f"{path}: {parser.prog} has no option {str(key)!r}{hint}")
        words += _words(options[name], value, path)
    return words


def _read_mapping(path: Path) -> dict[object, object]:
    import yaml

    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise UsageError(f"--config {path}: is larger than {_MOST_BYTES:,} bytes, which no list of options is")
        _refuse_what_no_options_need(text.decode(), path)
        content = yaml.safe_load(text.decode())
    except UsageError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: cannot be read ({quoted(error)}); write it as UTF-8 text") from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, AttributeError) as error:
        # safe_load raises what Python's own int() and dates raise, and on odd tags more.
        raise UsageError(f"--config {path}: is not YAML ({quoted(error)}); write one 'option: value' a line") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"--config {path}: write one 'option: value' a line")
    return content


def _refuse_what_no_options_need(text: str, path: Path) -> None:
    """Look at the parts before anything is built of them: aliases multiply, and depth overflows the stack."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UsageError(f"--config {path}: holds an anchor or alias (& or *); write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise UsageError(f"--config {path}: holds lists within lists; write one 'option: value' a line")
        if isinstance(event, yaml.ScalarEvent):
            _refuse_scalar(event.value, path)


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
            raise UsageError(f"--config {path}: {flag.lstrip('-')} is true or false, not {value!r}")
        return [flag] if value else []
    if isinstance(value, bool) and action.choices is not None and {"on", "off"} <= set(action.choices):
        # YAML 1.1 reads a bare on or off as true or false.
        value = "on" if value else "off"
    if isinstance(value, dict):
        raise UsageError(f"--config {path}: {flag.lstrip('-')} takes a value or a list, not a mapping")
    if isinstance(value, list):
        if isinstance(action, argparse._AppendAction):
            return [word for item in value for word in (flag, str(item))]
        return [f"{flag}={','.join(str(item) for item in value)}"]
    return [f"{flag}={value}"]
