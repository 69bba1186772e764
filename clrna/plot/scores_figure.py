"""Embeddings side by side as a static figure: a small plot for each metric, an interval for each embedding."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from clrna.metrics.catalogue import METRICS, SCORED, metric_name
from clrna.plot.figure_style import ACCENT, BASELINE, INK, MUTED, RULE, cut, figure_style, new_figure
from clrna.results.embeddings import embedding_name
from clrna.results.score_views import comparison, split_name

# All in inches.
_WIDTH = 2.85
_ROW = 0.2
_HEAD, _FOOT = 0.6, 0.3
_LETTER = 0.062
_TOP = 0.85
_ACROSS = 3
_MAX_NAME = 28
_TITLE_LETTERS = 36
_REASON_LETTERS = 42
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
    names = max(len(cut(embedding_name(key), _MAX_NAME)) for key in scores["embedding"])
    margin = 0.3 + names * _LETTER
    across = min(_ACROSS, len(groups))
    held_against = [_yardsticks_of(group["metric"].iloc[0], marks) for group in groups]
    sizes = [len(group) + _lines_of(found) for group, found in zip(groups, held_against, strict=True)]
    depths = [max(sizes[at : at + across]) * _ROW + _HEAD + _FOOT for at in range(0, len(groups), across)]
    width = across * (margin + _WIDTH) + 0.1
    height = _TOP + sum(depths)
    with figure_style():
        figure = new_figure(width, height)
        figure.text(0.15 / width, 1 - 0.15 / height, title or "Scores", fontsize=11, fontweight="bold", va="top")
        _legend(figure)
        for number, group in enumerate(groups):
            row, column = divmod(number, across)
            left = column * (margin + _WIDTH) + margin
            inner = sizes[number] * _ROW
            bottom = height - _TOP - sum(depths[:row]) - _HEAD - inner
            axes = figure.add_axes((left / width, bottom / height, (_WIDTH - 0.45) / width, inner / height))
            _metric(axes, group, held_against[number])
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


def _lines_of(yardsticks: dict[str, float]) -> float:
    """Return the height of their names, in rows."""
    return 0.3 + 0.65 * len(yardsticks) if yardsticks else 0.0


def _metric(axes: Axes, group: pd.DataFrame, yardsticks: dict[str, float]) -> None:
    first = group.iloc[0]
    arrow = {"higher": "higher is better", "lower": "lower is better"}.get(first["direction"], "")
    title = textwrap.fill(metric_name(first["metric"], first["label_key"]), _TITLE_LETTERS)
    axes.set_title(title, fontsize=8, pad=12.5, linespacing=1.1)
    same = group["n"].nunique(dropna=False) == 1 and first["n"] > 0
    size = f"n = {first['n']:,.0f}" if same else ""
    label = "" if first["label_key"] == _label_in(title) else first["label_key"].replace("_", " ")
    about = " · ".join(part for part in (label, split_name(first["split"]), size, arrow) if part)
    axes.text(0, 1.02, about, transform=axes.transAxes, fontsize=6.5, color=MUTED, va="bottom")
    places = np.arange(len(group))[::-1]
    nothing = not np.isfinite(group["value"]).any()
    if nothing:
        reasons = "; ".join(dict.fromkeys(reason for reason in group["reason"] if reason)) or "not computed"
        text = textwrap.fill(f"Not computed: {reasons}", _REASON_LETTERS)
        axes.text(0.02, 0.5, text, transform=axes.transAxes, fontsize=6.5, color=MUTED, va="center")
    else:
        for place, row in zip(places, group.to_dict("records"), strict=True):
            _score(axes, float(place), row, with_n=not same)
    axes.set_yticks(places, [cut(embedding_name(key), _MAX_NAME) for key in group["embedding"]])
    axes.set_ylim(-0.6 - _lines_of(yardsticks), len(group) - 0.4)
    axes.tick_params(length=0)
    axes.tick_params(axis="y", pad=6)  # a mark at 0 reaches beyond the axis
    for label in axes.get_yticklabels():
        label.set_color(INK)
    if nothing:
        axes.set_xticks([])
        return
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.margins(x=0.08)
    _scale(axes, group)
    _draw_yardsticks(axes, yardsticks)


def _label_in(title: str) -> str:
    """Return the name of the label with which a title begins."""
    return title.split(" ", 1)[0].lower()


def _draw_yardsticks(axes: Axes, yardsticks: dict[str, float]) -> None:
    """Draw what the scores are to be held against, each with its name on a line of its own beside its mark."""
    low, high = axes.get_xlim()
    for number, (name, value) in enumerate(sorted(yardsticks.items(), key=lambda item: item[1])):
        axes.axvline(value, color=MUTED, linewidth=0.8, linestyle=":")
        left = (value - low) > 0.6 * (high - low)
        text = f"{name} " if left else f" {name}"
        axes.text(
            value, -1.05 - 0.65 * number, text, fontsize=6, color=MUTED, va="center", ha="right" if left else "left",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        )  # fmt: skip


def _scale(axes: Axes, group: pd.DataFrame) -> None:
    """Choose the axis: a share's ends at 0 and 1; an index without an upper end is logarithmic where it spreads far."""
    values = group["value"].dropna()
    metric = METRICS.get(group["metric"].iloc[0])
    if metric is not None and metric.bounds == (0, 1):
        ends = group[["value", "ci_low", "ci_high"]].to_numpy(dtype=float)
        axes.set_xlim(min(0.0, np.nanmin(ends)), max(1.0, np.nanmax(ends)))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        return
    if len(values) and values.min() > 0 and values.max() > max(1.0, _LOG_FROM * values.min()):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))


def _score(axes: Axes, place: float, row: dict, *, with_n: bool) -> None:
    edge = axes.get_yaxis_transform()
    if not np.isfinite(row["value"]):
        axes.text(
            0.01,
            place,
            cut(row["reason"] or "not computed", 44),
            transform=edge,
            fontsize=6,
            color=MUTED,
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        )
        return
    color = ACCENT if row["embedding"].startswith("X_clrna") else BASELINE
    if np.isfinite(row["ci_low"]) and np.isfinite(row["ci_high"]):
        axes.plot(
            [row["ci_low"], row["ci_high"]],
            [place, place],
            color=color,
            linewidth=2,
            solid_capstyle="round",
            clip_on=False,
        )
    fill = "white" if row["in_sample"] else color
    axes.plot(
        [row["value"]],
        [place],
        "o",
        markersize=5.5,
        color=color,
        markerfacecolor=fill,
        markeredgewidth=1.3,
        clip_on=False,
        zorder=3,
    )
    count = f"n={row['n']:,.0f}" if with_n and np.isfinite(row["n"]) else ""
    axes.text(1.03, place, count, transform=edge, fontsize=6, color=MUTED, va="center")
