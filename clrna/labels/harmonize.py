"""Raw tissue and tumour-type names of samples in the harmonised vocabulary."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from clrna.constants import MISSING_LABELS, UNLABELLED
from clrna.labels.label_map import read_label_map
from clrna.labels.names import key_of
from clrna.labels.vocabulary import Label, Vocabulary, load_vocabulary

CONFLICT = "conflict"
# Organs that sources state where a part of them, which the tumour type tells, is an organ of its own here: GDSC has
# mesothelioma under lung, and Ewing sarcoma under soft tissue.
_PARTS = frozenset({("Lung", "Pleura"), ("Soft Tissue", "Bone")})
_CODE = re.compile(r"[A-Z0-9]{2,8}")
REPORT_COLUMNS = ("raw", "kind", "tissue", "tumor_type", "n", "status")


class HarmonizedLabels(NamedTuple):
    """Labels of samples, and what became of every raw name.

    Attributes
    ----------
    tissue, tumor_type
        Object arrays of shape (samples,), '' where unlabelled.
    report
        One row for each raw name and column it stood in: raw, kind ('tissue' or 'tumor_type'), tissue, tumor_type,
        n (samples), status: 'mapped'; 'label map'; 'too broad' for a name that is known but names no organ
        (aero_dig_tract); 'needs tissue' for a histology; 'unlabelled' for an unknown name. A tissue and a tumour type
        that name different tissues have a row of their own, 'conflict: ' and which of them counts.
    """

    tissue: np.ndarray
    tumor_type: np.ndarray
    report: pd.DataFrame


class _Finder:
    """Looks one name up, first in the user's map."""

    def __init__(self, vocabulary: Vocabulary, own: dict[str, Label]) -> None:
        self.vocabulary = vocabulary
        self._own = own

    def own(self, raw: str) -> Label:
        """Return what the user's map says about a name."""
        return self._own.get(key_of(raw), Label()) if raw else Label()

    def find(self, raw: str, kind: str) -> tuple[Label, str]:
        """Return what a name means, and the status for the report."""
        if not raw:
            return Label(), ""
        if key_of(raw) in self._own:
            return self.own(raw), "label map"
        label = self.vocabulary.find(raw, kind)
        if label == Label():
            return Label(), "too broad"
        if label is not None:
            return label, "mapped"
        return Label(), "needs tissue" if self.vocabulary.is_histology(raw) else "unlabelled"


def harmonize(
    raw_tissue: Sequence[object] | None, raw_tumor_type: Sequence[object] | None, label_map: Path | None = None
) -> HarmonizedLabels:
    """Map raw tissue and tumour-type names to the harmonised vocabulary.

    The tissue is the one that the tissue column states. That of the tumour type counts where no tissue is stated,
    where the column of tumour types names an organ itself (GDSC's second descriptor), and where the stated organ is
    known to be coarser (mesothelioma under lung: Pleura; but MESO, a code that is no harmonised name, leaves it Lung).
    Where a code or histology belongs to another organ (MM beside
    Skin is not plasma cell myeloma), the tumour type is unknown. A tumour type comes from its own column, from
    histology and tissue together (adenocarcinoma of the lung), or from the tissue column (lung_NSCLC). Harmonised names
    map to themselves.

    Parameters
    ----------
    raw_tissue, raw_tumor_type
        Names as the study has them, one a sample; either may be None. Missing values may be NaN, None or text such
        as 'NA' and 'unknown'.
    label_map
        The user's own table, asked first (:func:`clrna.labels.read_label_map`).

    Raises
    ------
    InputError
        ``label_map`` cannot be used.
    """
    tissues = _as_text(raw_tissue)
    tumor_types = _as_text(raw_tumor_type)
    n_samples = max(len(tissues), len(tumor_types))
    pairs = list(zip(tissues or [""] * n_samples, tumor_types or [""] * n_samples, strict=True))
    finder = _Finder(load_vocabulary(), read_label_map(label_map) if label_map else {})
    meaning = {pair: _combine(finder, *pair) for pair in dict.fromkeys(pairs)}
    labels = [meaning[pair] for pair in pairs]
    return HarmonizedLabels(
        tissue=np.array([label.tissue for label in labels], dtype=object),
        tumor_type=np.array([label.tumor_type for label in labels], dtype=object),
        report=_report(finder, pairs, meaning),
    )


def _combine(finder: _Finder, raw_tissue: str, raw_type: str) -> Label:
    """Return the label of a sample from the names in its two columns; what the user's map says comes first."""
    by_tissue = finder.find(raw_tissue, "tissue")[0]
    by_type = finder.find(raw_type, "tumor_type")[0]
    own = [finder.own(raw_type), finder.own(raw_tissue)]
    histology = finder.vocabulary.of_histology(raw_type, by_tissue.tissue)
    implied = Label(by_tissue.tissue, histology) if histology else by_type
    if not _is_finer(implied, by_tissue.tissue, raw_type):
        implied = Label(by_tissue.tissue)  # what the code or histology usually is, it is not here
    tissue = _first(own[1].tissue, own[0].tissue, implied.tissue, by_tissue.tissue)
    agreeing = by_tissue.tumor_type if by_tissue.tissue == tissue else UNLABELLED
    return Label(tissue, _first(own[0].tumor_type, own[1].tumor_type, implied.tumor_type, agreeing))


def _is_finer(implied: Label, stated: str, raw_type: str) -> bool:
    """Whether a tumour type's tissue may stand for the stated one: it is the same, an organ by name, or a part.

    A code of another vocabulary does not move a sample into a part: Lung and MESO stays Lung.
    """
    is_code = _CODE.fullmatch(raw_type) is not None and raw_type != implied.tumor_type
    names_organ = not implied.tumor_type
    return (
        not stated
        or not implied.tissue
        or implied.tissue == stated
        or names_organ
        or ((stated, implied.tissue) in _PARTS and not is_code)
    )


def _first(*names: str) -> str:
    return next(filter(None, names), UNLABELLED)


def _report(finder: _Finder, pairs: list[tuple[str, str]], meaning: dict[tuple[str, str], Label]) -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, int, str]] = []
    for position, kind in enumerate(("tissue", "tumor_type")):
        for raw, n in sorted(Counter(pair[position] for pair in pairs if pair[position]).items()):
            label, status = finder.find(raw, kind)
            rows.append((raw, kind, label.tissue, label.tumor_type, n, status))
    for (raw_tissue, raw_type), n in sorted(Counter(pairs).items()):
        label = meaning[raw_tissue, raw_type]
        if finder.find(raw_tissue, "tissue")[0].tissue not in ("", label.tissue):
            raw = f"{raw_tissue} + {raw_type}"
            rows.append((raw, "tissue", label.tissue, label.tumor_type, n, f"{CONFLICT}: tissue of the tumor type"))
        elif _contradicted(finder, raw_tissue, raw_type, label):
            raw = f"{raw_tissue} + {raw_type}"
            rows.append((raw, "tissue", label.tissue, label.tumor_type, n, f"{CONFLICT}: the stated tissue"))
    return pd.DataFrame(rows, columns=list(REPORT_COLUMNS))


def _contradicted(finder: _Finder, raw_tissue: str, raw_type: str, label: Label) -> bool:
    """Whether a tumour type of another organ was put aside for the stated tissue."""
    by_type = finder.find(raw_type, "tumor_type")[0]
    histology = finder.vocabulary.of_histology(raw_type, label.tissue)
    return bool(by_type.tumor_type) and not histology and by_type.tissue not in ("", label.tissue)


def _as_text(raw: Iterable[object] | None) -> list[str]:
    if raw is None:
        return []
    series = pd.Series(list(raw), dtype=object)
    text = series.where(series.notna(), "").astype(str).str.strip()
    return list(text.where(~text.str.lower().isin(MISSING_LABELS), UNLABELLED))
