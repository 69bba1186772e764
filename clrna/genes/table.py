"""The gene table that the package carries: HGNC's approved genes with their other names and identifiers."""

import functools
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.packaged import packaged_table

GENE_TABLE = "genes.tsv.gz"
_SEPARATOR = "|"
_COLUMNS = ("symbol", "ensembl_id", "entrez_id", "exonic_length", "previous", "aliases")


class GeneTable:
    """Approved human genes and the ways to look one up; all look-ups give row numbers.

    Attributes
    ----------
    symbol, ensembl_id, entrez_id
        Object arrays of shape (genes,), in the order of symbols; '' where there is no identifier.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.symbol = frame["symbol"].to_numpy(dtype=object)
        self.ensembl_id = frame["ensembl_id"].to_numpy(dtype=object)
        self.entrez_id = frame["entrez_id"].to_numpy(dtype=object)
        self._previous_text = frame["previous"].to_numpy(dtype=object)
        self._aliases_text = frame["aliases"].to_numpy(dtype=object)
        self._length_text = frame["exonic_length"]

    @functools.cached_property
    def exonic_length(self) -> NDArray[np.float64]:
        """Base pairs in the union of the gene's exons (coding genes) or in its median isoform (others), shape (genes,).

        NaN where unknown. See ``clrna/data/SOURCES.md``.
        """
        return pd.to_numeric(self._length_text).to_numpy(dtype=np.float64)

    @functools.cached_property
    def by_symbol(self) -> dict[str, int]:
        """Row of each current symbol."""
        return _positions(self.symbol)

    @functools.cached_property
    def by_ensembl(self) -> dict[str, int]:
        """Row of each Ensembl gene identifier (without version)."""
        return _positions(self.ensembl_id)

    @functools.cached_property
    def by_entrez(self) -> dict[str, int]:
        """Row of each Entrez (NCBI) gene number, as text."""
        return _positions(self.entrez_id)

    @functools.cached_property
    def by_previous(self) -> dict[str, list[int]]:
        """Rows of the genes that once had this symbol."""
        return _grouped(self._previous_text)

    @functools.cached_property
    def by_alias(self) -> dict[str, list[int]]:
        """Rows of the genes that have this alias."""
        return _grouped(self._aliases_text)

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """All names of all genes: this is made in a tenth of the time of the tables that say whose they are."""
        return frozenset(self._all_names.split(_SEPARATOR))

    @functools.cached_property
    def upper_names(self) -> frozenset[str]:
        """The same in upper case."""
        return frozenset(self._all_names.upper().split(_SEPARATOR))

    @property
    def _all_names(self) -> str:
        return _SEPARATOR.join([*self.symbol, *self._previous_text, *self._aliases_text])

    @functools.cached_property
    def tiers(self) -> tuple[tuple[str, dict[str, list[int]]], ...]:
        """Names of genes by trust: a current symbol wins over previous ones, those over aliases."""
        current = {symbol: [row] for symbol, row in self.by_symbol.items()}
        return ("current", current), ("previous", self.by_previous), ("alias", self.by_alias)

    @functools.cached_property
    def upper_tiers(self) -> tuple[tuple[str, dict[str, list[int]]], ...]:
        """The same with all names in upper case."""
        return tuple((tier, _in_upper_case(names)) for tier, names in self.tiers)


@functools.cache
def load_gene_table() -> GeneTable:
    """Return the gene table, read on first use."""
    return GeneTable(packaged_table(GENE_TABLE, comment=None, columns=_COLUMNS))


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


def _positions(values: Iterable[str]) -> dict[str, int]:
    positions = {value: row for row, value in enumerate(values)}
    positions.pop("", None)
    return positions


def _grouped(joined: Iterable[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(joined):
        if text:
            for name in text.split(_SEPARATOR):
                rows.setdefault(name, []).append(row)
    return rows


def _in_upper_case(names: dict[str, list[int]]) -> dict[str, list[int]]:
    upper: dict[str, list[int]] = {}
    for name, rows in names.items():
        key = name.upper()
        known = upper.get(key)
        # Hardly any name meets another one: the list is then that of ``names``, which nothing changes.
        upper[key] = rows if known is None else [*known, *(row for row in rows if row not in known)]
    return upper
