"""Find out where the genes of a table are, and turn it into samples x genes."""

import logging
import re
import warnings
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.errors import InputError
from clrna.genes import describe_identifiers, map_genes
from clrna.io.number_table import NumberTable

logger = logging.getLogger("clrna")

# What counters write beside the genes: STAR (N_unmapped), HTSeq (__no_feature).
_COUNTER_LINE: Final = re.compile(
    r"N_(unmapped|multimapping|noFeature|ambiguous)"
    r"|__(no_feature|ambiguous|too_low_aQual|not_aligned|alignment_not_unique)"
)
# Columns of numbers that describe a gene, as featureCounts, RSEM and cBioPortal write them.
_GENE_NUMBERS: Final = frozenset(
    "length effective_length gene_length exonic_length start end strand chr chromosome gc_content "
    "entrez_gene_id entrezgene entrez_id".split()
)
_ENOUGH_NAMES: Final = 1_000


# Aliases are short (S1, A1) and any number below 100,000 may be an Entrez number, so samples can look like them.
# Of columns that both name the genes, that with Ensembl genes says it most exactly.
_TRUST: Final = {"ensembl": 1.0, "current": 0.9, "previous": 0.9, "entrez": 0.5, "alias": 0.25}
_ENOUGH_FOR_WEAK_EVIDENCE: Final = 20


class _Column(NamedTuple):
    position: int
    share: float


def orient(table: NumberTable, orientation: str = "auto") -> AnnData:
    """Turn a table into samples x genes.

    Parameters
    ----------
    table
        As it lies in the file.
    orientation
        ``samples-in-rows``, ``samples-in-columns``, or ``auto``: genes are where more names are known genes.

    Returns
    -------
    ``X`` float32; ``var_names`` are the identifiers as they stand in the file (a gene may stand twice).
    Of several columns that name the rows' genes the one with most known genes is taken, the others are
    kept in ``var``. Lines that counters add (``N_unmapped``, ``__no_feature``) are left out.

    Raises
    ------
    InputError
        Neither side holds gene identifiers, or no column is a sample.
    """
    beside = _best_column(table)
    if orientation != "auto":
        genes_in_rows = orientation == "samples-in-columns"
    else:
        genes_in_rows = table.genes_in_rows or _lies_with_genes_in_rows(table, beside.share)
        logger.info("%s: samples in %s", table.path, "columns" if genes_in_rows else "rows")
    return _from_gene_rows(table, beside.position) if genes_in_rows else _from_sample_rows(table)


def _lies_with_genes_in_rows(table: NumberTable, share_beside: float) -> bool:
    share_above = _share_of_genes(table.columns)
    if max(share_above, share_beside) > 0.0:
        return share_beside > share_above
    rows = table.annotations.iloc[:_ENOUGH_NAMES, 0].astype(str).tolist()
    raise InputError(
        f"{table.path}: no human gene identifiers found: the header has {describe_identifiers(table.columns)}, "
        f"the first column {describe_identifiers(rows)}"
    )


def _best_column(table: NumberTable) -> _Column:
    """Return the column beside the numbers in which most names are genes, the first of several equal ones."""
    columns = [table.annotations.iloc[:, position] for position in range(table.annotations.shape[1])]
    shares = np.round([_share_of_genes(column.astype(str).tolist()) for column in columns], 2)
    best = int(np.argmax(shares))
    return _Column(best, float(shares[best]))


def _share_of_genes(names: Sequence[str]) -> float:
    """Return how far names are those of genes, 0 to 1."""
    some = [name for name in names[:: max(1, len(names) // _ENOUGH_NAMES)] if name and not _is_counter_line(name)]
    if not some:
        return 0.0
    mapping = map_genes(some)
    strong = [
        _TRUST.get(status, 0.0) if note == "" else 0.0
        for status, note in zip(mapping.status, mapping.note, strict=True)
    ]
    if any(strong) or len(some) < _ENOUGH_FOR_WEAK_EVIDENCE:
        return float(np.mean(strong))
    # Names that are genes in another case or after a spreadsheet are undone, in tables that have nothing better.
    return 0.1 * float(np.mean(mapping.symbol != ""))


def _from_gene_rows(table: NumberTable, id_column: int) -> AnnData:
    described = [name.strip().lower() in _GENE_NUMBERS for name in table.columns]
    samples = [position for position, is_about_gene in enumerate(described) if not is_about_gene]
    if not samples:
        raise InputError(f"{table.path}: no column is a sample (there are {', '.join(table.columns[:5])})")
    if any(described):
        about = ", ".join(name for name, is_about_gene in zip(table.columns, described, strict=True) if is_about_gene)
        logger.info("%s: columns %s describe genes and are no samples", table.path, about)
    ids = table.annotations.iloc[:, id_column].astype(str)
    counters = ids.map(_is_counter_line) | table.annotations.iloc[:, 0].astype(str).map(_is_counter_line)
    kept = np.flatnonzero(~counters.to_numpy(dtype=bool))
    names = [table.columns[position] for position in samples]
    others = [position for position in range(table.annotations.shape[1]) if position != id_column]
    obs = table.column_annotations.iloc[samples] if len(table.column_annotations) else pd.DataFrame(index=names)
    return _as_anndata(
        _selected(table.values, kept, np.array(samples)).T,
        obs.set_axis(names, axis=0),
        table.annotations.iloc[kept, others].set_axis(ids.to_numpy()[kept], axis=0),
    )


def _from_sample_rows(table: NumberTable) -> AnnData:
    kept = np.array([n for n, name in enumerate(table.columns) if not _is_counter_line(name)], dtype=int)
    names = table.annotations.iloc[:, 0].astype(str).to_numpy()
    obs = table.annotations.iloc[:, 1:].set_axis(names, axis=0)
    var = pd.DataFrame(index=[table.columns[position] for position in kept])
    return _as_anndata(_selected(table.values, np.arange(len(names)), kept), obs, var)


def _selected(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return rows and columns of a matrix, itself where all are wanted."""
    if len(rows) < values.shape[0]:
        values = values[rows]
    return values if len(columns) == values.shape[1] else values[:, columns]


def _as_anndata(values: np.ndarray, obs: pd.DataFrame, var: pd.DataFrame) -> AnnData:
    for frame in (obs, var):
        frame.index = pd.Index(frame.index.astype(str), dtype=object)
        frame.columns = _distinct(frame.columns)
    with warnings.catch_warnings():
        # A gene that stands twice is merged later; a sample that does is refused.
        warnings.filterwarnings("ignore", message=".*names are not unique.*")
        return AnnData(X=np.ascontiguousarray(values, dtype=np.float32), obs=obs, var=var)


def _distinct(names: pd.Index) -> pd.Index:
    """Return names of columns of which none is empty and none stands twice."""
    seen: dict[str, int] = {}
    distinct = []
    for name in (str(name) or "unnamed" for name in names):
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return pd.Index(distinct, dtype=object)


def _is_counter_line(name: str) -> bool:
    return _COUNTER_LINE.fullmatch(name) is not None
