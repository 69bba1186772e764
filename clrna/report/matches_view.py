"""The nearest reference samples of each sample, as the report shows them: counts first, then a row a sample."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from clrna.match.levels import CHANCE, REPLICATE, SAME_LABEL
from clrna.plural import enumerated

# Rows of a table that a browser shows without delay.
MOST_ROWS: Final = 1000
_MOST_LABELS: Final = 12


def note_of_rows(n_shown: int, n: int, step: str) -> str:
    """Return which samples the rows of a table are of, '' where of all; ``step`` wrote the whole table."""
    return "" if n_shown == n else f"The first {n_shown:,} of {n:,} samples; the table of {step} has all."


@dataclass(frozen=True)
class Near:
    """One reference sample."""

    name: str
    label: str
    about: str
    similarity: str


@dataclass(frozen=True)
class MatchRow:
    """One sample and what is nearest to it."""

    sample: str
    study: str
    label: str
    is_predicted: bool
    category: str
    nearest: Near
    others: list[Near]
    level: str
    p_same_label: str


@dataclass(frozen=True)
class MatchesView:
    """Counts of all samples, and the rows of the first of them."""

    n: int
    levels: list[tuple[str, str, str]]  # key, what it says, samples
    labels: list[tuple[str, str, str]]  # label, samples, labels of their nearest reference samples
    categories: list[tuple[str, str, str]]  # the same of sample categories; none where those of the samples are unknown
    rows: list[MatchRow]

    @property
    def note(self) -> str:
        """What the rows are."""
        return note_of_rows(len(self.rows), self.n, "clrna-match")


def matches_view(matches: pd.DataFrame | None, label_name: str) -> MatchesView | None:
    """Return what the section shows, None where there are no matches.

    Parameters
    ----------
    matches
        From :func:`clrna.results.match_table.read_match_tables`.
    label_name
        What the label is called.
    """
    if matches is None or matches.empty:
        return None
    label = label_name.replace("_", " ")
    words = {REPLICATE: "replicates", SAME_LABEL: f"the same {label}", CHANCE: "chance"}
    ordered = matches.sort_values("rank", kind="stable")
    nearest = ordered[ordered["rank"] == 1]
    counts = nearest["as_close_as"].value_counts()
    shown = list(dict.fromkeys(zip(matches["study"], matches["sample"], strict=True)))[:MOST_ROWS]
    groups = dict(list(ordered[ordered["sample"].isin({name for _, name in shown})].groupby(["study", "sample"])))
    return MatchesView(
        n=len(nearest),
        levels=[(key, words[key], f"{counts.get(key, 0):,}") for key in words if set(words) & set(counts.index)],
        labels=_nearest_by(nearest, "label", "match_label", "unlabelled"),
        categories=_by_category(nearest),
        rows=[_row(groups[key], words) for key in shown],
    )


def _nearest_by(nearest: pd.DataFrame, own: str, theirs: str, unknown: str) -> list[tuple[str, str, str]]:
    found = []
    for name, group in nearest.groupby(own):
        counts = group[theirs].value_counts()
        ordered = sorted(counts.index, key=lambda n: (-counts[n], n))
        found.append((str(name) or unknown, len(group), enumerated([f"{n or unknown} {counts[n]:,}" for n in ordered])))
    ranked = sorted(found, key=lambda item: (-item[1], item[0]))[:_MOST_LABELS]
    return [(name, f"{n:,}", names) for name, n, names in ranked]


def _by_category(nearest: pd.DataFrame) -> list[tuple[str, str, str]]:
    columns = ["sample_category", "match_sample_category"]
    if (nearest[columns[0]] == "").all():
        return []
    said = nearest[columns].apply(lambda column: column.str.replace("_", " "))
    return _nearest_by(said, columns[0], columns[1], "unknown")


def _row(group: pd.DataFrame, words: dict[str, str]) -> MatchRow:
    first = group.iloc[0]
    near = [_near(row) for row in group.to_dict("records")]
    p = first["p_same_label"]
    return MatchRow(
        sample=first["sample"], study=first["study"], label=first["label"],
        is_predicted=first["label_from"] == "predicted", category=first["sample_category"].replace("_", " "),
        nearest=near[0], others=near[1:],
        level=words.get(first["as_close_as"], first["as_close_as"]), p_same_label="" if pd.isna(p) else f"{p:.2f}",
    )  # fmt: skip


def _near(row: dict) -> Near:
    about = (row["match_label"], row["match_sample_category"].replace("_", " "), row["match_study"])
    return Near(
        row["match"], row["match_label"], ", ".join(filter(None, about)), f"{row['similarity']:.2f}".replace("-", "−")
    )
