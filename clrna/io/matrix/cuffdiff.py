"""Tables of Cuffdiff: several columns for each condition, one of which is its expression."""

import logging
import re
from typing import Final

import numpy as np
import pandas as pd

from clrna.constants import SCALE
from clrna.errors import InputError
from clrna.io.matrix.number_table import NumberTable
from clrna.quoted import listed

logger = logging.getLogger("clrna")

# By the ending of the column that is read: that of another which stands beside it for each condition, and the unit.
_KINDS: Final = {"_FPKM": ("_conf_lo", "fpkm"), "_count": ("_count_variance", "counts")}
_OF_TEST: Final = frozenset({"sample_1", "sample_2", "value_1", "value_2"})
_OF_REPLICATES: Final = frozenset({"condition", "replicate", "FPKM", "raw_frags"})
_MATRIX: Final = "give genes.fpkm_tracking, or the genes.fpkm_table of cuffnorm"


def of_conditions(table: NumberTable, wanted: str | None) -> NumberTable:
    """Reduce a table of Cuffdiff to one column a condition; other tables come back as they are.

    Parameters
    ----------
    table
        As it lies in the file.
    wanted
        Unit that was asked for, None for that of the file.

    Raises
    ------
    InputError
        The table holds tests or a line for each replicate, or not the unit that was asked for.
    """
    every = {*table.columns, *map(str, table.annotations.columns)}
    if every >= _OF_TEST:
        raise InputError(f"{table.path}: holds Cuffdiff's tests of pairs of conditions, not expression; {_MATRIX}")
    if every >= _OF_REPLICATES:
        raise InputError(f"{table.path}: is Cuffdiff's long table, a line for each gene and replicate; {_MATRIX}")
    for ending, (beside, unit) in _KINDS.items():
        names = [name.removesuffix(ending) for name in table.columns if re.fullmatch(rf".+{ending}", name)]
        conditions = [name for name in names if f"{name}{beside}" in table.columns]
        if not conditions:
            continue
        if wanted not in (None, unit):
            raise InputError(f"{table.path}: Cuffdiff's table has no column of {wanted}; it has {unit}")
        logger.info("%s: %s of the conditions %s are read", table.path, unit, listed(conditions))
        kept = [table.columns.index(f"{name}{ending}") for name in conditions]
        values = np.ascontiguousarray(table.values[:, kept])
        scales = pd.DataFrame({SCALE: [unit] * len(kept)})
        return NumberTable(table.path, conditions, table.annotations, values, scales, genes_in_rows=True)
    return table
