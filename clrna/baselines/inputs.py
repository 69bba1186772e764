"""What clrna-baseline reads from an AnnData file, checked before anything is computed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import TISSUE, UNLABELLED
from clrna.errors import InputError
from clrna.io.contract import check, labels_of, text_column
from clrna.quoted import in_quotes
from clrna.scale import ZSCORE, detect_scale


def labels_if_any(adata: AnnData, label_key: str, label_by: list[str] | None, path: Path) -> NDArray:
    """Return labels for the design table; a file without the default column has none, which is no fault."""
    if label_by is None and label_key == TISSUE and label_key not in adata.obs:
        return np.full(adata.n_obs, UNLABELLED, dtype=object)
    return labels_of(adata, label_key, label_by, path)


def covariates_of(adata: AnnData, names: Sequence[str], study_key: str, path: Path) -> pd.DataFrame:
    """Return the covariates: numbers as numbers, everything else as text, '' where missing.

    Raises
    ------
    InputError
        A column is not there, or is the study itself.
    """
    check(adata, path, columns=names)
    if study_key in names:
        raise InputError(
            f"{path}: --covariates names the study column {in_quotes(study_key)}, which is what is removed"
        )
    frame = pd.DataFrame(index=range(adata.n_obs))
    for name in dict.fromkeys(names):
        column = adata.obs[name]
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        frame[name] = column.to_numpy(dtype=float) if numeric else text_column(column)
    return frame


def refuse_linear_values(values: NDArray, studies: NDArray, path: Path) -> None:
    """Raise InputError where a study's values are counts or another linear unit: all baselines need logarithms."""
    faults = []
    for study in sorted(set(studies.tolist())):
        found = detect_scale(values[studies == study])
        if found.scale.base is None and found.scale.unit != ZSCORE:
            faults.append(f"study {in_quotes(study)} holds {found.scale.name}, not logarithms ({found.why})")
    if faults:
        raise InputError(f"{path}: {'; '.join(faults)}; run clrna-normalize first")


def among_all_genes(corrected: NDArray, values: NDArray, shared: NDArray[np.bool_]) -> NDArray:
    """Return corrected expression in the genes of the file; what not every study measured stands as it was.

    Parameters
    ----------
    corrected
        Shape (samples, genes that were corrected).
    values
        As they were, shape (samples, genes).
    shared
        Which genes were corrected, shape (genes,).
    """
    if shared.all():
        return corrected
    out = values.copy()
    out[:, shared] = corrected
    return out
