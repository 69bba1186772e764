"""Errors and logs that name parameters and functions, where those of the executables name options and steps.

The same code is behind both, and speaks of options. What of it reaches a Python user is put into their words here.
"""

import functools
import inspect
import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, ParamSpec, TypeVar

from clrna.errors import ClrnaError

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

# An option, with the word that stands for its value if there is one: a parameter takes none in that form.
_OPTION: Final = re.compile(
    r"(?<![\w-])--([a-z0-9]+(?:-[a-z0-9]+)*)(?:[ =](?:FILE(?:\.\w+)?|NAME(?:,NAME)*|STUDY=FILE|N)(?![\w=]))?"
)
_FIGURE: Final = re.compile(r"--figure (embedding|confusion|history|scores)\b")
_STEP: Final = re.compile(
    r"(?<![\w./-])clrna-(normalize|train|encode|baseline|score|match|explain|plot)(?![\w/-]|\.\w)"
)
_FUNCTIONS: Final = {
    "normalize": "clrna.pp.normalize",
    "train": "clrna.tl.train",
    "encode": "clrna.tl.encode",
    "baseline": "clrna.tl.baselines",
    "score": "clrna.tl.score",
    "explain": "clrna.tl.explain",
    "match": "clrna.tl.match",
    "plot": "clrna.pl",
}
# Options that are called otherwise in Python, where scverse or scikit-learn have names for them; of several names, the
# one that the function has.
_CALLED: Final[dict[str, tuple[str, ...]]] = {
    "color_by": ("color",),
    "embeddings": ("basis",),
    "exclude_study": ("exclude_studies",),
    "figure": ("clrna.pl",),
    "from": ("from_category",),
    "input_scale": ("input_scale", "unit"),
    "label_by": ("label_key", "y"),
    "label_key": ("label_key", "y"),
    "donor_key": ("donor_key", "donor"),
    "projections": ("projections", "projection"),
    "seed": ("random_state",),
    "to": ("to_category",),
    "study_key": ("study_key", "study"),
}
# What is said of a file before it is an AnnData; other functions send their users back to where it was read.
_OF_READ: Final = ("gene_map", "metadata", "orientation", "sample_column", "study")
# Options of other programs.
_NOT_OURS: Final = ("gpus", "nv")

_speaks_to: ContextVar[frozenset[str] | None] = ContextVar("speaks_to", default=None)


def speaks_python(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Have the errors of a function, and what it logs, name its parameters.

    Errors keep their type, and lose nothing but the form of an option.
    """
    own = frozenset(inspect.signature(function).parameters)

    @functools.wraps(function)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        token = _speaks_to.set(own)
        try:
            return function(*args, **kwargs)
        except ClrnaError as error:
            told = parameters_for_options(str(error), own)
            if told == str(error):
                raise
            raise type(error)(told) from error
        finally:
            _speaks_to.reset(token)

    return called


def parameters_for_options(text: str, own: frozenset[str] = frozenset()) -> str:
    """Return a message in which parameters stand for options and functions for steps.

    Parameters
    ----------
    text
        Such as ``run clrna-encode with a lower --min-coverage``.
    own
        Parameters of the function that the user called.
    """
    text = _FIGURE.sub(r"clrna.pl.\1", text)
    text = _STEP.sub(lambda found: _FUNCTIONS[found[1]], text)
    return _OPTION.sub(lambda found: _name_of(found[1].replace("-", "_"), own) or found[0], text)


def _name_of(option: str, own: frozenset[str]) -> str | None:
    if option in _NOT_OURS:
        return None
    names = _CALLED.get(option, (option,))
    known = [name for name in names if name in own]
    if own and not known and names[0] in _OF_READ:
        return f"clrna.read({names[0]}=...)"
    return (known or names)[0]


class _LogsInPython(logging.Filter):
    """Puts what is logged while a function runs that a Python user called into their words."""

    def filter(self, record: logging.LogRecord) -> bool:
        own = _speaks_to.get()
        if own is not None:
            record.msg, record.args = parameters_for_options(record.getMessage(), own), ()
        return True


logging.getLogger("clrna").addFilter(_LogsInPython())
