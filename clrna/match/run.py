"""Match samples with reference samples, and say what their similarity means."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.donors import own_donor_where_unknown
from clrna.errors import InputError
from clrna.match.calibrate import learned_levels
from clrna.match.normals import tell_of_normals
from clrna.match.samples import MatchSamples, numbered, of_own_where_unknown
from clrna.match.search import Found, search
from clrna.match.settings import MatchSettings
from clrna.match.table import found_again, lines_of_matches, table_of
from clrna.metrics.neighbors import NO_NEIGHBOR
from clrna.plural import plural
from clrna.quoted import in_quotes, listed
from clrna.stages import stage

logger = logging.getLogger("clrna")


@stage("matching")
def match_samples(
    query: MatchSamples, reference: MatchSamples, settings: MatchSettings, query_path: Path, reference_path: Path
) -> pd.DataFrame:
    """Return the table of matches, and log what it says.

    Parameters
    ----------
    query, reference
        Samples with codes of one model.
    settings
        How many matches, among which samples.
    query_path, reference_path
        Where they come from, for errors.

    Returns
    -------
    One row for each sample and match, see :data:`clrna.results.match_table.COLUMNS`.

    Raises
    ------
    InputError
        No sample has the category that was asked for, or no reference sample is left to match with.
    """
    if query.codes.shape[1] != reference.codes.shape[1]:
        raise InputError(
            f"{reference_path}: its codes have {reference.codes.shape[1]} features, those of {query_path} have "
            f"{query.codes.shape[1]}; encode both with one model"
        )
    asked = query.of_rows(_of_category(query, settings.from_category, "--from", query_path, settings))
    to = _of_category(reference, settings.to_category, "--to", reference_path, settings)
    _warn_of_strange_labels(asked, reference, query_path)
    levels = learned_levels(reference, to, settings.from_category)
    candidates = reference.of_rows(to)
    found = _found(asked, candidates, settings)
    if (found.rows[:, 0] == NO_NEIGHBOR).all():
        raise InputError(
            f"{reference_path}: every sample is of the study that is asked about; give another reference, or "
            "--own-study to match within the study"
        )
    matches = table_of(asked, candidates, found, levels)
    _tell(asked, candidates, found, matches, "" if settings.own_study else found_again(asked, candidates, found))
    if settings.to_category is None:
        tell_of_normals(asked, candidates, matches, reference_path)
    return matches


def _of_category(
    samples: MatchSamples, wanted: str | None, option: str, path: Path, settings: MatchSettings
) -> NDArray[np.bool_]:
    if wanted is None:
        return np.ones(samples.n, dtype=bool)
    of_it = samples.categories == wanted
    if not of_it.any():
        there = sorted(set(samples.categories.tolist()) - {UNLABELLED})
        has = f"it has {listed(there)}" if there else f"none is known, see obs[{in_quotes(settings.category_key)}]"
        raise InputError(f"{path}: {option} {wanted}: no sample is of this category; {has}")
    return of_it


def _found(asked: MatchSamples, candidates: MatchSamples, settings: MatchSettings) -> Found:
    labels = numbered(asked.labels, candidates.labels)
    groups = [samples.studies.astype(str) for samples in (asked, candidates)]
    shared = sorted(set(groups[0].tolist()) & set(groups[1].tolist()) - {UNLABELLED})
    if settings.own_study:
        groups = [_own_names(samples) for samples in (asked, candidates)]
    elif shared:
        logger.info(
            "no sample is matched with its own study, which the reference holds too (%s); --own-study does",
            listed(shared),
        )
    of_query, of_reference = numbered(*groups)
    return search(
        asked.codes, candidates.codes, settings.n_matches,
        query_groups=of_own_where_unknown(of_query), reference_groups=of_reference,
        query_labels=labels[0], reference_labels=labels[1],
        reference_donors=own_donor_where_unknown(candidates.donors),
    )  # fmt: skip


def _own_names(samples: MatchSamples) -> NDArray:
    """Return a name for each sample that no other sample of any study has."""
    return np.array([f"{study}\0{name}" for study, name in zip(samples.studies, samples.names, strict=True)])


def _warn_of_strange_labels(asked: MatchSamples, reference: MatchSamples, path: Path) -> None:
    known = asked.labels[(asked.labels != UNLABELLED) & ~asked.label_is_predicted]
    if len(known) and not np.isin(known.astype(str), reference.labels.astype(str)).any():
        logger.warning(
            "%s: no label of it (%s ...) is one of the reference's; clrna-normalize brings labels to one vocabulary",
            path, listed(sorted(set(known.tolist())), 3),
        )  # fmt: skip


def _tell(asked: MatchSamples, candidates: MatchSamples, found: Found, matches: pd.DataFrame, again: str) -> None:
    alone = int((found.rows[:, 0] == NO_NEIGHBOR).sum())
    if alone:
        logger.warning("%s of the only study in the reference, and left out", plural(alone, "sample is", "samples are"))
    logger.info(
        "matched %s with %s of %s", plural(asked.n - alone, "sample"), plural(candidates.n, "reference sample"),
        plural(len(set(candidates.studies.tolist())), "study", "studies"),
    )  # fmt: skip
    for line in (again, *lines_of_matches(matches)):
        if line:
            logger.info("%s", line)
