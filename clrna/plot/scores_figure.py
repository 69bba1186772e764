"""Embeddings side by side as a static figure: a small plot for each metric, an interval for each embedding."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from clrna.plot.figure_style import ACCENT, BASELINE, INK, MUTED, RULE, figure_style, new_figure
from clrna.plot.names import embedding_name, metric_name
from clrna.plot.score_views import comparison

# All in inches.
_WIDTH = 2.5
_ROW = 0.2
_HEAD, _FOOT = 0.62, 0.38
_LETTER = 0.062
_TOP = 0.85
_ACROSS = 3
_MAX_NAME = 28


def scores_figure(scores: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw each metric over all studies, with its 95 % interval and the number of samples.

    Parameters
    ----------
    scores
        As :func:`clrna.plot.score_table.read_scores` returns them.
    title
        Above everything.
    """
    groups = [group for _, group in comparison(scores).groupby(["metric", "label_key"], sort=False)]
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
            _metric(axes, group)
    return figure


def _legend(figure: Figure) -> None:
    width, height = figure.get_size_inches()
    handles = [
        Line2D([], [], marker="o", linestyle="-", color=MUTED, markersize=5, label="never seen, 95 % interval"),
        Line2D([], [], marker="o", linestyle="-", color=MUTED, markerfacecolor="white", markersize=5,
               label="in-sample: the model was trained on some of it"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.12 / width, 1 - 0.36 / height), ncols=2)


def _metric(axes: Axes, group: pd.DataFrame) -> None:
    first = group.iloc[0]
    arrow = {"higher": "higher is better", "lower": "lower is better"}.get(first["direction"], "")
    axes.set_title(metric_name(first["metric"], first["label_key"]), fontsize=8.5, pad=16)
    about = " · ".join(part for part in (first["label_key"], first["split"], arrow) if part)
    axes.text(0, 1.0, about, transform=axes.transAxes, fontsize=6.5, color=MUTED, va="bottom")
    places = np.arange(len(group))[::-1]
    for place, row in zip(places, group.to_dict("records"), strict=True):
        _score(axes, float(place), row)
    axes.set_yticks(places, [_cut(embedding_name(key)) for key in group["embedding"]])
    axes.set_ylim(-0.6, len(group) - 0.4)
    axes.tick_params(length=0)
    for label in axes.get_yticklabels():
        label.set_color(INK)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.margins(x=0.08)


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
