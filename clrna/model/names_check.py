"""Names in a model file: text that each output can hold, of a length that each sample's row can repeat."""

from collections.abc import Mapping
from typing import Any

from clrna.errors import InputError
from clrna.io.name_length import check_lengths


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


def _check(what: str, names: list[str]) -> None:
    try:
        together = "\n".join(names)
        together.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"its {what} hold what is no text ({error.reason}); train or fetch it anew") from error
    if "\0" in together:
        raise InputError(f"its {what} hold a null character; train or fetch it anew")
    check_lengths(f"its {what}", names, "train it anew with shorter ones")
