"""Raw tissue and tumour-type names of samples in the harmonised vocabulary."""

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

REPORT_COLUMNS = ("raw", "kind", "tissue", "tumor_type", "n", "status")


class HarmonizedLabels(NamedTuple):
    """Labels of samples, and what became of every raw name.

    Attributes
    ----------
    tissue, tumor_type
        Object arrays of shape (samples,), '' where unlabelled.
    report
        One row for each raw name and column it stood in: raw, kind ('tissue' or 'tumor_type'), tissue, tumor_type,
        n (samples), status ('mapped', 'label map', 'needs tissue', 'unlabelled' or, for a tissue and a tumour type
        that name different tissues, 'conflict: tissue column kept').
    """

    tissue: np.ndarray
    tumor_type: np.ndarray
    report: pd.DataFrame


class _Finder:
    """Looks one name up, first in the user's map."""

    def __init__(self, vocabulary: Vocabulary, own: dict[str, Label]) -> None:
        self.vocabulary = vocabulary
        self._own = own

    def find(self, raw: str, kind: str) -> tuple[Label | None, str]:
        """Return what a name means, and the status of the report."""
        if not raw:
            return None, ""
        own = self._own.get(key_of(raw))
        if own is not None:
            return own, "label map"
        label = self.vocabulary.find(raw, kind)
        if label is not None:
            return label, "mapped"
        return None, "needs tissue" if self.vocabulary.is_histology(raw) else "unlabelled"


def harmonize(
    raw_tissue: Sequence[object] | None, raw_tumor_type: Sequence[object] | None, label_map: Path | None = None
) -> HarmonizedLabels:
    """Map raw tissue and tumour-type names to the harmonised vocabulary.

    The tissue is that of the tissue column where it is known, else that of the tumour type; a tumour type likewise
    comes from its own column, from histology and tissue together (adenocarcinoma of the lung), or from the
    tissue column (lung_NSCLC). Harmonised names map to themselves.

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


def _combine(finder: _Finder, raw_tissue: str, raw_tumor_type: str) -> Label:
    """Return the label of a sample from the names in its two columns."""
    by_tissue = finder.find(raw_tissue, "tissue")[0] or Label()
    by_type = finder.find(raw_tumor_type, "tumor_type")[0] or Label()
    tissue = by_tissue.tissue or by_type.tissue
    histology = finder.vocabulary.of_histology(raw_tumor_type, tissue) or UNLABELLED
    return Label(tissue, by_type.tumor_type or histology or by_tissue.tumor_type)


def _report(finder: _Finder, pairs: list[tuple[str, str]], meaning: dict[tuple[str, str], Label]) -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, int, str]] = []
    for kind, names in (("tissue", [pair[0] for pair in pairs]), ("tumor_type", [pair[1] for pair in pairs])):
        for raw, n in sorted(Counter(names).items()):
            label, status = finder.find(raw, kind)
            if raw:
                rows.append((raw, kind, *(label or Label()), n, status))
    for (raw_tissue, raw_type), n in sorted(Counter(pairs).items()):
        by_type = finder.find(raw_type, "tumor_type")[0] or Label()
        label = meaning[raw_tissue, raw_type]
        if by_type.tissue and by_type.tissue != label.tissue:
            raw = f"{raw_tissue} + {raw_type}"
            rows.append((raw, "tissue", label.tissue, label.tumor_type, n, "conflict: tissue column kept"))
    return pd.DataFrame(rows, columns=list(REPORT_COLUMNS))


def _as_text(raw: Iterable[object] | None) -> list[str]:
    if raw is None:
        return []
    series = pd.Series(list(raw), dtype=object)
    text = series.where(series.notna(), "").astype(str).str.strip()
    return list(text.where(~text.str.lower().isin(MISSING_LABELS), UNLABELLED))
