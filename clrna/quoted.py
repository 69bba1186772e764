"""What comes from a file or a command line, as it stands in a message: on one line, visible, and cut.

A cell of a table may hold megabytes, a name may hold what clears a terminal or starts a new line in a log.
"""

import re
from collections.abc import Collection
from typing import Final

_MOST: Final = 100
_MOST_OF_REASON: Final = 200
_MOST_OF_LINE: Final = 4000
# A quote after a letter is an apostrophe or ends what is quoted. In pairs, so that what lies between two is left alone.
_IN_QUOTES: Final = re.compile(r"(?<!\w)'([^']*)'")
_LONG_WORD: Final = re.compile(r"(\S{1000})\S+")


def quoted(value: object, most: int = _MOST) -> str:
    """Return ``value`` as text on one line, visible and cut to ``most`` characters; ``''`` where there is none.

    Parameters
    ----------
    value
        Whatever a file holds.
    most
        Characters that are kept; dots stand for the rest.
    """
    return visible(_cut(value, most)) or "''"


def in_quotes(value: object, most: int = _MOST) -> str:
    """Return what :func:`quoted` does between quotation marks."""
    return repr(_cut(value, most))


def listed(names: Collection[object], most: int = 5, *, marks: bool = False) -> str:
    """Return the first ``most`` names and how many more there are.

    Parameters
    ----------
    names
        Whatever a file holds.
    most
        Names that are shown.
    marks
        Whether each stands between quotation marks.
    """
    shown = [in_quotes(name) if marks else quoted(name) for _, name in zip(range(most), names, strict=False)]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown) + rest


def reason_of(error: BaseException, most: int = _MOST_OF_REASON) -> str:
    """Return what an error of a library or the system says, on one line and cut; its kind where it says nothing.

    Of the system's without number and file, which messages name themselves.
    """
    text = _cut(getattr(error, "strerror", None) or error, most)
    return visible(text) if text else type(error).__name__


def visible(text: str) -> str:
    """Return ``text`` with line ends and what steers a terminal, or is not seen, as Python writes it in its code."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def shortened(line: str) -> str:
    """Return a message on one visible line, with what it quotes cut to some 100 characters, and itself to thousands.

    The last guard, where a message was made without :func:`quoted`.
    """
    if len(line) > _MOST:
        line = _LONG_WORD.sub(r"\1...", _IN_QUOTES.sub(_cut_inside, line))
    return _ended(visible(_ended(line)))


def _ended(line: str) -> str:
    return line if len(line) <= _MOST_OF_LINE else f"{line[:_MOST_OF_LINE]}..."


def _cut(value: object, most: int) -> str:
    text = str(value)
    # What is cut away must not be looked at: it may be long.
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[:most]}..."


def _cut_inside(match: re.Match[str]) -> str:
    inside = match[1]
    return match[0] if len(inside) <= _MOST else f"'{inside[:_MOST]}...'"
