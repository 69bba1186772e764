"""The first genes for and against each label as a static figure: a small plot of bars for each label."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from clrna.errors import InputError
from clrna.plot.figure_style import ACCENT, BASELINE, INK, MUTED, RULE, cut, figure_style, new_figure
from clrna.quoted import listed
from clrna.results.gene_table import AGAINST, FOR, OTHERS

# All in inches.
_BARS = 1.7
_ROW = 0.14
_HEAD, _FOOT = 0.32, 0.3
_LETTER = 0.065
_TOP = 0.76
_MOST_ACROSS = 5
# Genes that are drawn on either side, and letters of a name.
_GENES = 10
_READ = ("label", "against", "sample", "direction", "rank", "gene", "contribution", "value")
_MOST_OF_GENE, _MOST_OF_LABEL = 18, 34


def genes_figure(table: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw what the first genes add to each label, and what they take from it.

    Parameters
    ----------
    table
        Of labels, with the columns of :mod:`clrna.results.gene_table`; the rows of samples are left out.
    title
        Above everything.

    Raises
    ------
    InputError
        No label has a gene, or the table is another one.
    """
    missing = [name for name in _READ if name not in table]
    if missing:
        raise InputError(f"the table of genes has no column {listed(missing, marks=True)}; make it by clrna-explain")
    labels = table[table["sample"] == ""]
    groups = [_first(group) for _, group in labels.groupby("label", sort=False)]
    if not groups:
        raise InputError("--figure: no label has a gene for or against it, so there is nothing to draw")
    longest = max(len(name) for group in groups for name in _names(group))
    margin = 0.2 + longest * _LETTER
    across = min(_MOST_ACROSS, max(2, math.ceil(math.sqrt(len(groups)))))
    inner = max(len(group) for group in groups) * _ROW
    depth = inner + _HEAD + _FOOT
    width = across * (margin + _BARS) + 0.2
    height = _TOP + math.ceil(len(groups) / across) * depth
    with figure_style():
        figure = new_figure(width, height)
        name = title or "Genes for and against each label"
        figure.text(0.15 / width, 1 - 0.12 / height, name, fontsize=11, fontweight="bold", va="top")
        figure.text(
            0.15 / width, 1 - 0.34 / height,
            f"what a gene adds to the label's logit beside {_told_from(labels)}",
            color=MUTED, va="top",
        )  # fmt: skip
        for number, group in enumerate(groups):
            row, column = divmod(number, across)
            left = column * (margin + _BARS) + margin
            own = len(group) * _ROW
            bottom = height - _TOP - row * depth - _HEAD - own
            axes = figure.add_axes((left / width, bottom / height, (_BARS - 0.1) / width, own / height))
            _bars(axes, group)
    return figure


def _told_from(labels: pd.DataFrame) -> str:
    """Return what stands beside each label, and what an arrow says of it."""
    named = [str(name) for name in labels["against"].unique() if name != OTHERS]
    if not named:
        return "the mean of all others\n↓ less of it than in the others"
    whose = cut(named[0], _MOST_OF_LABEL) if len(named) == 1 else "the label it is told from"
    return f"that of {whose}\n↓ less of it than there"


def _first(group: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are drawn, the strongest gene for the label at the top and the one against it at the end."""
    first = group[group["rank"] <= _GENES]
    return pd.concat([first[first["direction"] == FOR], first[first["direction"] == AGAINST].iloc[::-1]])


def _bars(axes: Axes, group: pd.DataFrame) -> None:
    values = group["contribution"].to_numpy(dtype=float)
    places = np.arange(len(group))[::-1]
    axes.barh(places, values, height=0.72, color=np.where(values > 0, ACCENT, BASELINE))
    axes.set_yticks(places, _names(group), color=INK)
    axes.set_ylim(-0.6, len(group) - 0.4)
    axes.axvline(0, color=MUTED, linewidth=0.6)
    axes.set_title(cut(group["label"].iloc[0], _MOST_OF_LABEL), fontsize=8, pad=4)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.grid(axis="x", color=RULE, linewidth=0.5)


def _names(group: pd.DataFrame) -> list[str]:
    """Return the genes' names, with an arrow where the label has less of the gene than the others."""
    arrows = np.where(group["value"].to_numpy(dtype=float) < 0, " ↓", "")
    return [cut(gene, _MOST_OF_GENE) + arrow for gene, arrow in zip(group["gene"], arrows, strict=True)]
