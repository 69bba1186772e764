"""Embeddings beside each other on one metric: a table whose middle column is a plot."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from clrna.constants import X_CLRNA
from clrna.metrics.catalogue import metric_name
from clrna.report import numbers
from clrna.results.embeddings import embedding_name
from clrna.results.score_views import split_name


@dataclass(frozen=True)
class DotRow:
    """One embedding; positions are percent of the plot's width, None where there is nothing to draw."""

    name: str
    emphasized: bool  # a trained model's codes, the rest are baselines
    best: bool
    value: str
    interval: str
    n: str
    in_sample: bool
    reason: str
    dot: float | None
    left: float | None
    width: float | None


@dataclass(frozen=True)
class DotPlot:
    """One metric on one part of the data."""

    title: str
    metric: str
    label_key: str
    split: str
    study: str
    direction: str  # 'higher', 'lower' or ''
    n: str  # samples behind every value, '' where that differs
    ticks: list[tuple[float, str]]
    rows: list[DotRow]


def dot_plots(scores: pd.DataFrame) -> list[DotPlot]:
    """Return a plot for each metric, label, split and study, in the order of the table."""
    keys = ["metric", "label_key", "split", "study"]
    return [_plot(group) for _, group in scores.groupby(keys, sort=False)]


def _plot(group: pd.DataFrame) -> DotPlot:
    first = group.iloc[0]
    low, high = _range(group[["value", "ci_low", "ci_high"]].to_numpy().ravel())
    best = best_fair_value(group)
    return DotPlot(
        title=metric_name(first["metric"], first["label_key"]),
        metric=first["metric"],
        label_key=first["label_key"],
        split=split_name(first["split"]),
        study=first["study"],
        direction=first["direction"],
        n=numbers.count(first["n"]) if group["n"].nunique(dropna=False) == 1 else "",
        ticks=[(100 * at, numbers.score(low + at * (high - low))) for at in (0.0, 0.5, 1.0)],
        rows=[_row(record, low, high, best) for record in group.to_dict("records")],
    )


def _row(record: dict, low: float, high: float, best: float | None) -> DotRow:
    def place(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

    value, ci_low, ci_high = record["value"], record["ci_low"], record["ci_high"]
    has_interval = math.isfinite(ci_low) and math.isfinite(ci_high) and math.isfinite(value)
    return DotRow(
        name=embedding_name(record["embedding"]),
        emphasized=record["embedding"].startswith(X_CLRNA),
        best=best is not None and value == best and not record["in_sample"],
        value=numbers.score(value),
        interval=numbers.interval(ci_low, ci_high),
        n=numbers.count(record["n"]),
        in_sample=record["in_sample"],
        reason=record["reason"],
        dot=place(value) if math.isfinite(value) else None,
        left=place(ci_low) if has_interval else None,
        width=round(place(ci_high) - place(ci_low), 2) if has_interval else None,
    )


def _range(values: Iterable[float]) -> tuple[float, float]:
    """Return the ends of the axis: 0 to 1 for shares, round numbers about the values for all else."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= -1 and high <= 1:
        return -1.0, 1.0
    low, high = min(low, 0.0), max(high, 0.0)
    step = 10 ** math.floor(math.log10(high - low)) / 2
    return math.floor(low / step) * step, math.ceil(high / step) * step


def best_fair_value(group: pd.DataFrame) -> float | None:
    """Return the best value among those that are not in-sample, None where there is nothing to compare."""
    fair = group[~group["in_sample"] & group["value"].notna()]
    if len(fair) < 2 or fair["direction"].iloc[0] not in ("higher", "lower"):
        return None
    return float(fair["value"].max() if fair["direction"].iloc[0] == "higher" else fair["value"].min())
