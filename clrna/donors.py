"""Which donor (cell line or patient) each sample comes from, so that no donor is on both sides of a split."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.ccle_names import without_site
from clrna.constants import MISSING_LABELS, UNLABELLED
from clrna.packaged import packaged_table

CELL_LINES = "cell_lines.tsv"

# Identifiers that name one patient wherever they occur: pattern, and how the patient is written.
_PATIENTS = (
    (re.compile(r"TCGA[-._]([A-Z0-9]{2})[-._]([A-Z0-9]{4})(?![A-Z0-9])"), "TCGA-{}-{}"),
    (re.compile(r"TARGET[-._](\d{2})[-._]([A-Z0-9]{6})(?![A-Z0-9])"), "TARGET-{}-{}"),
    (re.compile(r"(?<![A-Z0-9])GTEX[-._]([A-Z0-9]{4,5})(?![A-Z0-9])"), "GTEX-{}"),
    (re.compile(r"(?<![A-Z0-9])(C3[LN])[-._](\d{5})(?!\d)"), "{}-{}"),  # CPTAC-3
    (re.compile(r"(?<![A-Z0-9])HCM[-._]([A-Z]{4})[-._](\d{4})(?!\d)"), "HCM-{}-{}"),  # HCMI
)
# NCI's patient-derived models repository writes PATIENT~SPECIMEN~SAMPLE for tumours and all that is grown from them.
_PDMR = re.compile(r"(?:.*[.:])?([A-Z0-9]+)~[A-Z0-9-]+.*")
_PDMR_PATIENT = re.compile(r"PDMR-[A-Z0-9]+")

# Names that mean one sample wherever they stand.
_ACCESSION = (
    r"(GS[MEP]|[SED]R[RSX]|SAM(N|D|EA))\d+.*"  # accessions
    r"|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}.*"  # UUID
)
# Numbers of models and patients: DepMap's, Sanger's, Cellosaurus'.
_OF_SOURCE = re.compile(r"PT-\w{6}|SID[MP]\d{5}|ACH-\d{6}|CVCL_\w{4}")
# Names that say nothing about where a sample is from.
_UNTELLING = re.compile(
    rf"{_ACCESSION}"
    r"|CCL_\d+"  # numbers of a combined cell-line list
    r"|(S|X|P|PT|ID|LIB|RUN|LANE|SAMPLE|PATIENT|DONOR|CONTROL|CELL|LINE)?[-_ .]?\d{1,3}"
)
# H1299 for NCI-H1299, H929, H295R; shorter numbers, and those of some oral lines, are names of other lines as well.
_SHORT_NCI = re.compile(r"H(?!(?:103|157|314|357|376|400|413)$)\d{3,4}[A-Z]{0,2}")
_PANEL = re.compile(r"^(?:BR|CNS|CO|LC|LE|ME|OV|PR|RE):(?=.)")  # CellMiner writes LE:CCRF-CEM
_REPLICATE = re.compile(r"[-_. ]?(?:REP|REPLICATE|BIOREP|TECHREP)[-_. ]?\d+$")
# The bank that a line came from, with its number there: MCF-7 (ATCC HTB-22).
_BANK = re.compile(r"\s*[(\[](?:ATCC|CLS|DSMZ|ECACC|ICLC|JCRB|KCLB|RIKEN)(?:[-:#\s][^)\]]*)?[)\]]$")
_R_NUMBER = re.compile(r"^X(?=\d)")  # R puts X before a name that begins with a digit


class Donors(NamedTuple):
    """Donors of samples.

    Attributes
    ----------
    donor
        Object array of shape (samples,), never ''. Cell lines without case and punctuation ('MDAMB231'), patients with
        an identifier of their own ('TCGA-A3-3306'), else 'STUDY:name'.
    resolved
        Bool array: False where neither a column nor the name tells the donor, so that the sample is its own.
    """

    donor: np.ndarray
    resolved: np.ndarray


def donors_of(
    sample_names: Sequence[str],
    studies: Sequence[str],
    categories: Sequence[str],
    donor_column: Sequence[object] | None = None,
) -> Donors:
    """Return the donor of each sample, so written that samples of one donor in several studies agree.

    Donors that are already in this form stay as they are, so files that were normalised one by one and all at once
    have the same donors.

    Parameters
    ----------
    sample_names, studies
        Name and study of each sample.
    categories
        Harmonised sample category of each, '' where unknown.
    donor_column
        What the study says about donors; missing values fall back on the sample's name.
    """
    said = [""] * len(sample_names) if donor_column is None else _as_text(donor_column)
    found = [
        _donor(str(name), str(study), category, told)
        for name, study, category, told in zip(sample_names, studies, categories, said, strict=True)
    ]
    return Donors(
        donor=np.array([donor for donor, _ in found], dtype=object),
        resolved=np.array([resolved for _, resolved in found], dtype=bool),
    )


def _donor(name: str, study: str, category: str, told: str) -> tuple[str, bool]:
    """Return a sample's donor and whether it is known."""
    own = f"{study}:{name}"
    if told == own:
        return own, False
    if told.startswith(f"{study}:"):
        return told, True
    text = without_study(told or name, study)
    patient = _patient(text)
    if patient:
        return patient, True
    if category == "cell_line":
        line = cell_line_donor(text)
        if told and _OF_SOURCE.fullmatch(told.upper()):
            # A number of the source's own: the sample's name comes first, where it tells the line.
            line = "" if _OF_SOURCE.fullmatch(name.upper()) else cell_line_donor(without_study(name, study))
            line = line or told.upper()
        if line:
            return line, True
    return (f"{study}:{told}", True) if told else (own, False)


def names_one_sample(name: str) -> bool:
    """Whether a name means one sample or model wherever it stands: an accession, or a large project's identifier."""
    upper = name.strip().upper()
    return (
        bool(_patient(upper)) or re.fullmatch(_ACCESSION, upper) is not None or _OF_SOURCE.fullmatch(upper) is not None
    )


def without_study(name: str, study: str) -> str:
    """Return a name without the study before its first dot: CCLE.HEPG2."""
    prefix, dot, rest = name.partition(".")
    return rest if dot and rest and prefix.casefold() == study.casefold() else name


def _patient(text: str) -> str:
    """Return the patient whose identifier is in the text, '' where there is none."""
    upper = text.upper()
    for pattern, form in _PATIENTS:
        found = pattern.search(upper)
        if found:
            return form.format(*found.groups())
    model = _PDMR.fullmatch(upper)
    if model:
        return f"PDMR-{model[1]}"
    return upper if _PDMR_PATIENT.fullmatch(upper) else ""


def cell_line_donor(name: str) -> str:
    """Return the form in which names of a cell line agree between studies, '' where a name does not tell the line.

    Parameters
    ----------
    name
        For example 'MDA-MB-231', 'HEP3B217_LIVER' (CCLE), 'LE:CCRF-CEM' (CellMiner) or 'X22RV1' (R).
    """
    upper = _BANK.sub("", _PANEL.sub("", name.strip().upper()))
    known = _known_lines()
    if upper in known:
        return known[upper]
    upper = _R_NUMBER.sub("", _REPLICATE.sub("", without_site(upper)))
    plain = re.sub(r"[\W_]+", "", upper)
    for form in (upper, plain):
        if form in known:
            return known[form]
    if _SHORT_NCI.fullmatch(plain):
        return f"NCI{plain}"
    return "" if _UNTELLING.fullmatch(upper) else plain


@functools.cache
def _known_lines() -> dict[str, str]:
    table = packaged_table(CELL_LINES)
    return dict(zip(table["name"], table["donor"], strict=True))


def _as_text(values: Sequence[object]) -> list[str]:
    series = pd.Series(list(values), dtype=object)
    text = series.where(series.notna(), "").astype(str).str.strip()
    numbers = text.str.fullmatch(r"\d+(?:\.\d+)?")
    if numbers.any() and text[numbers].str.endswith(".0").all():
        text = text.where(~numbers, text.str.removesuffix(".0"))  # pandas writes 7 so where others are missing
    return list(text.where(~text.str.lower().isin(MISSING_LABELS), ""))


def own_donor_where_unknown(donors: NDArray) -> NDArray[np.intp]:
    """Return a number for each sample's donor; samples whose donor is '' get one each."""
    _, codes = np.unique(donors.astype(str), return_inverse=True)
    unknown = donors == UNLABELLED
    codes = codes.astype(np.intp)
    codes[unknown] = len(donors) + np.arange(int(unknown.sum()))
    return codes
