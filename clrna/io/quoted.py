"""Cut what comes from a file before it is quoted in an error: a cell of a table may hold megabytes."""

from typing import Final

_MOST: Final = 100


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
