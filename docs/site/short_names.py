"""Types of numpy under the names that are written: what they stand for fills lines and tells a reader nothing."""

from typing import Any, NewType, get_origin

import numpy as np
from numpy.typing import ArrayLike
from sphinx.application import Sphinx

_ARRAY_LIKE = NewType("ArrayLike", object)
_ARRAY = NewType("NDArray", object)
NAMES = tuple(f"{name.__module__}.{name.__name__}" for name in (_ARRAY_LIKE, _ARRAY))


def shorten(app: Sphinx, thing: Any, bound_method: bool) -> None:
    """Replace the annotations of a function before its signature is written."""
    annotations = getattr(thing, "__annotations__", {})
    for name, annotation in annotations.items():
        annotations[name] = _short(annotation)


def _short(annotation: Any) -> Any:
    if annotation == ArrayLike:
        return _ARRAY_LIKE
    if annotation == ArrayLike | None:
        return _ARRAY_LIKE | None
    return _ARRAY if get_origin(annotation) is np.ndarray else annotation
