"""Embeddings side by side as a static figure: a small plot for each metric, an interval for each embedding."""

import math
import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from clrna.metrics.catalogue import METRICS, SCORED, metric_name
from clrna.plot.figure_style import ACCENT, BASELINE, INK, MUTED, RULE, figure_style, new_figure
from clrna.results.embeddings import embedding_name
from clrna.results.score_views import comparison

# All in inches.
_WIDTH = 2.5
_ROW = 0.2
_HEAD, _FOOT = 0.56, 0.3
_LETTER = 0.062
_TOP = 0.85
_ACROSS = 3
_MAX_NAME = 28
_TITLE_LETTERS = 36
# Metrics that are no scores of an embedding but what another metric is to be held against, with their short names.
_YARDSTICKS = {metric.key: metric.short for metric in SCORED if metric.yardstick_of}
_LOG_FROM = 1000  # largest over smallest value from which an axis is logarithmic


def scores_figure(scores: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw each metric over all studies, with its 95 % interval and the number of samples.

    Parameters
    ----------
    scores
        As :func:`clrna.results.score_table.read_scores` returns them.
    title
        Above everything.
    """
    shown = comparison(scores)
    marks = shown[shown["metric"].isin(_YARDSTICKS) & shown["value"].notna()]
    groups = [
        group for _, group in shown[~shown["metric"].isin(_YARDSTICKS)].groupby(["metric", "label_key"], sort=False)
    ]
    names = max(len(_cut(embedding_name(key))) for key in scores["embedding"])
    margin = 0.25 + names * _LETTER
    across = min(_ACROSS, len(groups))
    depth = max(len(group) for group in groups) * _ROW + _HEAD + _FOOT
    width = across * (margin + _WIDTH) + 0.1
    height = _TOP + math.ceil(len(groups) / across) * depth
    with figure_style():
        figure = new_figure(width, height)
        figure.text(0.15 / width, 1 - 0.15 / height, title or "Scores", fontsize=11, fontweight="bold", va="top")
        _legend(figure)
        for number, group in enumerate(groups):
            row, column = divmod(number, across)
            left = column * (margin + _WIDTH) + margin
            inner = len(group) * _ROW
            bottom = height - _TOP - row * depth - _HEAD - inner
            axes = figure.add_axes((left / width, bottom / height, (_WIDTH - 0.45) / width, inner / height))
            _metric(axes, group, _yardsticks_of(group["metric"].iloc[0], marks))
    return figure


def _legend(figure: Figure) -> None:
    width, height = figure.get_size_inches()
    handles = [
        Line2D([], [], marker="o", linestyle="-", color=MUTED, markersize=5,
               label="study not trained on, 95 % interval"),
        Line2D([], [], marker="o", linestyle="-", color=MUTED, markerfacecolor="white", markersize=5,
               label="in-sample: the model was trained on some of it"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.12 / width, 1 - 0.36 / height), ncols=2)


def _yardsticks_of(metric: str, marks: pd.DataFrame) -> dict[str, float]:
    """Return by their short name the values that a metric is to be held against."""
    found = {}
    for name, short in _YARDSTICKS.items():
        values = marks.loc[marks["metric"] == name, "value"]
        if METRICS[name].yardstick_of == metric and len(values):
            found[short] = float(values.iloc[0])
    return found


def _metric(axes: Axes, group: pd.DataFrame, yardsticks: dict[str, float]) -> None:
    first = group.iloc[0]
    arrow = {"higher": "higher is better", "lower": "lower is better"}.get(first["direction"], "")
    title = textwrap.fill(metric_name(first["metric"], first["label_key"]), _TITLE_LETTERS)
    axes.set_title(title, fontsize=8, pad=11, linespacing=1.1)
    about = " · ".join(part for part in (first["label_key"], first["split"], arrow) if part)
    axes.text(0, 1.02, about, transform=axes.transAxes, fontsize=6.5, color=MUTED, va="bottom")
    places = np.arange(len(group))[::-1]
    for place, row in zip(places, group.to_dict("records"), strict=True):
        _score(axes, float(place), row)
    axes.set_yticks(places, [_cut(embedding_name(key)) for key in group["embedding"]])
    axes.set_ylim(-0.6, len(group) - 0.4)
    axes.tick_params(length=0)
    for label in axes.get_yticklabels():
        label.set_color(INK)
    for name, value in yardsticks.items():
        axes.axvline(value, color=MUTED, linewidth=0.8, linestyle=":")
        axes.text(value, -0.55, f" {name}", fontsize=6, color=MUTED, va="bottom")
    _scale(axes, group["value"].dropna())
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.margins(x=0.08)


def _scale(axes: Axes, values: pd.Series) -> None:
    """Choose the axis: logarithmic where an index without an upper end spreads too far to be seen otherwise."""
    if len(values) and values.min() > 0 and values.max() > max(1.0, _LOG_FROM * values.min()):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))


def _score(axes: Axes, place: float, row: dict) -> None:
    edge = axes.get_yaxis_transform()
    if not np.isfinite(row["value"]):
        axes.text(
            0.01, place, _cut(row["reason"] or "not computed", 44), transform=edge, fontsize=6, color=MUTED, va="center"
        )
        return
    color = ACCENT if row["embedding"].startswith("X_clrna") else BASELINE
    if np.isfinite(row["ci_low"]) and np.isfinite(row["ci_high"]):
        axes.plot([row["ci_low"], row["ci_high"]], [place, place], color=color, linewidth=2, solid_capstyle="round")
    fill = "white" if row["in_sample"] else color
    axes.plot([row["value"]], [place], "o", markersize=5.5, color=color, markerfacecolor=fill, markeredgewidth=1.3)
    count = f"n={row['n']:,.0f}" if np.isfinite(row["n"]) else ""
    axes.text(1.03, place, count, transform=edge, fontsize=6, color=MUTED, va="center")


def _cut(text: str, length: int = _MAX_NAME) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[: length - 1]}…"
