"""Find the columns of sample metadata that name study, donor, tissue, tumour type and category."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from clrna.constants import UNLABELLED
from clrna.errors import InputError
from clrna.io.contract import text_column
from clrna.labels import harmonize_category
from clrna.plain_words import plain_word
from clrna.quoted import listed

STUDY_NAMES: Final = ("study", "batch", "dataset", "study_id")
DONOR_NAMES: Final = (
    "donor", "donor_id", "patient", "patient_id", "patient_barcode", "case_submitter_id", "case_id", "subject",
    "subject_id", "individual", "model_id", "depmap_id",
)  # fmt: skip
# Of a cell line its name is asked first: a patient's number is the source's own, the name is the same everywhere.
CELL_LINE_NAMES: Final = (
    "cell_line", "cell_line_name", "stripped_cell_line_name", "cellline", "ccle_name", "model_name",
)  # fmt: skip
TISSUE_NAMES: Final = (
    "tissue", "tissue_raw", "primary_site", "site_primary", "organ", "tumor_site", "tumour_site",
    "primary_tissue", "primary_tumor_site", "primary_tumour_site", "primary_tumor_location", "tumor_location",
    "tumour_location", "tissue_of_origin", "site_of_origin", "organ_site", "anatomic_site", "anatomical_site",
    "tissue_site", "cancer_site", "body_site", "oncotree_lineage", "oncotreelineage",
    "lineage", "smts", "organism_part", "tissue_or_organ_of_origin", "tissue_type", "smtsd", "tissue_ontology_term_id",
    "gdsc_tissue_descriptor_1", "icd_10_code", "site_of_resection_or_biopsy", "source_name", "source_name_ch1",
)  # fmt: skip
TUMOR_TYPE_NAMES: Final = (
    "tumor_type", "tumour_type", "tumor_type_raw", "cancer_type_detailed", "oncotree_code", "oncotreecode",
    "cancer_type", "cancer_type_abbreviation", "oncotree_primary_disease", "oncotreeprimarydisease",
    "primary_disease", "disease", "cohort", "tcga_cohort", "project_id", "primary_diagnosis", "disease_type",
    "histology", "histological_type",
    "histologic_type", "histological_diagnosis", "diagnosis", "cancer_type_matching_tcga_label",
    "gdsc_tissue_descriptor_2", "tumor_entity", "entity", "cancer", "indication",
)  # fmt: skip
CATEGORY_NAMES: Final = (
    "sample_category", "category", "source", "sample_type", "sample_origin", "model_type", "tissue_type", "tissue",
    "disease_state", "disease_status", "condition", "disease",
    "type", "group", "tissue_status", "tumor_normal",
)  # fmt: skip
# Sources use these for the organ, and for tumor or normal: their values tell which.
_EITHER: Final = frozenset(
    {"tissue", "tissuetype", "diseasestate", "diseasestatus", "disease", "condition", "type", "group"}
)
_MOST: Final = 0.5
_MEND: Final = "it is looked for in every study, so rename it where studies differ"
_CHARACTERISTIC: Final = re.compile(r"(?:characteristics?|factor ?value)\s*\[([^\]]+)\]", re.IGNORECASE)

_CHANNEL: Final = re.compile(r"[:.]ch[12]$")
# The GDC's tables since 2024 have cases.submitter_id for case_submitter_id, diagnoses.primary_diagnosis and so on.
_OF_GDC: Final = re.compile(r"(?:cases\.(?!submitter_id)|project\.|(?:diagnoses|samples)\.(?!\w+_id$))(?=\w)")
# Xena's tables of the GDC have sample_type.samples, and recount3 tcga.gdc_cases.project.primary_site and gtex.smts.
_OF_XENA: Final = re.compile(r"(?<=\w)\.(?:samples|diagnoses|project|demographic)$")
_NUMBERED: Final = re.compile(r"^(patient|donor|subject|individual)(?:no|nr|num|number|code|identifier)$")
_OF_RECOUNT: Final = re.compile(
    r"(?:tcga|gtex|sra)\.(?:gdc_(?:cases\.(?:project\.|samples\.))?|cgc_(?:sample|case)_)?(?=\w)"
)


def is_read(name: str, named: Sequence[str | None] = ()) -> bool:
    """Whether a column, by its name, is one of those that hold study, label or donor, or that the user ``named``."""
    return name in named or _plain(name) in _READ


def names_donors(name: str) -> bool:
    """Whether a column, by its name, holds patients or other donors."""
    return _plain(name) in _DONORS


def find_column(
    obs: pd.DataFrame, named: str | None, names: Sequence[str], option: str, path: Path
) -> pd.Series | None:
    """Return a column of sample metadata.

    Parameters
    ----------
    obs
        Metadata of the samples of one file.
    named
        The column that the user named; it has to be there.
    names
        Where the user named none: the names to look for, best first, whatever their case and punctuation.
    option
        For the error: the option that ``named`` came from.
    path
        For the error.

    Returns
    -------
    The column, None where there is none.

    Raises
    ------
    InputError
        There is no column ``named``.
    """
    if named is not None:
        if named not in obs:
            known = listed(obs.columns, 20) or "none"
            raise InputError(
                f"{path}: {option} {named}: there is no such column of sample metadata; it has {known}; {_MEND}"
            )
        return obs[named]
    by_plain_name = {_plain(str(name)): name for name in reversed(obs.columns)}
    for name in names:
        found = by_plain_name.get(_plain(name))
        if found is not None and obs[found].notna().any() and _is_of(names, name, obs[found]):
            return obs[found]
    return None


def _is_of(names: Sequence[str], name: str, values: pd.Series) -> bool:
    """Whether a column that some sources use for the organ and others for tumor or normal is what is looked for."""
    if _plain(name) not in _EITHER or names not in (TISSUE_NAMES, CATEGORY_NAMES):
        return True
    known = [value for value in text_column(values) if value != UNLABELLED]
    of_category = bool(known) and bool((harmonize_category(known) != UNLABELLED).mean() > _MOST)
    return of_category == (names is CATEGORY_NAMES)


def _plain(name: str) -> str:
    """Return a name without punctuation.

    Of ``Characteristics[organism part]`` (ArrayExpress) it is what is in brackets, of ``tissue:ch1`` (GEOquery) what is
    before the channel, of ``diagnoses.primary_diagnosis`` (GDC) what is behind the point, of
    ``primary_diagnosis.diagnoses`` (Xena) what is before it, and of ``gtex.smts`` (recount3) what is behind the source.
    ``Patient No.`` is ``patient``, and ``icgc_donor_id`` is ``donor_id``.
    """
    name = _OF_RECOUNT.sub("", _OF_XENA.sub("", _CHANNEL.sub("", name.strip())))
    name = "case_submitter_id" if name == "cases.submitter_id" else _OF_GDC.sub("", name)
    characteristic = _CHARACTERISTIC.fullmatch(name)
    plain = plain_word(characteristic[1] if characteristic else name).removeprefix("icgc")
    return _NUMBERED.sub(r"\1", plain)


# What is written there differs from run to run, too, and decides only where nothing else does.
_LOOSE: Final = frozenset(
    {
        "diseasestate",
        "diseasestatus",
        "condition",
        "sourcename",
        "sourcenamech1",
        "icd10code",
        "siteofresectionorbiopsy",
    }
)
_READ: Final = (
    frozenset(
        map(_plain, (*STUDY_NAMES, *DONOR_NAMES, *CELL_LINE_NAMES, *TISSUE_NAMES, *TUMOR_TYPE_NAMES, *CATEGORY_NAMES))
    )
    - _LOOSE
)
_DONORS: Final = frozenset(map(_plain, DONOR_NAMES))
