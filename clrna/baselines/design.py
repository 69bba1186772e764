"""The design before any correction: what is confounded, and which study is too small to correct."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.baselines.confounding import confounded
from clrna.constants import UNLABELLED
from clrna.errors import InputError
from clrna.plural import plural
from clrna.quoted import in_quotes, listed

_NEED_STUDIES = ("combat", "harmony", "standardized", "limma")
_NEED_TWO_SAMPLES = ("combat", "standardized")
_TAKE_COVARIATES = ("combat", "limma")
_MANY_NAMES = 5


@dataclass(frozen=True)
class Design:
    """What stands in the way of a correction, and what a reader should know about it."""

    table: pd.DataFrame  # one row a level of the label and of each covariate: samples in each study
    faults: list[str]  # each forbids the correction
    warnings: list[str]  # each makes its result hard to read

    def refuse(self, path: Path) -> None:
        """Raise InputError with every fault, if there is one."""
        if self.faults:
            raise InputError(f"{path}: {'; '.join(self.faults)}")


def examine(
    studies: NDArray,
    labels: NDArray,
    covariates: pd.DataFrame,
    methods: Sequence[str],
    *,
    study_key: str,
    label_key: str,
) -> Design:
    """Look at the design of a batch correction and list all that is wrong with it at once.

    Parameters
    ----------
    studies
        Study of each sample, '' where it is not known.
    labels
        Label of each sample, '' where it has none. It is shown, not corrected for.
    covariates
        Columns whose effect ComBat and limma shall keep: text, '' where missing, or numbers.
    methods
        Of ``pca``, ``combat``, ``harmony``, ``standardized`` and ``limma``, what is to be computed.
    study_key, label_key
        Names of the columns, for the messages.
    """
    sizes = pd.Series(studies.astype(str)).value_counts().sort_index()
    faults = _study_faults(sizes, methods, study_key)
    takes = bool(_some_of(methods, _TAKE_COVARIATES))
    if takes and not covariates.empty and len(sizes) > 1:
        faults += _missing_covariates(covariates)
    if takes and not faults and not covariates.empty:
        faults += confounded(studies, covariates, study_key)
    columns = {label_key: pd.Series(labels), **{str(name): covariates[name] for name in covariates}}
    parts = [_levels(name, column, studies, sizes.index) for name, column in columns.items()]
    table = pd.concat(parts, ignore_index=True)
    return Design(table, faults, _warnings(table, label_key, len(sizes)))


def _study_faults(sizes: pd.Series, methods: Sequence[str], study_key: str) -> list[str]:
    faults = []
    if UNLABELLED in sizes.index:
        what = plural(int(sizes[UNLABELLED]), "sample")
        faults.append(f"obs[{in_quotes(study_key)}] is missing for {what}; name their study or remove them")
    if len(sizes) < 2 and _some_of(methods, _NEED_STUDIES):
        faults.append(
            f"there is only one study ({in_quotes(sizes.index[0])}), nothing to correct with "
            f"{_some_of(methods, _NEED_STUDIES)}; add a study or ask for --methods pca"
        )
    single = [study for study in sizes.index[sizes == 1] if study != UNLABELLED]
    if single and len(sizes) > 1 and _some_of(methods, _NEED_TWO_SAMPLES):
        faults.append(
            f"studies of one sample ({_names(single)}) have no variance for {_some_of(methods, _NEED_TWO_SAMPLES)}; "
            "remove them, merge them into another study or ask for --methods pca,harmony"
        )
    return faults


def _missing_covariates(covariates: pd.DataFrame) -> list[str]:
    faults = []
    for name in covariates:
        column = covariates[name]
        missing = column.isna() if pd.api.types.is_numeric_dtype(column) else column == UNLABELLED
        if missing.any():
            what = plural(int(missing.sum()), "sample")
            faults.append(f"covariate {in_quotes(name)} is missing for {what}; the correction needs all of them")
    return faults


def _levels(name: str, column: pd.Series, studies: NDArray, every_study: pd.Index) -> pd.DataFrame:
    """Count a column's levels in each study; a numeric column is one row of samples that have it."""
    numeric = pd.api.types.is_numeric_dtype(column)
    levels = np.where(column.notna(), "(number)", UNLABELLED) if numeric else column.to_numpy()
    shown = np.where(levels == UNLABELLED, "(none)", levels).astype(str)
    counts = pd.crosstab(shown, studies.astype(str)).reindex(columns=every_study, fill_value=0)
    table = pd.DataFrame({"column": name, "level": counts.index})
    for study in every_study:
        table[f"n_{study}"] = counts[study].to_numpy()
    present = counts.to_numpy() > 0
    table["n_studies"] = present.sum(axis=1)
    alone = (table["n_studies"] == 1) & (table["level"] != "(none)") & (len(every_study) > 1)
    first = counts.columns.to_numpy()[present.argmax(axis=1)]
    table["note"] = np.where(alone, "only in " + first.astype(object), "")
    return table


def _warnings(table: pd.DataFrame, label_key: str, n_studies: int) -> list[str]:
    labels = table[(table["column"] == label_key) & (table["level"] != "(none)")]
    alone = labels[labels["note"] != ""]
    if n_studies < 2 or alone.empty:
        return []
    if len(alone) == len(labels):
        return [
            f"{label_key} is confounded with the study: no two studies share one, so removing what differs between "
            f"studies removes what differs between {label_key} values"
        ]
    names = _names(f"{level} ({note})" for level, note in zip(alone["level"], alone["note"], strict=True))
    return [f"{len(alone)} of {len(labels)} values of {label_key} are found in one study only: {names}"]


def _some_of(methods: Sequence[str], group: Sequence[str]) -> str:
    return " and ".join(method for method in group if method in methods)


def _names(names: Iterable[object]) -> str:
    return listed(list(names), _MANY_NAMES)
