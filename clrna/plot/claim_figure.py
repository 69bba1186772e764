"""The first picture as a static figure: the model and ComBat beside each other, by label and by study."""

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from clrna.plot.claim import Claim
from clrna.plot.columns import Column
from clrna.plot.embedding_figure import darker, entry, handle
from clrna.plot.figure_style import CLOUD, INK, MARKERS, MUTED, RULE, cut, figure_style, new_figure
from clrna.plot.islands import MARGIN, IslandName

_TINT = 0.38

# All in inches.
_PANEL = 2.55
_GAP, _PAIR_GAP = 0.12, 0.38
_SIDE = 0.2
_TOP, _TITLES = 0.66, 0.45
_LINE = 0.17
_NUMBERS_LINE = 0.19
_LETTER = 0.058
_LETTER_OF_NUMBERS, _LETTER_OF_NOTE = 0.0575, 0.0715
_TONES = {"better": "#09745c", "worse": "#a4123f"}  # of a bar before what the interval shows
_BOTTOM = 0.12
_NAME = 0.7  # of a column, before its legend


def claim_figure(claim: Claim, *, title: str = "", numbers: Sequence[str] = ()) -> Figure:
    """Draw the picture.

    Parameters
    ----------
    claim
        From :func:`clrna.plot.claim.claim_of`.
    title
        Above everything; what is in front unless given.
    numbers
        Sentences that stand below: the scores with their intervals.
    """
    pairs = len(claim.projections)
    width = max(2 * _SIDE + pairs * (2 * _PANEL + _GAP) + (pairs - 1) * _PAIR_GAP, 2 * _SIDE + 5.2)
    room = int((width - 2 * _SIDE - 0.1) / _LETTER_OF_NUMBERS)
    lines = [
        (line, _TONES.get(getattr(text, "verdict", ""), RULE), number > 0)
        for text in numbers
        for number, line in enumerate(textwrap.wrap(text, room))
    ]
    rows = [_rows(claim, column, extra, width) for column, extra in zip(claim.columns, ("", claim.behind), strict=True)]
    legend = (sum(rows) + len(rows) * 0.4) * _LINE
    above = _TOP + (len(_wrapped(claim.how_to_read, width)) - 1) * _LINE
    height = above + _TITLES + _PANEL + 0.2 + legend + (len(lines) * _NUMBERS_LINE + 0.2 if lines else 0) + _BOTTOM
    with figure_style():
        figure = new_figure(width, height)
        _head(figure, title or claim.heading, claim.how_to_read)
        bottom = height - above - _TITLES - _PANEL
        for pair, (key, name) in enumerate(zip(claim.projections, claim.names, strict=True)):
            left = _SIDE + pair * (2 * _PANEL + _GAP + _PAIR_GAP)
            figure.text(
                left / width, (bottom + _PANEL + 0.27) / height, name, fontsize=11, fontweight="bold", va="bottom"
            )
            for number, column in enumerate(claim.columns):
                place = (left + number * (_PANEL + _GAP), bottom, _PANEL, _PANEL)
                axes = figure.add_axes((place[0] / width, place[1] / height, place[2] / width, place[3] / height))
                axes.set_title(f"by {column.name.replace('_', ' ')}", fontsize=8.5, color=INK, fontweight="normal")
                draw_panel(axes, claim, key, column)
                _name_islands(axes, claim.names_of_islands(key, column))
        top = bottom - 0.2
        for column, extra, depth in zip(claim.columns, ("", claim.behind), rows, strict=True):
            _legend(figure, claim, column, extra, top)
            top -= (depth + 0.4) * _LINE
        for number, (line, tone, goes_on) in enumerate(lines):
            at = (top - 0.1 - number * _NUMBERS_LINE) / height
            figure.text((_SIDE + 0.1) / width, at, line, fontsize=8, va="top", color=INK)
            bar = ((_SIDE + 0.02) / width, at - (_NUMBERS_LINE - 0.02) / height)
            # The bar of a sentence has no gap between its lines.
            tall = _NUMBERS_LINE - (0 if goes_on else 0.02)
            figure.add_artist(Rectangle(bar, 0.03 / width, tall / height, color=tone, linewidth=0))
    return figure


def draw_panel(axes: Axes, claim: Claim, key: str, column: Column) -> None:
    """Draw one embedding by one column: grey behind, in front in color, the rarest last."""
    points = claim.projections[key].coordinates
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(RULE)
    behind, labels = claim.cloud(key, column)
    small = float(np.clip(5000 / (len(behind) + claim.front.sum()), 3, 14))
    axes.scatter(behind[:, 0], behind[:, 1], s=small, c=cloud_colors(claim, column, labels), linewidths=0)
    size = float(np.clip(5000 / max(claim.front.sum(), 1), 7, 34))
    for label in sorted(column.counts, key=lambda name: (name != "", -column.counts[name])):
        chosen = points[claim.front & (column.values == label)]
        style = (column.styles or {})[label]
        shape, scale = MARKERS[style.marker]
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=size * scale**2, marker=shape, linewidths=0.4,
            color=claim.fill(column, label), edgecolors=[darker(style.color)],
        )  # fmt: skip
    axes.margins(MARGIN)


def _name_islands(axes: Axes, names: Sequence[IslandName]) -> None:
    halo = [withStroke(linewidth=1.8, foreground="white")]
    for name in names:
        axes.text(
            name.x, name.y, name.name, transform=axes.transAxes, ha="center", va="top", fontsize=6.5, color=INK,
            path_effects=halo,
        )  # fmt: skip


def cloud_colors(claim: Claim, column: Column, behind: NDArray) -> list[str]:
    """Return the colors of the samples behind: grey; by label with a tint of the labels that are in front.

    Without it, samples that gather in the wrong place would look as good as those that gather in the right one.
    """
    if column is not claim.columns[0]:
        return [CLOUD] * len(behind)
    tints = {label: tint(column.styles[label].color) for label in column.counts if label and column.styles}
    return [tints.get(label, CLOUD) for label in behind]


def tint(color: str) -> str:
    """Return the grey of the cloud with a tint of a color."""
    red, green, blue = (_TINT * a + (1 - _TINT) * b for a, b in zip(to_rgb(color), to_rgb(CLOUD), strict=True))
    return to_hex((red, green, blue))


def _wrapped(note: str, width: float) -> list[str]:
    return textwrap.wrap(note, int((width - 2 * _SIDE) / _LETTER_OF_NOTE))


def _head(figure: Figure, title: str, note: str) -> None:
    width, height = figure.get_size_inches()
    letters = int((width - 2 * _SIDE) / 0.093)
    figure.text(_SIDE / width, 1 - 0.16 / height, cut(title, letters), fontsize=12, fontweight="bold", va="top")
    figure.text(_SIDE / width, 1 - 0.42 / height, "\n".join(_wrapped(note, width)), fontsize=8.5, color=MUTED, va="top")


def _entries(claim: Claim, column: Column) -> list[str]:
    return [entry(label or claim.unnamed, count) for label, count in column.counts.items()]


def _behind(claim: Claim) -> str:
    return f"{claim.behind} ({claim.n_behind:,})"


def _across(names: Sequence[str], width: float) -> int:
    return max(1, int((width - 2 * _SIDE - _NAME) / (max(map(len, names), default=1) * _LETTER + 0.35)))


def _rows(claim: Claim, column: Column, behind: str, width: float) -> int:
    names = _entries(claim, column) + ([_behind(claim)] if behind else [])
    return max(1, math.ceil(len(names) / _across(names, width)))


def _legend(figure: Figure, claim: Claim, column: Column, behind: str, top: float) -> None:
    width, height = figure.get_size_inches()
    names = _entries(claim, column)
    across = _across([*names, _behind(claim)] if behind else names, width)
    handles = [handle((column.styles or {})[label]) for label in column.counts]
    for line, label in zip(handles, column.counts, strict=True):
        line.set_markerfacecolor(claim.fill(column, label))
    if behind:
        handles.append(Line2D([], [], linestyle="", marker="o", markersize=4, color=CLOUD))
        names.append(_behind(claim))
    what = cut(column.name.replace("predicted_", "").replace("_", " "), int(_NAME / _LETTER))
    figure.text(_SIDE / width, (top + 0.005) / height, what, fontsize=7, color=MUTED, va="top")
    figure.legend(
        handles, names, loc="upper left", bbox_to_anchor=((_SIDE + _NAME) / width, top / height),
        ncols=min(across, len(names)),
        borderaxespad=0, borderpad=0, handletextpad=0.2, handlelength=1.2, labelspacing=0.45, columnspacing=1.2,
    )  # fmt: skip
