"""Whether a table is of the samples that a file holds."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from anndata import AnnData

from clrna.errors import InputError
from clrna.io.contract import text_column
from clrna.plural import plural
from clrna.quoted import listed

_SHOWN = 3


def require_samples_of(
    table: pd.DataFrame, adata: AnnData, study_key: str, path: Path, table_paths: Sequence[Path], step: str
) -> None:
    """Raise InputError where a table tells of samples that a file has not, or has of another study.

    The table may be of some of the file's samples only.

    Parameters
    ----------
    table
        With columns ``sample``, '' in rows that are of none, and ``study``, '' where that is not known.
    adata, path
        The file, or several joined, and the name of the first.
    study_key
        ``obs`` column that names the study.
    table_paths
        Where the table comes from, for the error.
    step
        The executable that makes such tables.
    """
    if study_key in adata.obs:
        studies = dict(zip(adata.obs_names.astype(str), text_column(adata.obs[study_key]), strict=True))
    else:
        studies = dict.fromkeys(adata.obs_names.astype(str), "")
    told = table.loc[table["sample"] != "", ["sample", "study"]].drop_duplicates()
    pairs = list(zip(told["sample"], told["study"], strict=True))
    # Files that are stacked have their samples told apart by the study where two have a name in common.
    strange = [sample for sample, study in pairs if not {sample, f"{study}.{sample}"} & studies.keys()]
    other = [sample for sample, study in pairs if study and studies.get(sample) and studies[sample] != study]
    if strange or other:
        names = strange or other
        why = "are not there" if strange else "are of another study there"
        raise InputError(
            f"{', '.join(map(str, table_paths))}: is not of the samples of {path}: of its "
            f"{plural(told['sample'].nunique(), 'sample')} {len(names):,} {why} ({listed(names, _SHOWN)}); "
            f"run {step} on {path}"
        )
