"""Which table of sample metadata is for which samples."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clrna.errors import UsageError
from clrna.io.contract import text_column
from clrna.io.metadata.sample_metadata import SampleTable
from clrna.normalize.columns import STUDY_NAMES, find_column
from clrna.normalize.match_names import plain_name
from clrna.quoted import in_quotes, listed

logger = logging.getLogger("clrna")


@dataclass(frozen=True)
class Share:
    """What of a table is for what of an expression file.

    Attributes
    ----------
    source
        Number of the expression file.
    rows
        Rows of the table, shape (rows,), bool.
    samples
        Samples of the file, shape (samples,), bool.
    """

    source: int
    rows: np.ndarray
    samples: np.ndarray


@dataclass(frozen=True)
class Assigned:
    """A table and the samples that it may describe.

    Attributes
    ----------
    table
        The table.
    shares
        One for each expression file that it is for.
    decided
        Whether the user, the order of the files or a study column said so; else the samples' names have to.
    """

    table: SampleTable
    shares: list[Share]
    decided: bool


def assign_tables(
    paths: Sequence[Path],
    studies: Sequence[np.ndarray],
    tables: Sequence[SampleTable],
    named: Sequence[str],
    study_key: str | None = None,
) -> list[Assigned]:
    """Decide which tables are for which expression files.

    A table that was given as ``STUDY=FILE`` is for that study. Rows whose study column names a study are for
    that one. As many other tables as expression files go by position. All else is for every file, by the
    samples' names.

    Parameters
    ----------
    paths
        The expression files.
    studies
        Study of each sample of each file, as far as the file and the options tell.
    tables
        The tables of metadata.
    named
        Of each table the study that it was given for, '' where it was given for none.
    study_key
        Column that names the study; one of the usual names if None.

    Raises
    ------
    UsageError
        There is no study of that name.
    """
    by_column = [
        {} if name else _by_study_column(table, studies, study_key) for table, name in zip(tables, named, strict=True)
    ]
    by_position = len(paths) > 1 and len(tables) == len(paths) and not any(named)
    assigned = []
    for number, (table, study) in enumerate(zip(tables, named, strict=True)):
        if study:
            shares = _of_study(table, study, studies)
        elif by_column[number]:
            shares = _by_study(table, by_column[number], studies)
        elif by_position:
            logger.info("%s: is for %s, as there are as many tables as inputs", table.path, paths[number])
            shares = [_whole(table, number, studies[number])]
        else:
            shares = [_whole(table, source, of) for source, of in enumerate(studies)]
        decided = bool(study or by_column[number] or by_position)
        assigned.append(Assigned(table, shares, decided))
    return assigned


def _whole(table: SampleTable, source: int, studies: np.ndarray) -> Share:
    return Share(source, np.ones(len(table.frame), dtype=bool), np.ones(len(studies), dtype=bool))


def _of_study(table: SampleTable, study: str, studies: Sequence[np.ndarray]) -> list[Share]:
    shares = []
    for source, of in enumerate(studies):
        samples = np.array([plain_name(name) == plain_name(study) for name in of], dtype=bool)
        if samples.any():
            shares.append(Share(source, np.ones(len(table.frame), dtype=bool), samples))
    if not shares:
        known = listed(dict.fromkeys(name for of in studies for name in of), 20)
        raise UsageError(f"--metadata {study}={table.path}: there is no study {in_quotes(study)}; studies are {known}")
    return shares


def _by_study_column(table: SampleTable, studies: Sequence[np.ndarray], study_key: str | None) -> dict[str, np.ndarray]:
    """Return the rows of each given study that the table's study column names, by the plain name of the study."""
    key = study_key if study_key in table.frame else None
    # The first column may be the one of the studies: the samples' names are looked for in the others then.
    frame = table.frame.drop(columns=table.key) if table.chosen else table.frame
    column = find_column(frame, key, STUDY_NAMES, "", table.path)
    if column is None:
        return {}
    values = np.array([plain_name(value) for value in text_column(column)], dtype=object)
    given = dict.fromkeys(plain_name(name) for of in studies for name in of)
    return {study: values == study for study in given if (values == study).any()}


def _by_study(table: SampleTable, rows: dict[str, np.ndarray], studies: Sequence[np.ndarray]) -> list[Share]:
    """Give each study its rows; files whose study the table does not name get the rows of no given study."""
    shares = []
    rest = ~np.logical_or.reduce(list(rows.values()))
    for source, of in enumerate(studies):
        plain = np.array([plain_name(name) for name in of], dtype=object)
        for study in dict.fromkeys(plain):
            mine = rows.get(study, rest)
            if mine.any():
                shares.append(Share(source, mine, plain == study))
    return shares
