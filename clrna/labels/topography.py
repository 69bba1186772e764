"""Codes of organs: ICD-O-3 (topography) and ICD-10 (malignant neoplasms), as registries write them, and Uberon's."""

import functools
import re

from clrna.constants import UNLABELLED
from clrna.packaged import packaged_table

TOPOGRAPHY = "topography.tsv"
UBERON = "uberon.tsv"
# With the figure of the subsite: C11 alone is what a cluster is called as well.
_CODE = re.compile(r"C(\d\d)\.?([0-9X])", re.IGNORECASE)
# Also as an address of the ontology, and with what CELLxGENE adds: UBERON:0002048 (organoid).
_UBERON = re.compile(r"(?:https?://\S+/)?UBERON[:_](\d{7})(?: \([a-z ]+\))?", re.IGNORECASE)


def tissue_of_code(raw: str) -> str | None:
    """Return the tissue of a code such as C50.9, C509 or UBERON:0000310.

    Parameters
    ----------
    raw
        A name of a tissue or tumour type.

    Returns
    -------
    One of :data:`clrna.labels.vocabulary.TISSUES`, '' where the code is of no organ, None where it is no code, or one
    of Uberon's that is not known here.

    References
    ----------
    Fritz et al. 2000, International Classification of Diseases for Oncology, 3rd edition, World Health Organization,
    ISBN 978-92-4-154534-1. ICD-10, chapter II. Mungall et al. 2012, Genome Biology 13:R5,
    doi:10.1186/gb-2012-13-1-r5.
    """
    anatomical = _UBERON.fullmatch(raw.strip())
    if anatomical:
        return _tissues(UBERON).get(f"UBERON:{anatomical[1]}")
    code = _CODE.fullmatch(raw.strip())
    if not code:
        return None
    site, subsite = code.groups()
    tissues = _tissues(TOPOGRAPHY)
    return tissues.get(f"C{site}.{subsite}", tissues.get(f"C{site}", UNLABELLED))


@functools.cache
def _tissues(table: str) -> dict[str, str]:
    rows = packaged_table(table)
    return dict(zip(rows["code"], rows["tissue"], strict=True))
