"""Embeddings as a static figure: a row for each embedding, a column for each way to color."""

import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from clrna.plot.columns import Column
from clrna.plot.figure_style import CLOUD, INK, MARKERS, MUTED, RULE, cut, figure_style, new_figure
from clrna.plot.palette import Style
from clrna.plot.projections import Projection
from clrna.results.embeddings import embedding_name

# All in inches.
_PANEL = 3.2
_GAP = 0.3
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.45, 0.25, 0.75, 0.2
_ROW_GAP = 0.45
_LEGEND_LINE = 0.165
_LEGEND_GAP = 0.35
_LONGEST_NAME = 44  # letters of a legend entry before it is cut
_TWO_COLUMNS = 20  # entries with names no longer than this fit two beside each other

_COLOR_SCALE = "cividis"  # made for readers with and without color vision deficiency (Nunez et al. 2018)


def embedding_figure(
    projections: Mapping[str, Projection], columns: Sequence[Column], *, title: str = "", note: str = ""
) -> Figure:
    """Draw every embedding colored by every column.

    Parameters
    ----------
    projections
        ``obsm`` key to its projection; all of the same samples.
    columns
        What to color by, of the same samples.
    title
        Above everything.
    note
        Small, beside the title: what was left out.
    """
    legend = max(_legend_height(column) for column in columns)
    rows, across = len(projections), len(columns)
    width = _LEFT + across * _PANEL + (across - 1) * _GAP + _RIGHT
    height = _TOP + rows * _PANEL + (rows - 1) * _ROW_GAP + _LEGEND_GAP + legend + _BOTTOM
    with figure_style():
        figure = new_figure(width, height)
        _head(figure, title or "Embeddings", note)
        for row, (key, projection) in enumerate(projections.items()):
            bottom = height - _TOP - row * (_PANEL + _ROW_GAP) - _PANEL
            for number, column in enumerate(columns):
                left = _LEFT + number * (_PANEL + _GAP)
                place = (left / width, bottom / height, _PANEL / width, _PANEL / height)
                _panel(
                    figure.add_axes(place),
                    projection,
                    column,
                    f"{embedding_name(key)}, by {column.name.replace('_', ' ')}",
                )
        for number, column in enumerate(columns):
            left = _LEFT + number * (_PANEL + _GAP)
            _legend(figure, column, left / width, (_BOTTOM + legend) / height, _PANEL / width)
    return figure


def _head(figure: Figure, title: str, note: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(_LEFT / width, 1 - 0.16 / height, cut(title, int(width * 9)), fontsize=11, fontweight="bold", va="top")
    if note:
        figure.text(_LEFT / width, 1 - 0.38 / height, note, fontsize=7.5, color=MUTED, va="top")


def _panel(axes: Axes, projection: Projection, column: Column, title: str) -> None:
    axes.set_title(cut(title, 48), fontsize=8.5, color=INK)
    axes.set_xlabel(projection.axes[0], fontsize=7, labelpad=2)
    axes.set_ylabel(projection.axes[1], fontsize=7, labelpad=2)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(RULE)
    if projection.note:
        note = textwrap.fill(projection.note, 50)
        axes.text(0.02, 0.02, note, transform=axes.transAxes, fontsize=6, color=MUTED, va="bottom")
    points, behind = projection.coordinates, projection.reference
    if len(behind):
        axes.scatter(behind[:, 0], behind[:, 1], s=float(np.clip(5000 / len(behind), 3, 14)), c=CLOUD, linewidths=0)
    size = float(np.clip(9000 / len(points), 5, 30))
    if column.styles is None:
        _numbers(axes, points, column.values, size)
        return
    # The rarest label last, so that it is not buried.
    for label in sorted(column.counts, key=lambda name: (name != "", -column.counts[name])):
        chosen = points[column.values == label]
        shape, scale = MARKERS[column.styles[label].marker]
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=size * scale**2, marker=shape, linewidths=0.15 if size < 8 else 0.3,
            color=column.styles[label].color, edgecolors=[darker(column.styles[label].color)],
        )  # fmt: skip
    axes.margins(0.04)


def _numbers(axes: Axes, points: np.ndarray, values: np.ndarray, size: float) -> None:
    known = np.isfinite(values)
    axes.scatter(points[~known, 0], points[~known, 1], s=size * 0.6, color=RULE, linewidths=0)
    axes.scatter(points[known, 0], points[known, 1], s=size, c=values[known], cmap=_COLOR_SCALE, linewidths=0)
    axes.margins(0.04)


def _legend_columns(column: Column) -> int:
    longest = max((len(entry(label, count)) for label, count in column.counts.items()), default=0)
    return 2 if longest <= _TWO_COLUMNS + 6 and len(column.counts) > 4 else 1


def _legend_height(column: Column) -> float:
    if column.is_numeric:
        return 0.35
    return math.ceil(len(column.counts) / _legend_columns(column)) * _LEGEND_LINE + 0.05


def _legend(figure: Figure, column: Column, left: float, top: float, width: float) -> None:
    if column.styles is None:
        _scale(figure, column, left, top, width)
        return
    handles = [handle(column.styles[label]) for label in column.counts]
    names = [entry(label, count) for label, count in column.counts.items()]
    figure.legend(
        handles, names, loc="upper left", bbox_to_anchor=(left, top, width, 0), ncols=_legend_columns(column),
        mode="expand" if _legend_columns(column) > 1 else None, borderaxespad=0, borderpad=0, handletextpad=0.3,
        handlelength=1.2, labelspacing=0.5, columnspacing=1.0,
    )  # fmt: skip


def _scale(figure: Figure, column: Column, left: float, top: float, width: float) -> None:
    known = column.values[np.isfinite(column.values)]
    if len(known) == 0:
        return
    depth = 0.12 / figure.get_size_inches()[1]
    bar = figure.add_axes((left, top - depth, width * 0.6, depth))
    figure.colorbar(
        ScalarMappable(Normalize(known.min(), known.max()), _COLOR_SCALE), cax=bar, orientation="horizontal"
    )
    bar.tick_params(labelsize=6.5, length=2)
    bar.xaxis.set_major_locator(MaxNLocator(nbins=5))


def handle(style: Style) -> Line2D:
    """Return what stands for a style in a legend."""
    shape, scale = MARKERS[style.marker]
    return Line2D(
        [], [], linestyle="", marker=shape, markersize=5 * scale, markerfacecolor=style.color,
        markeredgecolor=darker(style.color), markeredgewidth=0.4,
    )  # fmt: skip


def entry(label: str, count: int) -> str:
    """Return a label with its number of samples, for a legend."""
    return f"{cut(label or 'unlabelled', _LONGEST_NAME)} ({count:,})"


def darker(color: str) -> tuple[float, float, float]:
    """Return the outline of a point of that color."""
    red, green, blue = (0.65 * part for part in to_rgb(color))
    return red, green, blue
