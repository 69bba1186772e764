"""Tables with two genes a row, such as fusions or edges of a network, which are no expression of either."""

from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.genes import map_genes
from clrna.io.matrix.number_table import NumberTable
from clrna.quoted import in_quotes
from clrna.spread_out import spread_out

_MOST_ROWS: Final = 500
_FEWEST: Final = 5
_GENES: Final = 0.5
# Two names of one gene in a row may be of different years, and then now and again look like two genes.
_DIFFERENT: Final = 0.5


def refuse_gene_pairs(table: NumberTable) -> None:
    """Raise InputError where two columns of text name genes, and most rows have another gene in each."""
    texts = table.annotations
    if texts.shape[1] < 2:
        return
    rows = spread_out(len(texts), _MOST_ROWS)
    first: np.ndarray | None = None
    name = ""
    for at in range(texts.shape[1]):
        values = texts.iloc[rows, at].fillna("").astype(str).tolist()
        if sum(any(map(str.isalpha, value)) for value in values) < _GENES * len(values):
            continue  # numbers of rows, positions, Entrez numbers of the genes beside them
        symbols = map_genes(values).symbol
        known = symbols != ""
        # Words such as OK and A, which are aliases, stand again and again.
        if known.sum() < _GENES * len(symbols) or len(set(symbols[known])) < _FEWEST:
            continue
        if first is None:
            first, name = symbols, str(texts.columns[at]) or "the first"
            continue
        both = known & (first != "")
        if both.any() and np.mean(symbols[both] != first[both]) > _DIFFERENT:
            raise InputError(
                f"{table.path}: has two genes a row, {in_quotes(name)} and {in_quotes(str(texts.columns[at]))}, as "
                "fusions and networks have, and no expression of a gene; if it is, leave one of the two columns out"
            )
