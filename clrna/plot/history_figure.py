"""Training curves as a static figure, one small plot for each term."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from clrna.plot.figure_style import ACCENT, MUTED, RULE, figure_style, new_figure
from clrna.plot.palette import COLORS
from clrna.results.history import History

_WIDTH, _HEIGHT = 2.6, 1.9  # of one plot, in inches
_ACROSS = 3
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
    across = min(_ACROSS, len(history.curves))
    rows = math.ceil(len(history.curves) / across)
    width, height = max(across * _WIDTH, 3.6), rows * _HEIGHT + 0.75
    with figure_style():
        figure = new_figure(width, height)
        figure.text(
            0.15 / width, 1 - 0.15 / height, title or "Training curves", fontsize=11, fontweight="bold", va="top"
        )
        for number, (term, curves) in enumerate(history.curves.items()):
            row, column = divmod(number, across)
            left, bottom = column * _WIDTH + 0.5, height - 0.75 - (row + 1) * _HEIGHT + 0.5
            place = (left / width, bottom / height, (_WIDTH - 0.65) / width, (_HEIGHT - 0.65) / height)
            _curves(figure.add_axes(place), term, curves, history)
        lines = {
            name: line for axes in figure.axes for line, name in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(
            lines.values(), lines.keys(), loc="upper left", bbox_to_anchor=(0.12 / width, 1 - 0.35 / height), ncols=3
        )
    return figure


def _curves(axes: Axes, term: str, curves: dict[str, np.ndarray], history: History) -> None:
    axes.set_title(term.replace("_", " "), fontsize=8)
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
    axes.tick_params(length=0)
    axes.set_xlabel("epoch", fontsize=7, labelpad=1)
