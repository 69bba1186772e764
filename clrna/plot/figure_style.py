"""How every static figure looks, and how it is saved so that the same data give the same bytes."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from clrna.errors import UsageError
from clrna.io.output.atomic import replacing

INK = "#1f2933"
MUTED = "#616e7c"
RULE = "#d9dee4"
ACCENT = "#027589"
BASELINE = "#8a94a0"
CLOUD = "#d3d8de"  # of samples that stand behind others

# Names of marker shapes in matplotlib, and how much larger each is drawn so that all look equally large.
MARKERS = {
    "circle": ("o", 1.0), "square": ("s", 0.85), "triangle-up": ("^", 1.15), "diamond": ("D", 0.8),
    "triangle-down": ("v", 1.15), "x": ("X", 1.2), "pentagon": ("p", 1.2), "star": ("*", 1.8),
    "cross": ("P", 1.25), "hexagon2": ("h", 1.2), "triangle-left": ("<", 1.15), "triangle-right": (">", 1.15),
}  # fmt: skip

# A file must not depend on when it was written, nor on a random number in the identifiers of an SVG.
_NO_DATE = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
FORMATS = tuple(_NO_DATE)
_LONGEST = 2**16 - 1  # pixels of matplotlib's Agg
_MOST_PIXELS = 250_000_000  # a gigabyte, and 8 s of a core; a page at 1,600 dpi

_STYLE: dict[Any, Any] = {
    # In an SVG text stays text, in the first of these that a reader has; here all is measured with the first.
    "font.family": ["DejaVu Sans"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "text.parse_math": False,  # a label is text, whatever dollar signs it holds
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "clrna",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "pdf.compression": 9,
}

# What no XML, and so no SVG with text in it, may hold, and the mark of byte order, over which matplotlib 3.11 stumbles
# in a PDF; drawn as Python writes it in its code.
_NOT_DRAWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@contextlib.contextmanager
def figure_style() -> Iterator[None]:
    """Draw with this project's look, and nothing of the reader's own matplotlib settings."""
    with mpl.rc_context(), mpl.style.context("default"):
        mpl.rcParams.update(_STYLE)
        yield


def cut(text: str, length: int) -> str:
    """Return a name on one line, cut where it has more letters than there is room for."""
    flat = " ".join(str(text).split())
    return flat if len(flat) <= length else f"{flat[: length - 1]}…"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches, outside of pyplot's memory."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path, dpi: int) -> None:
    """Write a figure in the format of the file's ending, whole or not at all, without a date."""
    kind = path.suffix.lower()
    width, height = figure.get_size_inches()
    most = int(min(_LONGEST / max(width, height), (_MOST_PIXELS / (width * height)) ** 0.5))
    if kind == ".png" and dpi > most:
        raise UsageError(
            f"--dpi {dpi}: the figure would have {width * dpi:,.0f} x {height * dpi:,.0f} pixels; take {most} at most"
        )
    for text in figure.findobj(Text):
        text.set_text(_NOT_DRAWN.sub(lambda match: repr(match[0])[1:-1], text.get_text()))
    with figure_style(), replacing(path) as temporary:
        # The matrices in a .pdf or .svg are drawn as finely, whose drawing has no pixels else.
        figure.savefig(temporary, format=kind[1:], dpi=min(dpi, most), metadata=_NO_DATE[kind])
