"""What to explain, and how samples are encoded for it."""

import dataclasses
import difflib
from typing import Final

from clrna.encode.options import EncodeOptions
from clrna.errors import InputError, UsageError
from clrna.model.model import Model
from clrna.quoted import in_quotes, listed

# What a label may be told from beside another label by its name.
ALL_OTHERS: Final = "others"
NEXT_ONE: Final = "second"


@dataclasses.dataclass(frozen=True)
class ExplainOptions:
    """The options of ``clrna-explain``, which describes them and takes its defaults from here.

    ``label`` is None for every label of the model and the predicted one of each sample; ``against`` is ``others``,
    ``second`` or a label; ``n_genes`` 0 takes all.
    """

    label: str | None = None
    against: str = ALL_OTHERS
    n_genes: int = 50
    encoding: EncodeOptions = dataclasses.field(default_factory=EncodeOptions)


def check_has_labels(model: Model, name: object) -> None:
    """Raise InputError where a model has nothing that could be explained; ``name`` is the model's in messages."""
    if len(model.classes) < 2:
        has = f"only the label {in_quotes(model.classes[0])}" if model.classes else "no labels"
        raise InputError(f"{name}: the model knows {has}, so none is told from another; give one with two or more")


def number_of(label: str | None, model: Model, option: str = "--label") -> int | None:
    """Return the number of a label of a model, None for None; ``option`` is where it was given, for errors.

    Raises
    ------
    UsageError
        The model has no such label.
    """
    if label is None or label in model.classes:
        return None if label is None else model.classes.index(label)
    near = difflib.get_close_matches(label.lower(), [name.lower() for name in model.classes], n=1)
    known = [name for name in model.classes if name.lower() in near]
    hint = f"did you mean {in_quotes(known[0])}?" if known else f"it has {listed(model.classes, marks=True)}"
    raise UsageError(f"{option} {in_quotes(label)}: the model has no such label; {hint}")


def rival_of(options: ExplainOptions, model: Model) -> int | None:
    """Return the number of the label that labels are told from, None where it is all others or the next one.

    Raises
    ------
    UsageError
        The model has no such label, or it is the very one that is explained.
    """
    if options.against in (ALL_OTHERS, NEXT_ONE):
        return None
    if options.against == options.label:
        raise UsageError(f"--against {in_quotes(options.against)}: a label is not told from itself; name another one")
    return number_of(options.against, model, "--against")
