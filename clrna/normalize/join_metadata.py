"""Join tables of sample metadata on the samples' names, and say what found no partner."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from clrna.errors import InputError
from clrna.normalize.input_file import InputFile

logger = logging.getLogger("clrna")

_SHOWN = 5


def join_metadata(sources: Sequence[InputFile], tables: Mapping[Path, pd.DataFrame]) -> None:
    """Add the columns of metadata tables to the ``obs`` of each source, in place.

    Names are compared as they are; where none of a table fits, without regard to case and to what R makes
    of punctuation. A table's value wins over one that the file had.

    Parameters
    ----------
    sources
        The expression files.
    tables
        Metadata by file, the samples' names as index.

    Raises
    ------
    InputError
        A table has no sample in common with any file.
    """
    matched: dict[Path, set[str]] = {source.path: set() for source in sources}
    for path, table in tables.items():
        used: set[str] = set()
        for source in sources:
            rows = _match(source.adata.obs_names, table.index)
            if rows:
                _add_columns(source, table, rows)
                used |= set(rows.values())
                matched[source.path] |= set(rows)
        if not used:
            samples = [name for source in sources for name in source.adata.obs_names[:_SHOWN]]
            raise InputError(
                f"{path}: no sample of it is in the expression data; it names {_some(table.index)}, the data "
                f"{_some(samples)}; is --sample-column right?"
            )
        left = table.index[~table.index.isin(list(used))]
        if len(left):
            logger.warning("%s: %d rows have no sample in the expression data (%s)", path, len(left), _some(left))
    for source in sources:
        names = source.adata.obs_names
        lacking = names[~names.isin(list(matched[source.path]))]
        if not matched[source.path] and len(source.adata.obs.columns):
            logger.info("%s: no table of metadata names its samples; it has columns of its own", source.path)
        elif len(lacking):
            logger.warning("%s: %d samples have no metadata (%s)", source.path, len(lacking), _some(lacking))


def _match(samples: pd.Index, index: pd.Index) -> dict[str, str]:
    """Return for each sample that the table knows the table's name of it."""
    exact = {name: name for name in samples[samples.isin(index)]}
    if exact:
        return exact
    by_plain = {_plain(name): name for name in index}
    if len(by_plain) < len(index):
        return {}
    return {name: by_plain[_plain(name)] for name in samples if _plain(name) in by_plain}


def _plain(name: str) -> str:
    """Return a name without what R's make.names and spreadsheets change."""
    return re.sub(r"^X(?=\d)", "", re.sub(r"[^0-9A-Za-z]+", ".", name.strip())).casefold()


def _add_columns(source: InputFile, table: pd.DataFrame, rows: Mapping[str, str]) -> None:
    obs = source.adata.obs
    known = [name for name in obs.index if name in rows]
    joined = table.loc[[rows[name] for name in known]].set_axis(pd.Index(known), axis=0).reindex(obs.index)
    for name in joined.columns:
        column = joined[name].astype(object)
        if name in obs:
            column = column.where(column.notna(), obs[name].astype(object))
        obs[name] = column


def _some(names: Iterable[object]) -> str:
    every = [repr(str(name)) for name in names]
    return ", ".join(every[:_SHOWN]) + (f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else "")
