"""Join tables of sample metadata to the samples that they are of, and say what found no partner."""

import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clrna.donors import names_one_sample
from clrna.errors import InputError
from clrna.io.metadata.sample_metadata import SampleTable
from clrna.io.text.text_columns import counts_up
from clrna.normalize.assign_tables import Assigned
from clrna.normalize.columns import names_donors
from clrna.normalize.input_file import InputFile
from clrna.normalize.match_names import best_keys, match_names
from clrna.plain_words import plain_word
from clrna.plural import plural
from clrna.quoted import in_quotes, listed, quoted

logger = logging.getLogger("clrna")

_SHOWN = 5
# What programs and people call a column that but counts the rows.
_OF_ROWS = frozenset({"", "unnamed", "unnamed0", "x", "1", "index", "row", "rowid", "rownames", "no", "nr", "n", "sno"})
# Columns beside the first in which samples' names are looked for: each takes as long as all samples' names take.
_MOST_KEYS = 200


@dataclass(frozen=True)
class _Found:
    """Samples of one file and their rows in a table; ``name_in_table`` by position of the sample."""

    source: int
    table: pd.DataFrame
    name_in_table: dict[int, str]


def join_metadata(
    sources: Sequence[InputFile],
    studies: Sequence[np.ndarray],
    assigned: Sequence[Assigned],
    decides: Callable[[str], bool],
) -> None:
    """Add the columns of metadata tables to the ``obs`` of each source, in place.

    A table's value wins over one that the file had, and a later table's over an earlier one's; both is said.

    Parameters
    ----------
    sources
        The expression files.
    studies
        Study of each sample of each file, as far as the file and the options tell.
    assigned
        Which table is for which samples.
    decides
        Whether a column, by its name, is read for study, label or donor: rows of one sample may not differ in it.

    Raises
    ------
    InputError
        A table has no sample in common with the files that it is for, or names a sample that stands in several
        studies and nothing says which one it means.
    """
    matched = [np.zeros(source.adata.n_obs, dtype=bool) for source in sources]
    for one in assigned:
        found = _find(one, sources, decides)
        if not one.decided:
            _refuse_ambiguous(one.table, found, studies)
        for each in found:
            _add_columns(sources[each.source], each, one.table)
            matched[each.source][list(each.name_in_table)] = True
    for source, known in zip(sources, matched, strict=True):
        if not known.any() and len(source.adata.obs.columns):
            logger.info("%s: no table of metadata names its samples; it has columns of its own", source.path)
        elif not known.all():
            lacking = source.adata.obs_names[~known]
            what = plural(len(lacking), "sample has", "samples have")
            logger.warning("%s: %s no metadata (%s)", source.path, what, _some(lacking))


def _find(one: Assigned, sources: Sequence[InputFile], decides: Callable[[str], bool]) -> list[_Found]:
    """Return the rows of a table for the samples that it is for.

    Raises
    ------
    InputError
        There are none.
    """
    table = one.table
    key, matches = _best_match(one, sources)
    found = [_found(one, key, match, decides) for match in matches]
    if not found:
        samples = [name for share in one.shares for name in sources[share.source].adata.obs_names[share.samples]]
        files = ", ".join(dict.fromkeys(str(sources[share.source].path) for share in one.shares))
        raise InputError(
            f"{table.path}: no sample of it is in {files or 'the expression data'}; it names "
            f"{_some(table.frame[table.key])}, the data {_some(samples)}; is --sample-column right, and is the table "
            "for this file (--metadata STUDY=FILE)?"
        )
    if key != table.key:
        logger.info("%s: samples are named by column %r", table.path, key)
    names = table.frame[key].astype(str).str.strip()
    left = names[~names.isin({name for each in found for name in each.name_in_table.values()})].unique()
    if len(left):
        what = plural(len(left), "row has", "rows have")
        logger.warning("%s: %s no sample in the expression data (%s)", table.path, what, _some(left))
    return found


def _keys(table: SampleTable) -> list[str]:
    """Return the columns that may hold the samples' names, the likeliest first."""
    if table.chosen:
        return [table.key]
    others = itertools.islice((str(name) for name in table.frame if name != table.key), _MOST_KEYS)
    first = table.frame[table.key].astype(str).tolist()
    if plain_word(table.key) in _OF_ROWS and counts_up(first):
        return [*others, table.key]  # samples may be called by numbers, too, and not in this order
    return [table.key, *others]


def _best_match(one: Assigned, sources: Sequence[InputFile]) -> tuple[str, list["_Match"]]:
    """Return the first column that names samples; a later one that names as many, if rows share names in the first.

    cBioPortal's table of samples begins with the patient, who may have several.
    """
    best, most = one.table.key, list[_Match]()
    distinct = one.table.frame.nunique()
    for key in _keys(one.table):
        if most and distinct[key] <= distinct[best]:
            continue  # cannot tell more apart, and tables have hundreds of columns
        matches = [each for each in _match_by(one, key, sources) if each.names]
        finer = most and _n_samples(matches) >= _n_samples(most) and not any(each.shared for each in matches)
        if matches and (not most or finer):
            best, most = key, matches
        if most and not any(each.shared for each in most):
            break
    return best, most


def _n_samples(matches: Sequence["_Match"]) -> int:
    return sum(len(each.names) for each in matches)


@dataclass(frozen=True)
class _Match:
    """Rows of a table that name samples of one file by a column; whether some of them have a name in common."""

    source: int
    rows: np.ndarray
    names: dict[int, str]
    shared: bool


def _match_by(one: Assigned, key: str, sources: Sequence[InputFile]) -> list[_Match]:
    found = []
    for share in one.shares:
        known = one.table.frame.loc[share.rows, key].dropna().astype(str).str.strip().unique().tolist()
        keys = best_keys(sources[share.source].adata.obs, share.samples, key, known)
        by_key = match_names(keys.tolist(), known)
        # Another column than the first holds names only where it names most samples: 1 and 2 may be anything.
        if key != one.table.key and 2 * sum(name in by_key for name in keys) < len(keys):
            continue
        names_of_rows = one.table.frame[key].astype(str).str.strip()
        used = share.rows & names_of_rows.isin(set(by_key.values())).to_numpy()
        positions = np.flatnonzero(share.samples)
        names = {int(at): by_key[name] for at, name in zip(positions, keys, strict=True) if name in by_key}
        found.append(_Match(share.source, used, names, bool(names_of_rows[used].duplicated().any())))
    return found


def _found(one: Assigned, key: str, match: _Match, decides: Callable[[str], bool]) -> _Found:
    rows = one.table.by(key, match.rows, decides)
    if names_donors(key):
        rows = rows.assign(**{key: rows.index.to_numpy(dtype=object)})  # what joins a table of patients tells them
    return _Found(match.source, rows, match.names)


def _refuse_ambiguous(table: SampleTable, found: Sequence[_Found], studies: Sequence[np.ndarray]) -> None:
    """Raise InputError where one row would describe samples of several studies and its name does not settle it."""
    studies_of: dict[str, list[str]] = {}
    for each in found:
        for at, name in each.name_in_table.items():
            studies_of.setdefault(name, []).append(str(studies[each.source][at]))
    several = [name for name, of in studies_of.items() if len(set(of)) > 1 and not names_one_sample(name)]
    if several:
        of = listed(dict.fromkeys(study for name in several for study in studies_of[name]))
        raise InputError(
            f"{table.path}: {len(several)} of its samples stand in several studies ({_some(several)} in {of}), and "
            "nothing says which one it means; give it as --metadata STUDY=FILE, once for each study that it is of, or "
            "add a column 'study' to it"
        )


def _add_columns(source: InputFile, found: _Found, table: SampleTable) -> None:
    obs, joined = source.adata.obs, dict[str, np.ndarray]()
    positions = np.array(sorted(found.name_in_table), dtype=int)
    rows = found.table.loc[[found.name_in_table[at] for at in positions]]
    for name in rows.columns:
        fresh = rows[name].to_numpy(dtype=object)
        known = pd.notna(fresh)
        column = obs[name].astype(object).to_numpy() if name in obs else np.full(len(obs), np.nan, dtype=object)
        before = column[positions[known]]
        other = pd.notna(before) & (before.astype(str) != fresh[known].astype(str))
        if other.any():
            first = positions[known][other][0]
            logger.warning(
                "%s: column %s replaces what was known of %s of %s (%s was %s, is %s)",
                table.path, in_quotes(name), plural(int(other.sum()), "sample"), source.path,
                quoted(source.adata.obs_names[first]), in_quotes(before[other][0]), in_quotes(fresh[known][other][0]),
            )  # fmt: skip
        column[positions[known]] = fresh[known]
        joined[name] = column
    # At once: thousands of columns, each put in by itself, take minutes.
    kept = obs.drop(columns=[name for name in obs if name in joined])
    both = pd.concat([kept, pd.DataFrame(joined, index=obs.index, dtype=object)], axis=1)
    order = [*obs.columns, *(name for name in joined if name not in obs)]
    source.adata.obs = both[order]


def _some(names: Iterable[object]) -> str:
    return listed(list(names), _SHOWN, marks=True)
