"""Check an AnnData file against the contract, all faults in one error."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from clrna.constants import (
    DONOR,
    MISSING_LABELS,
    SAMPLE_CATEGORY,
    SCALE,
    SCALES,
    SPLIT,
    STUDY,
    TISSUE,
    TUMOR_TYPE,
    UNLABELLED,
)
from clrna.errors import InputError
from clrna.io.name_length import check_lengths
from clrna.io.plausible import LARGEST, LARGEST_LOGARITHM, fault_beyond
from clrna.plural import plural
from clrna.quoted import in_quotes, listed

if TYPE_CHECKING:
    from anndata import AnnData


# Samples that are looked at at a time.
_ROWS: Final = 128
# What clrna-normalize writes: a file that was only read may have the same under any name.
_NORMALIZED: Final = frozenset((STUDY, TISSUE, TUMOR_TYPE, SAMPLE_CATEGORY, DONOR, SPLIT))


def named_columns(*given: tuple[str, str]) -> list[str]:
    """Return the columns that somebody has named: those of pairs (name, default) whose name is not the default.

    What is only looked for where it is may be absent; what was asked for by its name may not.
    """
    return [name for name, default in given if name != default]


def require_obs_columns(obs: pd.DataFrame, columns: Iterable[str], path: Path) -> None:
    """Raise InputError that names the ``columns`` which ``obs`` does not have."""
    faults = _missing(obs, columns)
    if faults:
        raise InputError(f"{path}: {'; '.join(faults)}")


def _missing(obs: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    return [f"obs has no column {in_quotes(name)} (it has {_some(obs.columns)})" for name in columns if name not in obs]


def check(
    adata: "AnnData",
    path: Path,
    *,
    columns: Iterable[str] = (),
    values: np.ndarray | None = None,
    scale: bool = False,
) -> None:
    """Raise one InputError that lists everything a step cannot work with.

    Parameters
    ----------
    adata
        The file that was read.
    path
        Its name, for the error.
    columns
        ``obs`` columns that the step needs.
    values
        The matrix that the step will use, shape (samples, genes); checked for values that are not finite or
        beyond what any expression data hold.
    scale
        Whether ``obs['scale']`` has to be there with values that CLRNA knows.
    """
    missing = [name for name in columns if name not in adata.obs]
    faults = _missing(adata.obs, missing)
    if not _NORMALIZED.isdisjoint(missing) and not (scale and SCALE not in adata.obs):
        faults.append("run clrna-normalize, which finds such columns under other names too, or give the name of yours")
    for what, index in (("sample names", adata.obs_names), ("gene names", adata.var_names)):
        if not index.is_unique:
            faults.append(f"{what} are not unique ({_some(index[index.duplicated()].unique())})")
    if nameless := fault_of_nameless(adata):
        faults.append(nameless)
    if values is not None:
        broken = _not_finite(values)
        if broken.any():
            genes = adata.var_names[broken > 0]
            what = plural(int(broken.sum()), "value is", "values are")
            faults.append(f"{what} not finite ({plural(len(genes), 'gene')}: {_some(genes)}); run clrna-normalize")
        beyond = fault_beyond(values, LARGEST, adata.var_names, adata.obs_names)
        faults += [beyond] if beyond else []
    if scale:
        faults += _scale_faults(adata)
    if faults:
        raise InputError(f"{path}: {'; '.join(faults)}")


def fault_of_nameless(adata: "AnnData") -> str:
    """Return which sample has no name, which tables of samples could not tell it by; '' where each has one."""
    nameless = np.flatnonzero(adata.obs_names == "")
    return f"sample number {nameless[0] + 1} has no name; give it one in the index of obs" if len(nameless) else ""


def labels_of(adata: "AnnData", label_key: str, label_by: list[str] | None, path: Path) -> np.ndarray:
    """Return the label of each sample as text, '' where it has none.

    Parameters
    ----------
    adata
        The file that was read.
    label_key
        ``obs`` column of the label.
    label_by
        Columns to join, with a space, in place of ``label_key``; a sample that lacks one is unlabelled.
    path
        Its name, for the error.
    """
    columns = label_by or [label_key]
    check(adata, path, columns=columns)
    parts = [text_column(adata.obs[name]) for name in columns]
    joined = [" ".join(words) if all(words) else UNLABELLED for words in zip(*parts, strict=True)]
    return np.array(joined, dtype=object)


def study_column(obs: pd.DataFrame, study_key: str, path: Path) -> np.ndarray:
    """Return the study of each sample as text, '' where it has none.

    Raises
    ------
    InputError
        A name is longer than a model file may hold.
    """
    studies = text_column(obs[study_key])
    check_lengths(f"{path}: studies", set(studies), "give shorter ones")
    return studies


def text_column(column: pd.Series) -> np.ndarray:
    """Return a column as text, '' for every way in which files spell a missing label."""
    text = column.astype(object).where(column.notna(), UNLABELLED).astype(str).str.strip()
    return text.where(~text.str.lower().isin(MISSING_LABELS), UNLABELLED).to_numpy(dtype=object)


def refuse_beyond_logarithms(values: np.ndarray, genes: pd.Index, path: Path, used: np.ndarray) -> None:
    """Raise InputError where a value on one of the contract's scales is larger than any of them can be.

    Parameters
    ----------
    values
        Shape (samples, genes).
    genes
        Their names.
    path
        Of the file, for the error.
    used
        Which samples are looked at, shape (samples,).
    """
    fault = fault_beyond(values, LARGEST_LOGARITHM, genes, used=used)
    if fault:
        raise InputError(f"{path}: {fault}")


def _not_finite(values: np.ndarray) -> np.ndarray:
    """Return how many values of each gene are not finite, shape (genes,)."""
    counts = np.zeros(values.shape[1], dtype=np.int64)
    for start in range(0, len(values), _ROWS):
        counts += (~np.isfinite(values[start : start + _ROWS])).sum(axis=0)
    return counts


def _scale_faults(adata: "AnnData") -> list[str]:
    if SCALE not in adata.obs:
        return [f"obs has no column {SCALE!r}; run clrna-normalize, which finds the units out"]
    unknown = sorted(set(text_column(adata.obs[SCALE])) - set(SCALES))
    return [f"obs[{SCALE!r}] has unknown values {_some(unknown)}; known are {', '.join(SCALES)}"] if unknown else []


def _some(names: Iterable[object]) -> str:
    return listed(list(names), marks=True) or "none"
