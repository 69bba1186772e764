"""Every score as a row of the last table."""

import math
from dataclasses import dataclass

import pandas as pd

from clrna.constants import X_COMBAT
from clrna.metrics.catalogue import metric_name
from clrna.report import numbers
from clrna.results.embeddings import embedding_name
from clrna.results.versus import versus_combat


@dataclass(frozen=True)
class ScoreRow:
    """One score, as text, with what its columns are sorted by."""

    embedding: str
    metric: str
    split: str
    study: str
    value: str
    sort_value: str
    interval: str
    sort_low: str
    n: str
    sort_n: str
    direction: str
    headline: bool
    in_sample: bool
    remarks: str


def score_rows(scores: pd.DataFrame) -> list[ScoreRow]:
    """Return the rows in the order of the table of scores."""
    return [_row(record) for record in scores.to_dict("records")]


def filters(rows: list[ScoreRow]) -> list[tuple[str, list[str]]]:
    """Return the values of the columns that the table can be narrowed by, in the order of its columns."""
    columns = ("embedding", "metric", "split", "study")
    return [(name, [value for value in dict.fromkeys(getattr(row, name) for row in rows) if value]) for name in columns]


def _row(record: dict) -> ScoreRow:
    return ScoreRow(
        embedding=embedding_name(record["embedding"]),
        metric=_metric(record["metric"], record["label_key"]),
        split=record["split"],
        study=record["study"],
        value=numbers.score(record["value"]),
        sort_value=_key(record["value"]),
        interval=numbers.interval(record["ci_low"], record["ci_high"]),
        sort_low=_key(record["ci_low"]),
        n=numbers.count(record["n"]),
        sort_n=_key(record["n"]),
        direction=record["direction"],
        headline=record["headline"],
        in_sample=record["in_sample"],
        remarks="; ".join(filter(None, (record["reason"], _against(record), record["note"]))),
    )


def _against(record: dict) -> str:
    versus = versus_combat(record)
    return f"minus {embedding_name(X_COMBAT)}: {versus.signed}" if versus else ""


def _metric(metric: str, label_key: str) -> str:
    """Return a metric's name with that of the column whose values it looks at."""
    name = metric_name(metric, label_key)
    return name if not label_key or name != metric_name(metric) else f"{name} ({label_key})"


def _key(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else ""
