"""What kind of sample it is: cell line, tumour, normal tissue, xenograft or organoid."""

import functools
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from clrna.constants import NORMAL, SAMPLE_CATEGORIES, UNLABELLED
from clrna.labels.names import key_of
from clrna.labels.vocabulary import load_vocabulary
from clrna.packaged import packaged_table

CATEGORIES = "sample_categories.tsv"
_TUMOR = "tumor"

_NORMAL_WORD = re.compile(
    r"\b(?:normal(?![- ]?like)|healthy|uninvolved"
    r"|non[- ]?(?:tumou?r(?:al|ous)?|neoplastic|malignant|cancer(?:ous)?))\b",
    re.IGNORECASE,
)
_TUMOR_WORD = re.compile(
    r"\b(?:tumou?rs?|cancers?|neoplasms?|malignan\w+|metasta\w+|\w*(?:carcinoma|sarcoma|lymphoma|melanoma|leuka?emia"
    r"|blastoma|glioma|myeloma|mesothelioma))s?\b",
    re.IGNORECASE,
)
_LINE_WORD = re.compile(r"\bcell[- ]?lines?\b|\bxenograft|\borganoid|\bPD[XO]s?\b", re.IGNORECASE)

_BARCODE = re.compile(r"(?:TCGA|TARGET)(?:[-.][A-Z0-9]+){2}[-.](\d{2})[A-Z]?(?:[-.].*)?", re.IGNORECASE)
# A sample of GTEx by its donor and tissue: GTEX-1117F-0226-SM-5GZZ7.
_OF_GTEX = re.compile(r"GTEX[-.][A-Z0-9]{4,5}[-.]\d{4}(?:[-.].*)?", re.IGNORECASE)


def harmonize_category(raw: Iterable[object]) -> np.ndarray:
    """Map raw names of sample categories to ``constants.SAMPLE_CATEGORIES``.

    Parameters
    ----------
    raw
        'cell line', 'Primary Tumor', 'Solid Tissue Normal', 'PDX', TCGA's sample type codes (01, 11) or barcodes that
        hold one, in any case and punctuation; NaN and None are missing.

    Returns
    -------
    Object array of the harmonised names, '' where a name is missing or not known. Harmonised names map to themselves.
    """
    names = pd.Series(list(raw), dtype=object)
    meaning = {name: _category(name) for name in names.dropna().unique()}
    return np.array([meaning.get(name, UNLABELLED) for name in names], dtype=object)


def category_of_barcode(names: Iterable[str]) -> np.ndarray:
    """Read the sample category from TCGA and TARGET barcodes (``TCGA-A3-3306-11A``: normal).

    Returns
    -------
    Object array of harmonised names, '' for every name that is no barcode or one without sample type.
    """
    codes = [_BARCODE.fullmatch(str(name).strip()) for name in names]
    return np.array([_known().get(code[1], UNLABELLED) if code else UNLABELLED for code in codes], dtype=object)


def category_of_gtex(names: Iterable[str]) -> np.ndarray:
    """Return ``normal`` for names of GTEx's samples, '' for others.

    What the study says of a sample counts more: some are cell lines that were made from a donor.
    """
    return np.array([NORMAL if _OF_GTEX.fullmatch(str(name).strip()) else UNLABELLED for name in names], dtype=object)


def category_of_labels(raw: Iterable[object]) -> np.ndarray:
    """Read the sample category from names of tissues or diseases, where some of these are of normal tissue.

    Parameters
    ----------
    raw
        A column of tissues or tumour types: ``normal colon`` beside ``colon tumor``, ``normal`` beside ``LUAD``.

    Returns
    -------
    Object array: ``normal`` for a name of the category or of an organ that is called normal; ``tumor`` for names of
    tumours, in a column that tells normal tissue, too. '' for all others, and where a name tells both or neither (AML
    with normal karyotype).
    """
    names = pd.Series(list(raw), dtype=object)
    meaning = {name: _of_label(str(name)) for name in names.dropna().unique()}
    told = np.array([meaning.get(name, UNLABELLED) for name in names], dtype=object)
    return told if (told == NORMAL).any() else np.full(len(told), UNLABELLED, dtype=object)


def _of_label(name: str) -> str:
    normal, tumor = _NORMAL_WORD.search(name), _TUMOR_WORD.search(_NORMAL_WORD.sub("", name))
    if _LINE_WORD.search(name) or (normal and tumor):
        return UNLABELLED
    labels = [load_vocabulary().find(part, "tissue") for part in (name, *re.split(r"[,;(/]", name))]
    of_tumor = any(label is not None and label.tumor_type for label in labels)
    of_organ = labels[0] is not None and bool(labels[0].tissue)
    if _category(name) == NORMAL or (normal and of_organ and not of_tumor):
        return NORMAL
    return _TUMOR if not normal and (tumor or of_tumor) else UNLABELLED


def _category(name: object) -> str:
    text = str(name).strip()
    barcode = _BARCODE.fullmatch(text)
    if barcode:
        text = barcode[1]
    elif text.isdigit() and len(text) == 1:
        text = text.zfill(2)  # a table that was read as numbers has lost the zero of 01
    return _known().get(key_of(text), UNLABELLED)


@functools.cache
def _known() -> dict[str, str]:
    table = packaged_table(CATEGORIES)
    known = {key_of(raw): category for raw, category in zip(table["raw"], table["sample_category"], strict=True)}
    return known | {key_of(category): category for category in SAMPLE_CATEGORIES}
