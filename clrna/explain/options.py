"""What to explain, and how samples are encoded for it."""

import dataclasses
import difflib
from typing import Literal

from clrna.encode.options import EncodeOptions
from clrna.errors import InputError, UsageError
from clrna.model.model import Model
from clrna.quoted import in_quotes, listed

Against = Literal["others", "second"]


@dataclasses.dataclass(frozen=True)
class ExplainOptions:
    """The options of ``clrna-explain``, which describes them and takes its defaults from here.

    ``label`` is None for every label of the model and the predicted one of each sample; ``n_genes`` 0 takes all.
    """

    label: str | None = None
    against: Against = "others"
    n_genes: int = 50
    encoding: EncodeOptions = dataclasses.field(default_factory=EncodeOptions)


def check_has_labels(model: Model, name: object) -> None:
    """Raise InputError where a model has nothing that could be explained; ``name`` is the model's in messages."""
    if len(model.classes) < 2:
        has = f"only the label {in_quotes(model.classes[0])}" if model.classes else "no labels"
        raise InputError(f"{name}: the model knows {has}, so none is told from another; give one with two or more")


def number_of(label: str | None, model: Model) -> int | None:
    """Return the number of a label of a model, None for None.

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
    raise UsageError(f"--label {in_quotes(label)}: the model has no such label; {hint}")
