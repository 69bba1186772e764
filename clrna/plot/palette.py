"""Colors and marker shapes: the same tissue looks the same in every figure of every run.

Eight colors are as many as keep apart for readers with any dichromacy; beyond eight the shape of the
marker tells labels apart. The colors were found by maximizing the smallest distance between any two of
them, in OKLab, over normal vision and simulated protanopia, deuteranopia and tritanopia (Machado,
Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113), at lightnesses that show on white and on black;
``tests/plot/test_palette.py`` measures that distance.

Studies, and whatever else says where a sample comes from, have seven colors of their own, found in the same way.
None is a color of labels: nobody has to ask which of the two a point's color means.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clrna.constants import UNLABELLED

COLORS: Final = {
    "teal": "#027589",
    "ochre": "#9d6c00",
    "sky": "#92c1fb",
    "green": "#09af87",
    "navy": "#2c35a3",
    "maroon": "#880032",
    "violet": "#9a74ec",
    "yellow": "#cac400",
}
# Where samples come from: studies, categories, splits.
ORIGIN_COLORS: Final = {
    "orange": "#e1690f",
    "azure": "#00b4ff",
    "plum": "#5a2d69",
    "peach": "#ffb478",
    "indigo": "#6900ff",
    "brick": "#a52d00",
    "mauve": "#966996",
}
GREY: Final = "#cfd3d8"

# Shapes by their name in plotly; the figures translate. All filled, so that the color shows.
MARKERS: Final = (
    "circle", "square", "triangle-up", "diamond",
    "triangle-down", "x", "pentagon", "star", "cross", "hexagon2", "triangle-left", "triangle-right",
)  # fmt: skip
# Labels without a place in the tables below take shapes that the tables do not use.
_FREE_MARKERS: Final = MARKERS[4:]


@dataclass(frozen=True)
class Style:
    """How a label is drawn: ``color`` as #rrggbb, ``marker`` as plotly names it."""

    color: str
    marker: str


UNLABELLED_STYLE: Final = Style(GREY, "circle")


def _table(rows: Mapping[str, Sequence[str]], colors: Mapping[str, str] = COLORS) -> dict[str, Style]:
    """Read rows of names, one a marker, in the order of the colors."""
    return {
        name: Style(color, marker)
        for marker, names in rows.items()
        for color, name in zip(colors.values(), names, strict=False)
        if name
    }


# The 32 tissues of OncoTree's first level. The most frequent ones share the first shape, and tissues
# that are often mistaken for each other (stomach and bowel, ovary and uterus) never share a color.
# In the order of COLORS.
TISSUES: Final = _table({
    "circle": ("lung", "bowel", "lymphoid", "brain", "skin", "kidney", "breast", "uterus"),
    "triangle-up": ("stomach", "myeloid", "prostate", "pancreas", "head neck", "ovary", "bladder", "liver"),
    "square": ("cervix", "testis", "bone", "soft tissue", "biliary tract", "pleura", "thyroid", "adrenal gland"),
    "diamond": ("nervous system", "other", "eye", "penis", "vulva", "peritoneum", "thymus", "ampulla of vater"),
    # Not a tissue of OncoTree's, but one that many sources keep apart from the stomach.
    "triangle-down": ("", "", "esophagus"),
})  # fmt: skip

# Other spellings of the same tissues: OncoTree's own full names and those that data portals use.
_TISSUE_ALIASES: Final = {
    "bowel": ("colon", "colorectum", "colorectal", "large intestine", "rectum"),
    "lymphoid": (
        "lymphoid myeloid",
        "haematopoietic lymphoid",
        "hematopoietic lymphoid",
        "haematopoietic and lymphoid tissue",
        "blood",
    ),
    "brain": ("cns brain", "cns", "central nervous system"),
    "myeloid": ("leukemia", "bone marrow"),
    "head neck": ("head and neck", "upper aerodigestive tract"),
    "stomach": ("esophagus stomach", "gastric"),
    "esophagus": ("oesophagus",),
    "bladder": ("bladder urinary tract", "urinary tract"),
    "uterus": ("endometrium",),
    "ovary": ("ovary fallopian tube",),
    "biliary tract": ("bile duct",),
    "adrenal gland": ("adrenal cortex", "adrenal"),
    "nervous system": ("peripheral nervous system", "autonomic ganglia"),
    "vulva": ("vulva vagina",),
    "soft tissue": ("sarcoma",),
}
_ALIAS_TO_TISSUE: Final = {alias: tissue for tissue, aliases in _TISSUE_ALIASES.items() for alias in aliases}

# Studies that many files hold.
_STUDIES: Final = _table({
    "circle": ("ccle", "nci60", "tcga", "gcsi", "gdsc", "ncipdm", "ctrp"),
    "square": ("", "", "gdc"),  # where TCGA's samples come from, too
}, ORIGIN_COLORS)  # fmt: skip
# Values of columns that mean the same in every file.
_FIXED: Final = {
    "cell line": Style(ORIGIN_COLORS["azure"], "triangle-up"),
    "tumor": Style(ORIGIN_COLORS["brick"], "diamond"),
    "normal": Style(ORIGIN_COLORS["mauve"], "pentagon"),
    "xenograft": Style(ORIGIN_COLORS["peach"], "triangle-down"),
    "organoid": Style(ORIGIN_COLORS["indigo"], "star"),
    "train": Style(ORIGIN_COLORS["azure"], "triangle-up"),
    "valid": Style(ORIGIN_COLORS["peach"], "pentagon"),
    "test": Style(ORIGIN_COLORS["brick"], "diamond"),
    "unseen": Style(ORIGIN_COLORS["brick"], "diamond"),
    "study": Style(ORIGIN_COLORS["azure"], "triangle-up"),
    "donor": Style(ORIGIN_COLORS["peach"], "pentagon"),
    "sample": Style(ORIGIN_COLORS["indigo"], "triangle-up"),
    "true": Style(ORIGIN_COLORS["brick"], "x"),
    "false": Style(ORIGIN_COLORS["azure"], "cross"),
    **TISSUES,
}


def styles_of(labels: Iterable[str], *, spread: bool = False) -> dict[str, Style]:
    """Return how each label of a column is drawn.

    Parameters
    ----------
    labels
        Labels in any order and number.
    spread
        For studies, in the colors that labels do not have: use up all of them before a shape is
        used twice, so that few names are told apart by color; their colors then depend on each other.

    Returns
    -------
    A style for each distinct label. A label of the tables above has the style written there. Any other
    has the color and shape that its spelling hashes to, whatever else is present; only where two labels
    would look alike, the one that comes later in the alphabet takes the next shape that is free in its
    color. '' is grey.
    """
    distinct = sorted(set(labels))
    rank = {label: (_rank(label, _STUDIES if spread else _FIXED), label) for label in distinct}
    styles: dict[str, Style] = {}
    taken: set[Style] = set()
    for label in sorted(distinct, key=rank.__getitem__):
        fixed = _STUDIES.get(_words(label)) if spread else _fixed_style(label)
        candidates = _colors_first(label) if spread and fixed is None else _shapes_of(fixed or _hashed_style(label))
        style = (
            UNLABELLED_STYLE if label == UNLABELLED else next((s for s in candidates if s not in taken), candidates[0])
        )
        styles[label] = style
        taken.add(style)
    return {label: styles[label] for label in distinct}


def _words(label: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", label.lower()))


def _rank(label: str, table: Mapping[str, Style]) -> int:
    """Names of the table choose first, then their other spellings, then all the rest."""
    words = _words(label)
    return 0 if words in table else 1 if words in _ALIAS_TO_TISSUE else 2


def _fixed_style(label: str) -> Style | None:
    words = _words(label)
    return _FIXED.get(_ALIAS_TO_TISSUE.get(words, words))


def _hash(label: str) -> int:
    return int.from_bytes(hashlib.sha256(label.encode()).digest()[:8], "big")


def _hashed_style(label: str) -> Style:
    colors = list(COLORS.values())
    rest, color = divmod(_hash(label), len(colors))
    return Style(colors[color], _FREE_MARKERS[rest % len(_FREE_MARKERS)])


def _shapes_of(style: Style) -> list[Style]:
    """Return ``style`` and what it may change into: its color in every shape."""
    start = MARKERS.index(style.marker)
    return [Style(style.color, marker) for marker in (*MARKERS[start:], *MARKERS[:start])]


def _colors_first(label: str) -> list[Style]:
    """Return all styles, every color in the first shape before the second shape, from the color ``label`` hashes to."""
    colors = list(ORIGIN_COLORS.values())
    start = _hash(label) % len(colors)
    return [Style(color, marker) for marker in MARKERS for color in (*colors[start:], *colors[:start])]
