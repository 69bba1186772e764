"""Numbers as people write them for options: Python's `int` and `float` take `1_000`, blanks and other digits, too."""

import re
from typing import Final

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|[+-]?(?:inf|nan)")


def whole_in(text: str) -> int | None:
    """Return a whole number of at most 18 digits, None where ``text`` is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


def number_in(text: str) -> float:
    """Return a number, NaN where ``text`` is none."""
    return float(text) if _NUMBER.fullmatch(text) else float("nan")
