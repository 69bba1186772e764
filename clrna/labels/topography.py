"""Codes of organs, of ICD-O-3 (topography) and ICD-10 (malignant neoplasms), as registries and the GDC write them."""

import functools
import re

from clrna.constants import UNLABELLED
from clrna.packaged import packaged_table

TOPOGRAPHY = "topography.tsv"
# With the figure of the subsite: C11 alone is what a cluster is called as well.
_CODE = re.compile(r"C(\d\d)\.?([0-9X])", re.IGNORECASE)


def tissue_of_code(raw: str) -> str | None:
    """Return the tissue of a code such as C50.9 or C509.

    Parameters
    ----------
    raw
        A name of a tissue or tumour type.

    Returns
    -------
    One of :data:`clrna.labels.vocabulary.TISSUES`, '' where the code is of no organ, None where it is no code.

    References
    ----------
    Fritz et al. 2000, International Classification of Diseases for Oncology, 3rd edition, World Health Organization,
    ISBN 978-92-4-154534-1. ICD-10, chapter II.
    """
    code = _CODE.fullmatch(raw.strip())
    if not code:
        return None
    site, subsite = code.groups()
    tissues = _tissues()
    return tissues.get(f"C{site}.{subsite}", tissues.get(f"C{site}", UNLABELLED))


@functools.cache
def _tissues() -> dict[str, str]:
    table = packaged_table(TOPOGRAPHY)
    return dict(zip(table["code"], table["tissue"], strict=True))
