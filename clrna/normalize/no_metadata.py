"""A matrix of expression that was given as a table of samples."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from clrna.errors import InputError
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.metadata.sample_metadata import SampleTable
from clrna.quoted import listed
from clrna.spread_out import spread_out

_FEWEST = 20
_GENES = 0.5
_MOST_COLUMNS = 50
# Mutations and calls of copy number, which a table of samples may have.
_LARGEST_CALL = 12.0


def refuse_expression(table: SampleTable, is_read: Callable[[str], bool]) -> None:
    """Raise InputError where a table of samples has nothing but numbers of genes.

    Parameters
    ----------
    table
        With a row for each sample.
    is_read
        Whether a column, by its name, says study, label or donor; a table that has one is taken.
    """
    names = [str(name) for name in table.frame.columns if name != table.key]
    if len(names) < _FEWEST or any(map(is_read, names)) or share_of_genes(names) < _GENES:
        return
    values = table.frame[[names[at] for at in spread_out(len(names), _MOST_COLUMNS)]]
    numbers = values.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if (np.isnan(numbers) & values.notna().to_numpy()).any():
        return
    known = numbers[np.isfinite(numbers)]
    if known.size and ((known != np.rint(known)).any() or known.max() > _LARGEST_CALL):
        raise InputError(
            f"{table.path}: holds numbers of genes ({listed(names, 3)}) and no label of a sample: it is a matrix of "
            "expression, and no table of samples; give it as an input, and with --metadata what is known of the samples"
        )
