"""Names in a model file: text that each output can hold, of a length that each sample's row can repeat."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from clrna.errors import InputError
from clrna.quoted import in_quotes

_MOST: Final = 1000


def check_names(description: Mapping[str, Any], samples: Mapping[str, list[str]] | None) -> None:
    """Raise InputError where a label, study, scale, gene or sample has a name that no output could hold.

    Parameters
    ----------
    description
        Of a model file.
    samples
        Columns of what it says of its reference samples.
    """
    several = {name: description[name] for name in ("classes", "scales", "training_studies", "training_donors")}
    genes, samples = description["genes"], samples or {}
    for what, names in [("label_key", [description["label_key"]]), *several.items(), *genes.items(), *samples.items()]:
        _check(what, list(map(str, names)))


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


def _check(what: str, names: list[str]) -> None:
    try:
        together = "\n".join(names)
        together.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"its {what} hold what is no text ({error.reason}); train or fetch it anew") from error
    if "\0" in together:
        raise InputError(f"its {what} hold a null character; train or fetch it anew")
    check_lengths(f"its {what}", names, "train it anew with shorter ones")
