"""What scikit-learn's users give of each row of ``X``: its class, study and donor; and the seed."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from clrna.constants import UNLABELLED
from clrna.errors import UsageError
from clrna.quoted import listed

_UNLABELLED_NUMBER = -1


def labels_and_classes(y: ArrayLike, n_samples: int, who: str, *, at_least: int = 2) -> tuple[NDArray, NDArray]:
    """Return the class of each sample as text, '' where it has none, and the classes as they are, sorted.

    Parameters
    ----------
    y
        Class of each sample; -1, NaN, None or '' where it has none.
    n_samples
        How many there have to be.
    who
        Name of the estimator, for errors.
    at_least
        Classes that are needed.

    Raises
    ------
    UsageError
        ``y`` is None, holds numbers that are no classes, or fewer classes than needed.
    """
    if y is None:
        raise UsageError(f"y: {who} requires y to be passed, but the target y is None")
    given = column_or_1d(_as_array(y), warn=True)
    _check_length("y", given, n_samples)
    there = ~np.asarray(pd.isna(given))
    there[there] = [name not in (_UNLABELLED_NUMBER, UNLABELLED) for name in given[there].tolist()]
    if there.any():
        check_classification_targets(given[there].astype(str) if given.dtype == object else given[there])
    try:
        classes = np.unique(given[there])
    except TypeError:
        raise UsageError("y: holds classes of several types, text and numbers; give one type") from None
    if len(classes) < at_least:
        found = f"one class only ({classes[0]})" if len(classes) else "no class"
        raise UsageError(f"y: holds {found}, at least {at_least} are needed; add samples of others")
    labels = np.full(n_samples, UNLABELLED, dtype=object)
    labels[there] = [str(name) for name in given[there]]
    if len(set(labels[there])) < len(classes):
        raise UsageError(f"y: classes that are written alike ({listed(classes)}); give each one form")
    return labels, classes


def _as_array(y: ArrayLike) -> NDArray:
    found = np.asarray(y)
    # In a list numpy writes a missing class as text beside others.
    return np.asarray(y, dtype=object) if found.dtype.kind in "US" and not hasattr(y, "dtype") else found


def given_names(name: str, value: ArrayLike | None, n_samples: int, instead: str, *, needed: bool = False) -> NDArray:
    """Return what is given of each sample as text, '' where it is missing.

    Parameters
    ----------
    name
        Of the parameter, for errors.
    value
        One of each sample, or None.
    n_samples
        How many there have to be.
    instead
        What all have where ``value`` is None.
    needed
        Whether none may be missing.

    Raises
    ------
    UsageError
        There is another number of them, or one that is needed is missing.
    """
    if value is None:
        return np.full(n_samples, instead, dtype=object)
    given = np.asarray(value, dtype=object)
    _check_length(name, given, n_samples)
    missing = pd.isna(given)
    text = np.where(missing, "", given.astype(str)).astype(object)
    if needed and (text == "").any():
        raise UsageError(f"{name}: {int((text == '').sum())} samples have none; give one of each, or leave {name} out")
    return text


def seed_of(random_state: Any) -> int:
    """Return a seed from what scikit-learn takes for one: a number, a ``RandomState``, or None for any."""
    if isinstance(random_state, int | np.integer) and random_state >= 0:
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _check_length(name: str, given: NDArray, n_samples: int) -> None:
    if given.shape != (n_samples,):
        raise UsageError(f"{name}: has the shape {given.shape}, but X has {n_samples} samples; give one of each")
