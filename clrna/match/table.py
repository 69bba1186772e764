"""The table of matches: its columns, its text, and what is told of it in a few lines."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.match.levels import Levels
from clrna.match.samples import MatchSamples
from clrna.match.search import NOT_THERE, Found
from clrna.metrics.neighbors import NO_NEIGHBOR
from clrna.plural import plural
from clrna.results.match_table import COLUMNS, of_same_label

_DIGITS = 4


def table_of(query: MatchSamples, reference: MatchSamples, found: Found, levels: Levels) -> pd.DataFrame:
    """Return one row for each sample and match, in the order of the samples, the closest match first.

    Parameters
    ----------
    query, reference
        The samples, as they were searched.
    found
        What was found.
    levels
        What similarities say.
    """
    at, place = np.nonzero(found.rows != NO_NEIGHBOR)
    rows, similarity = found.rows[at, place], found.similarity[at, place]
    p_same, p_replicate = levels.same_label(similarity), levels.replicate(similarity, found.lead[at, place])
    own = (query.labels[at] == reference.labels[rows]) & (query.labels[at] != UNLABELLED)
    first = found.first_of_label[at]
    columns = (
        query.names[at], query.studies[at], query.donors[at], query.labels[at],
        np.select([query.label_is_predicted[at], query.labels[at] != UNLABELLED], ["predicted", "file"], ""),
        place + 1, reference.names[rows], reference.studies[rows], reference.donors[rows], reference.labels[rows],
        reference.categories[rows], similarity, _whole(np.where(own, _counted(own, at), NOT_THERE)), _whole(first),
        levels.statement(p_same, p_replicate), p_same, p_replicate, query.categories[at],
    )  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def matches_as_tsv(matches: pd.DataFrame) -> str:
    """Return the table as tab separated text; an empty field where a thing is not known."""
    return matches.to_csv(sep="\t", index=False, na_rep="", float_format=f"%.{_DIGITS}g", lineterminator="\n")


def lines_of_matches(matches: pd.DataFrame) -> list[str]:
    """Return what a reader wants to know of the nearest matches of all samples."""
    nearest = matches[matches["rank"] == 1]
    lines = []
    if (nearest["as_close_as"] != "").any():
        counts = nearest["as_close_as"].value_counts()
        told = ", ".join(f"{name} {counts[name]}" for name in sorted(counts.index, key=str) if name)
        lines.append(f"nearest matches are as close as: {told}")
    right, n = of_same_label(nearest)
    if n:
        what = plural(n, "sample whose label is known and", "samples whose label is known and")
        lines.append(f"of {what} in the reference, {right} ({right / n:.1%}) are nearest to one of that label")
    return lines


def found_again(query: MatchSamples, reference: MatchSamples, found: Found) -> str:
    """Return how many of the samples whose donor the reference has are nearest to it, '' where there is none."""
    there = (query.donors != UNLABELLED) & np.isin(query.donors.astype(str), reference.donors.astype(str))
    there &= found.rows[:, 0] != NO_NEIGHBOR
    n = int(there.sum())
    if n == 0:
        return ""
    right = int((query.donors[there] == reference.donors[found.rows[there, 0]]).sum())
    return (
        f"of {plural(n, 'sample')} whose donor the reference has, {right} ({right / n:.1%}) are nearest to a sample of "
        "it (recall@1)"
    )


def _counted(own: NDArray[np.bool_], at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how many of a sample's matches up to each have its label."""
    total = np.cumsum(own)
    first = np.flatnonzero(np.r_[True, at[1:] != at[:-1]]) if len(at) else np.empty(0, dtype=np.intp)
    before: NDArray[np.intp] = np.repeat(total[first] - own[first], np.diff(np.r_[first, len(at)]))
    return total - before


def _whole(numbers: NDArray[np.intp]) -> pd.Series:
    """Return whole numbers that are missing where there is none."""
    return pd.Series(numbers, dtype="Int64").where(numbers != NOT_THERE)
