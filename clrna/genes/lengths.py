"""Lengths of genes, for TPM from counts."""

from collections.abc import Iterable

import numpy as np

from clrna.genes.table import load_gene_table


def exonic_lengths(symbols: Iterable[str]) -> np.ndarray:
    """Return the exonic length of each gene.

    Parameters
    ----------
    symbols
        Current HGNC symbols, as :func:`clrna.genes.map_genes` gives them.

    Returns
    -------
    Float array of base pairs: the union of all exons of the gene's transcripts in Ensembl 110 for coding genes, the
    median isoform of GENCODE 48 for others; NaN where neither has the gene or the symbol is unknown.
    """
    table = load_gene_table()
    rows = [table.by_symbol.get(symbol, -1) for symbol in symbols]
    with_unknown = np.append(table.exonic_length, np.nan)
    return with_unknown[rows] if rows else np.empty(0)
