"""Cut what comes from a file before it is quoted in an error: a cell of a table may hold megabytes."""

import re
from typing import Final

_MOST: Final = 100
_MOST_OF_LINE: Final = 4000
# A quote after a letter is an apostrophe or ends what is quoted. In pairs, so that what lies between two is left alone.
_IN_QUOTES: Final = re.compile(r"(?<!\w)'([^']*)'")
_LONG_WORD: Final = re.compile(r"(\S{1000})\S+")


def quoted(value: object, most: int = _MOST) -> str:
    """Return ``value`` as text on one line, cut to ``most`` characters.

    Parameters
    ----------
    value
        Whatever a file holds.
    most
        Characters that are kept; dots stand for the rest.
    """
    text = str(value)
    # What is cut away must not be looked at: it may be long.
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most and len(text) <= 4 * most:
        return line
    return f"{line[:most]}..."


def shortened(line: str) -> str:
    """Return a message with what it quotes cut to some 100 characters, and itself to some thousands.

    The last guard, where a message was made without :func:`quoted`.
    """
    if len(line) > _MOST:
        line = _LONG_WORD.sub(r"\1...", _IN_QUOTES.sub(_cut, line))
    return line if len(line) <= _MOST_OF_LINE else f"{line[:_MOST_OF_LINE]}..."


def _cut(match: re.Match[str]) -> str:
    inside = match[1]
    return match[0] if len(inside) <= _MOST else f"'{inside[:_MOST]}...'"
