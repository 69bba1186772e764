"""Which covariates cannot be told from the study, found before a matrix turns out singular."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from clrna.baselines.covariates import numeric_columns
from clrna.quoted import in_quotes, listed, quoted


def confounded(studies: NDArray, covariates: pd.DataFrame, study_key: str) -> list[str]:
    """Return one sentence for each covariate, or set of them, that the study determines.

    Parameters
    ----------
    studies
        Study of each sample.
    covariates
        Text or numeric columns without missing values, one row a sample.
    study_key
        Name of the study column, for the messages.
    """
    by_study = pd.get_dummies(pd.Series(studies.astype(str)), dtype=float).to_numpy()
    faults = [
        f"covariate {in_quotes(name)} is confounded with {study_key}: {_how(studies, covariates[name])}"
        for name in covariates
        if _is_deficient(by_study, numeric_columns(covariates[[name]]))
    ]
    together = numeric_columns(covariates)
    if not faults and _is_deficient(by_study, together):
        names = ", ".join(in_quotes(name) for name in covariates)
        faults.append(f"covariates {names} together are confounded with {study_key} or with each other; drop one")
    if not faults and len(studies) <= by_study.shape[1] + together.shape[1]:
        faults.append(
            f"{len(studies)} samples cannot tell {by_study.shape[1]} studies and {together.shape[1]} levels of "
            "covariates apart; drop covariates"
        )
    return faults


def _is_deficient(by_study: NDArray, columns: pd.DataFrame) -> bool:
    design = np.hstack([by_study, columns.to_numpy(dtype=float)])
    scale = np.abs(design).max(axis=0)
    if (scale == 0).any():
        return True
    return bool(np.linalg.matrix_rank(design / scale) < design.shape[1])


def _how(studies: NDArray, column: pd.Series) -> str:
    """Say which studies share no level, the reason why a categorical covariate is confounded."""
    if pd.api.types.is_numeric_dtype(column):
        return "within every study it is constant; drop it"
    levels, level_codes = np.unique(column.to_numpy().astype(str), return_inverse=True)
    names, study_codes = np.unique(studies.astype(str), return_inverse=True)
    size = len(names) + len(levels)
    graph = coo_array((np.ones(len(studies)), (study_codes, len(names) + level_codes)), shape=(size, size))
    count, component = connected_components(graph, directed=False)
    groups = []
    for index in range(count):
        members = names[component[: len(names)] == index]
        own = levels[component[len(names) :] == index]
        groups.append(f"{'+'.join(map(quoted, members))} has {listed(own)}")
    return f"studies share no level ({'; '.join(groups)}); drop it, or the studies apart"
