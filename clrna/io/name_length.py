"""How long a name may be that a model file holds and that each sample's row repeats."""

from collections.abc import Iterable
from typing import Final

from clrna.errors import InputError
from clrna.quoted import in_quotes

_MOST: Final = 1000


def check_lengths(what: str, names: Iterable[str], mend: str) -> None:
    """Raise InputError where one of the names is longer than a model file may hold.

    Parameters
    ----------
    what
        What the names are of, in the plural.
    names
        Text.
    mend
        Ends the error.
    """
    longest = max(names, key=len, default="")
    if len(longest) > _MOST:
        found = f"a name of {len(longest):,} characters ({in_quotes(longest, 20)})"
        raise InputError(f"{what} hold {found}, {_MOST:,} are the most; {mend}")
