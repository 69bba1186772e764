"""Files of one sample with a column for each unit, as GDC's STAR pipeline and RSEM write them."""

import logging
from typing import Final

import numpy as np
import pandas as pd

from clrna.constants import SCALE
from clrna.errors import InputError
from clrna.io.number_table import NumberTable

logger = logging.getLogger("clrna")

# The column of each unit; all of them stand in one file.
_LAYOUTS: Final = {
    "GDC STAR counts": {"tpm": "tpm_unstranded", "counts": "unstranded", "fpkm": "fpkm_unstranded"},
    "RSEM genes.results": {"tpm": "TPM", "counts": "expected_count", "fpkm": "FPKM"},
}
_SUFFIXES: Final = (
    ".gz", ".zst", ".tsv", ".txt", ".results", ".genes", ".augmented_star_gene_counts", ".rna_seq",
)  # fmt: skip


def as_one_sample(table: NumberTable, wanted: str | None) -> NumberTable:
    """Reduce the table of one sample to one column; other tables come back as they are.

    Parameters
    ----------
    table
        Genes in rows.
    wanted
        Unit that was asked for, None for TPM: the quantifier knew each gene's effective length.

    Returns
    -------
    The same table, or one whose only column has the file's name and ``scale`` in its annotation.

    Raises
    ------
    InputError
        The file has no column of the unit that was asked for.
    """
    for layout, columns in _LAYOUTS.items():
        if set(columns.values()) <= set(table.columns):
            unit = wanted or "tpm"
            if unit not in columns:
                raise InputError(f"{table.path}: {layout} have no column of {unit}; they have {', '.join(columns)}")
            logger.info("%s: %s of one sample, column %r is read", table.path, layout, columns[unit])
            values = np.ascontiguousarray(table.values[:, [table.columns.index(columns[unit])]])
            about = pd.DataFrame({SCALE: [unit]})
            return NumberTable(table.path, [_sample_name(table.path.name)], table.annotations, values, about, True)
    return table


def _sample_name(file_name: str) -> str:
    name, before = file_name, ""
    while name != before:
        before = name
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
    return name or file_name
