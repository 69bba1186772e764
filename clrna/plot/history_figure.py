"""Training curves as a static figure, one small plot for each term."""

import math
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from clrna.plot.figure_style import ACCENT, MUTED, RULE, figure_style, new_figure
from clrna.plot.palette import COLORS
from clrna.results.history import History, is_share, term_name

_WIDTH, _HEIGHT = 2.6, 1.9  # of one plot, in inches
_ACROSS = 3
_LINE, _LETTER = 0.16, 0.062
_LOOKS = {"train": (ACCENT, "-", "training"), "valid": (COLORS["maroon"], "--", "validation")}


def history_figure(history: History, *, title: str = "") -> Figure:
    """Draw each term by epoch, training and validation together.

    Parameters
    ----------
    history
        From :func:`clrna.results.history.read_history`.
    title
        Above everything.
    """
    shown = history.varying
    across = min(_ACROSS, len(shown))
    rows = math.ceil(len(shown) / across)
    width = max(across * _WIDTH, 3.6)
    why = textwrap.wrap(history.why_kept, int(width / _LETTER))
    head = 0.75 + len(why) * _LINE
    height = rows * _HEIGHT + head
    with figure_style():
        figure = new_figure(width, height)
        figure.text(
            0.15 / width, 1 - 0.15 / height, title or "Training curves", fontsize=11, fontweight="bold", va="top"
        )
        for number, (term, curves) in enumerate(shown.items()):
            row, column = divmod(number, across)
            left, bottom = column * _WIDTH + 0.5, height - head - (row + 1) * _HEIGHT + 0.5
            place = (left / width, bottom / height, (_WIDTH - 0.65) / width, (_HEIGHT - 0.65) / height)
            _curves(figure.add_axes(place), term, curves, history)
        for number, line in enumerate(why):
            at = 1 - (0.38 + number * _LINE) / height
            figure.text(0.15 / width, at, line, fontsize=7.5, color=MUTED, va="top")
        lines = {
            name: line for axes in figure.axes for line, name in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(
            lines.values(),
            lines.keys(),
            loc="upper left",
            bbox_to_anchor=(0.12 / width, 1 - (head - 0.4) / height),
            ncols=3,
        )
    return figure


def _curves(axes: Axes, term: str, curves: dict[str, np.ndarray], history: History) -> None:
    axes.set_title(term_name(term), fontsize=8)
    if history.best_epoch is not None:
        axes.axvline(history.best_epoch, color=MUTED, linewidth=0.8, linestyle=":", label="epoch kept")
    for part, values in curves.items():
        color, dashes, name = _LOOKS[part]
        known = np.isfinite(values)
        marker = "o" if known.sum() < 25 else ""
        axes.plot(
            history.epochs[known], values[known], dashes,
            color=color, linewidth=1.3, marker=marker, markersize=2.5, label=name,
        )  # fmt: skip
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.set_xlim(history.epochs[0] - 0.5, history.epochs[-1] + 0.5)
    if is_share(term):
        axes.set_ylim(0, 1)
    axes.tick_params(length=0)
    axes.set_xlabel("epoch", fontsize=7, labelpad=1)
