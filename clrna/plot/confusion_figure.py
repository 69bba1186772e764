"""Confusion matrices as a static figure, one beneath the other."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clrna.plot.figure_style import INK, MUTED, cut, figure_style, new_figure
from clrna.results.confusion import GROUPS, Confusion

# All in inches.
_CELL = 0.27
_LETTER = 0.055  # width of a letter of a tick label
_LONGEST_NAME = 40
_HEAD = 0.55
_MIN_SIDE = 1.6
_KEY = 0.3
_SHADES: dict[str, Any] = {"cmap": "Blues", "vmin": 0, "vmax": 1.1}


def confusion_figure(matrices: Sequence[Confusion], *, title: str = "") -> Figure:
    """Draw each matrix with its counts; the shade is the share of the true label.

    Parameters
    ----------
    matrices
        At least one, from :func:`clrna.results.confusion.confusions`.
    title
        Above everything.
    """
    margin = 0.5 + _LETTER * max(len(cut(label, _LONGEST_NAME)) for item in matrices for label in item.labels)
    sides = [max(_MIN_SIDE, _CELL * len(item.labels)) for item in matrices]
    width = max(margin + max(sides) + 1.1, 5.2)
    blocks = [side + margin + _HEAD for side in sides]
    height = sum(blocks) + 0.5 + _KEY
    with figure_style():
        figure = new_figure(width, height)
        figure.text(
            0.15 / width, 1 - 0.15 / height, title or "Confusion matrix", fontsize=11, fontweight="bold", va="top"
        )
        _key(figure)
        top = height - 0.5 - _KEY
        for item, side, block in zip(matrices, sides, blocks, strict=True):
            bottom = top - _HEAD - side
            axes = figure.add_axes((margin / width, bottom / height, side / width, side / height))
            _matrix(axes, item)
            figure.text(0.15 / width, (top - 0.05) / height, _heading(item, width), fontsize=8, color=MUTED, va="top")
            top -= block
    return figure


def _key(figure: Figure) -> None:
    """Draw what the shades mean, below the title."""
    width, height = figure.get_size_inches()
    bottom = (height - 0.58) / height
    axes = figure.add_axes((0.3 / width, bottom, 1.2 / width, 0.11 / height))
    axes.imshow(np.linspace(0, 1, 120)[np.newaxis], aspect="auto", extent=(0, 1, 0, 1), **_SHADES)
    axes.set_axis_off()
    middle = bottom + 0.055 / height
    figure.text(0.25 / width, middle, "0", fontsize=7, color=MUTED, ha="right", va="center")
    text = "100 % of the samples with that true label; numbers are counts"
    figure.text(1.56 / width, middle, text, fontsize=7, color=MUTED, va="center")


def _heading(item: Confusion, width: float) -> str:
    about = GROUPS[item.group]
    text = f"{about[0].upper()}{about[1:]}: {item.n:,} samples, {item.accuracy:.0%} correct"
    return textwrap.fill(text, int(width * 15))


def _matrix(axes: Axes, item: Confusion) -> None:
    shares = item.shares
    axes.imshow(shares, aspect="equal", interpolation="nearest", **_SHADES)
    names = [cut(label, _LONGEST_NAME) for label in item.labels]
    places = np.arange(len(names))
    axes.set_xticks(places, names, rotation=90)
    axes.set_yticks(places, names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.tick_params(length=0, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for row, column in zip(*np.nonzero(item.counts), strict=True):
        color = "white" if shares[row, column] > 0.55 else INK
        count = int(item.counts[row, column])
        axes.text(column, row, str(count), ha="center", va="center", fontsize=6 if count < 1000 else 5, color=color)
    _recall(axes, item)


def _recall(axes: Axes, item: Confusion) -> None:
    """Write the recall of each true label on the right."""
    across = len(item.labels)
    axes.text(across - 0.3, -0.75, "recall", fontsize=6.5, color=MUTED, va="center")
    for row, value in enumerate(item.recall):
        if np.isfinite(value):
            axes.text(across - 0.3, row, f"{value:.0%}", fontsize=6.5, color=MUTED, va="center")
    axes.set_xlim(-0.5, across - 0.5)
