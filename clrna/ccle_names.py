"""Cell lines as CCLE calls them: the name without punctuation, and the site that the tumor was at."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

# Sites that nobody else writes so tell CCLE by themselves; tumors, too, are called A1_LUNG.
_OWN_SITES: Final = (
    "ADRENAL_CORTEX|AUTONOMIC_GANGLIA|BILIARY_TRACT|CENTRAL_NERVOUS_SYSTEM|HAEMATOPOIETIC_AND_LYMPHOID_TISSUE"
    "|LARGE_INTESTINE|SALIVARY_GLAND|SMALL_INTESTINE|SOFT_TISSUE|UPPER_AERODIGESTIVE_TRACT|URINARY_TRACT"
)
_SITES: Final = (
    f"{_OWN_SITES}|BONE|BREAST|CERVIX|ENDOMETRIUM|EYE|FIBROBLAST|KIDNEY|LIVER|LUNG|OESOPHAGUS|OVARY|PANCREAS|PLACENTA"
    "|PLEURA|PROSTATE|SKIN|STOMACH|TESTIS|THYROID|UVEA|VULVA"
)
_SITE: Final = re.compile(rf"_(?:{_SITES})$")
_LINE: Final = re.compile(rf"(?:.*\.)?[A-Z0-9]+_(?:{_SITES})")
# NCIH1299_LUNG: those of one bank are in all larger parts of CCLE's lungs.
_TELLING: Final = re.compile(rf"(?:.*\.)?(?:[A-Z0-9]+_(?:{_OWN_SITES})|NCIH\d{{2,4}}_[A-Z_]+)")
# Patients and samples that are numbered; few lines are called so (T24).
_NUMBERED: Final = re.compile(r"(?:.*\.)?(?:[A-Z]|PT|ID|CASE|DONOR|PATIENT|SAMPLE|TUMOU?R)?\d{1,3}_[A-Z_]+")
_NEARLY_ALL: Final = 0.9


def without_site(name: str) -> str:
    """Return a cell line's name in capitals without CCLE's site: ``HEP3B217_LIVER``."""
    return _SITE.sub("", name)


def are_ccle_names(names: Sequence[str]) -> np.ndarray:
    """Return which of a study's names are cell lines as CCLE calls them.

    Parameters
    ----------
    names
        All of one study, such as 'NCIH1299_LUNG'.

    Returns
    -------
    Bool array: False for all where others than lines may be called so.
    """
    lines = np.array([_LINE.fullmatch(name) is not None for name in names], dtype=bool)
    told = any(_TELLING.fullmatch(name) and not _NUMBERED.fullmatch(name) for name in names)
    return lines if told and lines.mean() >= _NEARLY_ALL else np.zeros(len(names), dtype=bool)
