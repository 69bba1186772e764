"""One input file as it was read, with what its sample metadata say."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import (
    DONOR,
    ENSEMBL_ID,
    ENTREZ_ID,
    ORIGINAL_ID,
    SAMPLE_CATEGORY,
    SCALE,
    SCALES,
    SPLIT,
    STUDY,
    TISSUE,
    TUMOR_TYPE,
    UNS,
    UNS_CONTRACT,
)
from clrna.io.contract import text_column

_CONTRACT_OBS = (STUDY, TISSUE, TUMOR_TYPE, SAMPLE_CATEGORY, DONOR, SPLIT, SCALE)
# The column of InputFile.raw that holds the names of cell lines.
CELL_LINE: Final = "cell_line"
_CONTRACT_VAR = (ENSEMBL_ID, ENTREZ_ID, ORIGINAL_ID)


@dataclass
class InputFile:
    """An input file.

    Attributes
    ----------
    path
        Where it came from.
    adata
        Its content; ``X`` is dense float32, samples x genes.
    study
        Study of each sample, object array.
    raw
        Raw labels of each sample: columns ``tissue``, ``tumor_type``, ``sample_category``, ``donor``, ``cell_line``
        (its name), those that the file has; text, '' where missing.
    normalized
        Whether it is an output of clrna-normalize, whose values, genes, labels and donors are taken as they are.
    named
        Study that the command line names for the file, '' where it names none.
    default_study
        Whether a study was named after the file, for want of anything else.
    orientation
        Where the samples lie in the file.
    """

    path: Path
    adata: AnnData
    study: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=object))
    raw: pd.DataFrame = field(default_factory=pd.DataFrame)
    normalized: bool = False
    named: str = ""
    default_study: bool = False
    orientation: str = ""


def obeys_contract(adata: AnnData) -> bool:
    """Whether a file has everything that clrna-normalize gives it."""
    own = adata.uns.get(UNS)
    if not hasattr(own, "get") or own.get(UNS_CONTRACT) is None:
        return False
    complete = set(_CONTRACT_OBS) <= set(adata.obs) and set(_CONTRACT_VAR) <= set(adata.var)
    return complete and set(text_column(adata.obs[SCALE])) <= set(SCALES)
