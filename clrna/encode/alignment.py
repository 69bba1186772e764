"""Find the model's genes among those of a file."""

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import ENSEMBL_ID, ENTREZ_ID
from clrna.errors import InputError
from clrna.genes import describe_identifiers, foreign_form, map_genes
from clrna.genes.identifiers import parse_identifier
from clrna.plural import plural
from clrna.quoted import listed

logger = logging.getLogger("clrna")

_NAMED = 10
_BY_CHANCE = 0.1


@dataclass(frozen=True)
class GeneAlignment:
    """Which columns of a matrix hold which genes of a model.

    Attributes
    ----------
    columns
        Columns of the matrix that hold a gene of the model, ascending.
    genes
        The gene of each of these, by its place in the model; a gene may come more than once.
    symbols
        Current symbol of each column of the matrix, '' where it is no known gene.
    model_symbols
        Symbols of the model's genes, in the model's order.
    """

    columns: np.ndarray
    genes: np.ndarray
    symbols: np.ndarray
    model_symbols: np.ndarray

    @property
    def present(self) -> np.ndarray:
        """Whether the matrix has each gene of the model, shape (model genes,)."""
        return np.bincount(self.genes, minlength=len(self.model_symbols)) > 0

    @property
    def missing(self) -> list[str]:
        """Symbols of the model's genes that the matrix lacks."""
        return [str(symbol) for symbol in self.model_symbols[~self.present]]

    @property
    def coverage(self) -> float:
        """Share of the model's genes that the matrix has."""
        return float(self.present.mean())

    @property
    def n_merged(self) -> int:
        """Number of columns that share their gene with an earlier column."""
        return len(self.genes) - int(self.present.sum())

    def gather(self, values: np.ndarray, *, add: bool) -> np.ndarray:
        """Return the model's genes in the model's order.

        Parameters
        ----------
        values
            Values of :attr:`columns`, shape (samples, columns that hold a gene of the model).
        add
            Several columns of one gene are summed, as for linear sequencing units; else averaged over
            those that are not missing. clrna-normalize does the same.

        Returns
        -------
        float32 of shape (samples, model genes), NaN where the matrix has no value.
        """
        n_genes = len(self.model_symbols)
        if values.dtype == np.float32 and np.array_equal(self.genes, np.arange(n_genes)):
            return values
        out = np.full((len(values), n_genes), np.nan, dtype=np.float32)
        out[:, self.genes] = values
        for gene, columns in self._shared:
            several = values[:, columns].astype(np.float64)
            out[:, gene] = several.sum(axis=1) if add else _mean_of_finite(several)
        return out

    @functools.cached_property
    def _shared(self) -> list[tuple[int, np.ndarray]]:
        """Genes that several columns hold, with the places of these among :attr:`columns`."""
        counts = np.bincount(self.genes, minlength=len(self.model_symbols))
        return [(int(gene), np.flatnonzero(self.genes == gene)) for gene in np.flatnonzero(counts > 1)]

    def chosen(self, values: np.ndarray) -> np.ndarray:
        """Return a copy of :attr:`columns` of values, shape (samples, columns)."""
        return values.copy() if len(self.columns) == values.shape[1] else values.take(self.columns, axis=1)

    def scatter(self, values: np.ndarray) -> np.ndarray:
        """Return the columns of the matrix from values of the model's genes, NaN where a column is none of them."""
        out = np.full((len(values), len(self.symbols)), np.nan, dtype=np.float32)
        out[:, self.columns] = values[:, self.genes]
        return out


def align_genes(ids: Sequence[str], model_genes: pd.DataFrame, gene_id: str = "auto") -> GeneAlignment:
    """Find a model's genes among the identifiers of a file.

    A name that stands in the model letter for letter is that gene. All others are mapped to current HGNC
    symbols and then looked up by symbol, Ensembl and Entrez identifier, so that a model made with last year's
    symbols still finds its genes.

    Parameters
    ----------
    ids
        Gene identifiers of the file, in its order.
    model_genes
        Index symbols, columns ``ensembl_id`` and ``entrez_id``.
    gene_id
        ``auto``, ``symbol``, ``ensembl`` or ``entrez``.
    """
    names = [str(name) for name in ids]
    mapping = map_genes(names, gene_id)
    symbols = _places(model_genes.index)
    by_number = {**_places(model_genes[ENTREZ_ID]), **_places(model_genes[ENSEMBL_ID])}

    def place_of(at: int, name: str) -> int:
        """Return the place of a name that stands in the model neither as it is nor by its current symbol."""
        ensembl = parse_identifier(name).ensembl if gene_id in ("auto", "ensembl") else ""
        numbers = (ensembl, mapping.ensembl_id[at], mapping.entrez_id[at])
        return next((by_number[number] for number in numbers if number in by_number), -1)

    found = []
    for at, (name, symbol) in enumerate(zip(names, mapping.symbol.tolist(), strict=True)):
        place = symbols.get(name)
        place = symbols.get(symbol) if place is None else place
        found.append(place_of(at, name) if place is None else place)
    places = np.array(found, dtype=np.intp)
    columns = np.flatnonzero(places >= 0)
    return GeneAlignment(columns, places[columns], mapping.symbol, model_genes.index.to_numpy(dtype=object))


def check_coverage(alignment: GeneAlignment, ids: Sequence[str], min_coverage: float, path: Path) -> None:
    """Log how much of the model's genes a file has; refuse it where that is too little.

    Raises
    ------
    InputError
        The file has none of them, or few and most of its genes are of another species, or a smaller share than
        ``min_coverage``.
    """
    total, missing = len(alignment.model_symbols), alignment.missing
    # A mouse has a few names of human genes; a file of both species has most of the model's.
    if len(missing) == total or (alignment.coverage < _BY_CHANCE and foreign_form([str(name) for name in ids])):
        how_many = "none" if len(missing) == total else "hardly one"
        raise InputError(
            f"{path}: {how_many} of the model's genes is in the file: the model has "
            f"{describe_identifiers(list(alignment.model_symbols))}, the file has {describe_identifiers(ids)}; "
            "see --gene-id, or bring the file to human gene symbols with clrna-normalize"
        )
    names = listed(missing, _NAMED)
    share = f"{total - len(missing)} of the model's {total} genes ({alignment.coverage:.1%})"
    if alignment.coverage < min_coverage:
        raise InputError(
            f"{path}: has {share}, --min-coverage asks for {min_coverage:.1%}; missing are {names}; the file has "
            f"{describe_identifiers(ids)}; give a file with more genes, or lower --min-coverage"
        )
    merged = f"; {alignment.n_merged} columns share a gene with another, merged" if alignment.n_merged else ""
    logger.info("%s has %s%s", path, share, merged)
    if missing:
        what = plural(len(missing), "gene of the model is", "genes of the model are")
        logger.warning("%s missing from the file: %s", what, names)


def _places(names: pd.Index | pd.Series) -> dict[str, int]:
    """Return the place of each name, the first where it comes twice; empty names have none."""
    texts = [str(name) for name in names.tolist()]
    return {text: at for at, text in zip(range(len(texts) - 1, -1, -1), reversed(texts), strict=True) if text}


def _mean_of_finite(several: np.ndarray) -> np.ndarray:
    finite = np.isfinite(several)
    counts = finite.sum(axis=1)
    sums = np.where(finite, several, 0.0).sum(axis=1)
    return np.divide(sums, counts, out=np.full(len(several), np.nan), where=counts > 0)
