"""Numbers of a file as float32: what is none, or does not fit, is refused and not bent."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import h5py
import numpy as np
import pandas as pd

from clrna.errors import InputError
from clrna.io.hdf5.sparse_parts import is_sparse
from clrna.quoted import quoted

Names = Sequence[str] | np.ndarray | pd.Index | None


def as_float32(values: Any, where: str, samples: Names = None, genes: Names = None) -> np.ndarray:
    """Return a matrix as dense float32.

    Parameters
    ----------
    values
        Shape (samples, genes), dense or sparse.
    where
        File and object, for errors.
    samples, genes
        Their names, for errors; without them they are told by number.

    Raises
    ------
    InputError
        The values are no real numbers, or one is finite and beyond float32.
    """
    dense = np.asarray(values.toarray() if is_sparse(values) else values)
    refuse_other_kinds(dense.dtype, dense.shape, where)
    with np.errstate(over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        narrow = np.ascontiguousarray(dense, dtype=np.float32)
    at = first_too_large(dense, narrow)
    if at is not None:
        sample, gene = (_name(names, number) for names, number in zip((samples, genes), at, strict=True))
        raise _too_large(dense[at], sample, gene, where)
    return narrow


def refuse_other_kinds(kind: np.dtype, shape: tuple[int, ...] | None, where: str) -> None:
    """Raise InputError unless an array is a matrix of real numbers; of complex ones a part would be lost."""
    if shape is None or len(shape) != 2 or kind.kind not in "fiub":
        raise InputError(f"{where} is no matrix of numbers ({kind} of shape {shape}); write it anew with real numbers")


def refuse_too_large(values: np.ndarray, narrow: np.ndarray, where: str) -> None:
    """Raise InputError where a finite value became infinite as float32."""
    lost = np.isinf(narrow) & np.isfinite(values)
    if lost.any():
        raise InputError(f"{where} holds {float(values[lost][0]):.6g}, and no expression value is that large; mend it")


def refuse_stored(
    stored: h5py.Dataset, part: slice, narrow: np.ndarray, where: str, place: Callable[..., tuple[int, int]]
) -> None:
    """Raise InputError where a part of an ``.h5ad`` holds a finite value that became infinite as float32.

    Parameters
    ----------
    stored
        Values, of one axis or two.
    part
        What was read of it.
    narrow
        That, as float32.
    where
        File and object, for errors.
    place
        Gives, for the place of a value in ``narrow``, the numbers of its sample and gene; the file names them.
    """
    if stored.dtype.itemsize <= narrow.itemsize or not np.isinf(narrow).any():
        return
    wide = stored[part]
    at = first_too_large(np.atleast_2d(wide), np.atleast_2d(narrow))
    if at is not None:
        at = at[-narrow.ndim :]
        sample, gene = place(*at)
        names = _stored_name(stored.file.get("obs"), sample), _stored_name(stored.file.get("var"), gene)
        raise _too_large(wide[at], *names, where)


def first_too_large(values: np.ndarray, narrow: np.ndarray) -> tuple[int, ...] | None:
    """Return where a finite value became infinite as float32 first, None where none did."""
    if values.dtype.kind != "f" or values.dtype.itemsize <= narrow.dtype.itemsize:
        return None
    for row, sample in enumerate(narrow):
        lost = np.isinf(sample)
        if lost.any() and (lost := lost & np.isfinite(values[row])).any():
            return (row, *np.argwhere(lost)[0].tolist())
    return None


def _name(names: Names, number: int) -> str:
    return quoted(names[number]) if names is not None and str(names[number]) else f"number {number + 1}"


def _too_large(value: float, sample: str, gene: str, where: str) -> InputError:
    return InputError(
        f"{where}: gene {gene} of sample {sample} is {float(value):.6g}, and no expression value is so large; "
        "mend it, or leave it empty where it is missing"
    )


def _stored_name(frame: Any, number: int) -> str:
    try:
        name = frame[frame.attrs["_index"]][number]
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, OSError):  # of another form, or damaged
        return _name(None, number)
    return quoted(name.decode(errors="replace") if isinstance(name, bytes) else str(name))
