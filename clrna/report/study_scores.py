"""Scores of single studies: a table of study x embedding for each metric."""

from dataclasses import dataclass

import pandas as pd

from clrna.constants import SPLITS, X_CLRNA
from clrna.metrics.catalogue import TRANSFER, metric_name
from clrna.report import numbers
from clrna.report.dot_plot import best_fair_value
from clrna.results.embeddings import embedding_name, reading_order
from clrna.results.score_views import by_study, split_name

_MOST_REASONS = 2


@dataclass(frozen=True)
class Cell:
    """One score."""

    value: str
    interval: str
    n: str
    in_sample: bool
    best: bool
    reason: str


@dataclass(frozen=True)
class StudyScores:
    """One metric: ``rows`` holds for each study its name and a cell for each embedding, None where not scored."""

    title: str
    label_key: str
    split: str
    direction: str
    headline: bool
    of_labels: bool  # asked for a label, and not for a replicate
    embeddings: list[tuple[str, bool]]  # name, and whether it is a trained model
    rows: list[tuple[str, list[Cell | None]]]
    reason: str  # why no study has a value, '' where one has

    @property
    def about(self) -> str:
        """Whose samples were asked."""
        if not self.headline:
            return "every study"
        return "studies and donors never seen" if self.of_labels else "studies not trained on, donors may be known"


def study_scores(scores: pd.DataFrame | None) -> list[StudyScores]:
    """Return a table for each metric that was computed study by study: the headline ones, then those of all samples.

    The training and validation splits of single studies are left to the table of all scores.
    """
    if scores is None:
        return []
    rows = by_study(scores)
    rows = rows[rows["headline"] | ~rows["split"].isin(SPLITS)]
    groups = [group for _, group in rows.groupby(["metric", "label_key", "split"], sort=False)]
    return [_table(group) for group in sorted(groups, key=lambda group: not group["headline"].any())]


def _table(group: pd.DataFrame) -> StudyScores:
    first = group.iloc[0]
    keys = reading_order(group["embedding"].unique().tolist())
    rows = []
    for study, part in group.groupby("study", sort=True):
        best = best_fair_value(part)
        by_key = {record["embedding"]: _cell(record, best) for record in part.to_dict("records")}
        rows.append((str(study), [by_key.get(key) for key in keys]))
    return StudyScores(
        title=metric_name(first["metric"], first["label_key"]),
        label_key=first["label_key"],
        split=split_name(first["split"]),
        direction=first["direction"],
        headline=bool(group["headline"].any()),
        of_labels=first["metric"] == TRANSFER.key,
        reason="" if group["value"].notna().any() else _reasons(group),
        embeddings=[(embedding_name(key), key.startswith(X_CLRNA)) for key in keys],
        rows=rows,
    )


def _cell(record: dict, best: float | None) -> Cell:
    return Cell(
        value=numbers.score(record["value"]),
        interval=numbers.interval(record["ci_low"], record["ci_high"]),
        n=numbers.count(record["n"]),
        in_sample=record["in_sample"],
        best=best is not None and record["value"] == best and not record["in_sample"],
        reason=record["reason"],
    )


def _reasons(group: pd.DataFrame) -> str:
    reasons = list(dict.fromkeys(reason for reason in group["reason"] if reason))
    more = len(reasons) - _MOST_REASONS
    shown = reasons if more <= 1 else [*reasons[:_MOST_REASONS], f"{more} more studies likewise"]
    return "; ".join(shown) or "not computed"
