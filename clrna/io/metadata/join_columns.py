"""Unite the ``obs`` columns that several files have of the same samples, or of samples below one another."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from clrna.constants import COPY_OF, DONOR, UNLABELLED
from clrna.errors import InputError
from clrna.io.contract import text_column
from clrna.plural import plural
from clrna.quoted import in_quotes

logger = logging.getLogger("clrna")


def unite_columns(
    tables: Sequence[pd.DataFrame], paths: Sequence[Path], study_key: str, same_columns: Sequence[str]
) -> pd.DataFrame:
    """Return one table of all samples.

    Parameters
    ----------
    tables
        ``obs`` of each file; index: sample names.
    paths
        The files, for the log and for errors.
    study_key, same_columns
        As in :func:`clrna.io.metadata.join.join_on_samples`.

    Returns
    -------
    Of each column, a sample has the value of the first file that has the sample and the column.

    Raises
    ------
    InputError
        Two files put a sample into different studies, or contradict each other in one of ``same_columns``.
    """
    united = tables[0].copy()
    known = dict.fromkeys(united.columns, united.index)
    for table, path in zip(tables[1:], paths[1:], strict=True):
        _check_studies(united, table, study_key, paths[0], path)
        for name in same_columns:
            if name in united and name in table:
                _fill_gaps(united, table, name, paths[0], path)
        index = united.index.append(table.index[~table.index.isin(united.index)])
        columns = {name: united[name].reindex(index) for name in united}
        for name in map(str, table):
            have = known.get(name, table.index[:0])
            _log_differences(united, table, name, have, paths[0], path)
            fresh = table.index[~table.index.isin(have)]
            if len(fresh):
                old = [united.loc[have, name]] if len(have) else []
                columns[name] = _stacked([*old, table.loc[fresh, name]]).reindex(index)
                known[name] = have.append(fresh)
        united = pd.DataFrame(columns, index=index)
    return united


def _stacked(pieces: Sequence[pd.Series]) -> pd.Series:
    index = pd.Index([name for piece in pieces for name in piece.index])
    if len(pieces) > 1 and all(isinstance(piece.dtype, pd.CategoricalDtype) for piece in pieces):
        return pd.Series(union_categoricals(list(pieces), sort_categories=True, ignore_order=True), index=index)
    return pd.concat(list(pieces)).infer_objects()


def _check_studies(united: pd.DataFrame, table: pd.DataFrame, study_key: str, first_path: Path, path: Path) -> None:
    if study_key not in united or study_key not in table:
        return
    both = united.index[united.index.isin(table.index)]
    here, there = text_column(united.loc[both, study_key]), text_column(table.loc[both, study_key])
    if (here != there).any():
        text = _contradiction(both, here, there, study_key, first_path, path)
        raise InputError(f"{text}; these are not the same samples")


def _fill_gaps(united: pd.DataFrame, table: pd.DataFrame, name: str, first_path: Path, path: Path) -> None:
    """Take what only ``table`` has into ``united``, in place, and refuse what the two say differently."""
    both = united.index[united.index.isin(table.index)]
    if name == DONOR and COPY_OF in united:
        # Merging gives a copy its original's donor, which a file that was made before the merging cannot know.
        both = both[text_column(united.loc[both, COPY_OF]) == UNLABELLED]
    here, there = text_column(united.loc[both, name]), text_column(table.loc[both, name])
    filled = np.where(here != UNLABELLED, here, there)
    told = np.where(there != UNLABELLED, there, here)
    if (filled != told).any():
        raise InputError(f"{_contradiction(both, filled, told, name, first_path, path)}; correct one of the files")
    gained = filled != here
    if gained.any():
        what = plural(int(gained.sum()), "sample has", "samples have")
        logger.info("obs[%s]: %s it in %s only, it is taken from there", in_quotes(name), what, path)
        whole = pd.Series(text_column(united[name]), index=united.index, dtype=object)
        whole.loc[both[gained]] = filled[gained]
        texts = [str(value) for value in whole]
        united[name] = pd.Categorical(texts, categories=sorted(set(texts) - {UNLABELLED}))


def _contradiction(
    names: pd.Index, here: np.ndarray, there: np.ndarray, column: str, first_path: Path, path: Path
) -> str:
    differs = np.flatnonzero(here != there)
    at = differs[0]
    return (
        f"{path}: obs[{in_quotes(column)}] contradicts {first_path} for {differs.size} samples "
        f"({in_quotes(names[at])} is {in_quotes(there[at])} here, {in_quotes(here[at])} there)"
    )


def _log_differences(
    united: pd.DataFrame, table: pd.DataFrame, name: str, have: pd.Index, first_path: Path, path: Path
) -> None:
    both = have[have.isin(table.index)]
    if not len(both):
        return
    differing = int((text_column(united.loc[both, name]) != text_column(table.loc[both, name])).sum())
    if differing:
        logger.warning(
            "obs[%s] differs between %s and %s for %s; that of %s is kept",
            in_quotes(name), first_path, path, plural(differing, "sample"), first_path,
        )  # fmt: skip
