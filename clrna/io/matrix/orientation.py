"""Find out where the genes of a table are, and turn it into samples x genes."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from clrna.errors import InputError
from clrna.genes import describe_identifiers
from clrna.io.matrix.aggregate_columns import aggregates
from clrna.io.matrix.first_column import with_first_sample
from clrna.io.matrix.gene_columns import columns_about_genes
from clrna.io.matrix.gene_names import are_genes_of_another_form, is_counter_line, share_of_genes
from clrna.io.matrix.not_genes import not_genes
from clrna.io.matrix.number_table import NumberTable, distinct_names
from clrna.io.text.text_columns import counts_up, is_number
from clrna.quoted import in_quotes, listed

if TYPE_CHECKING:
    from anndata import AnnData

logger = logging.getLogger("clrna")

# Entry of uns that says how the table lay; whoever reads the file takes it out.
ORIENTATION: Final = "orientation of the table"
# Where fewer names are known genes, they may be so by chance.
_LEAST_SHARE: Final = 0.1
_LEAST_WEAK_SHARE: Final = 0.05
_MOST_ROWS: Final = 1_000
_OBVIOUS: Final = 0.3
_SHOWN: Final = 8


class _Column(NamedTuple):
    position: int
    share: float


def orient(table: NumberTable, orientation: str = "auto") -> "AnnData":
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
    beside = _Column(0, 1.0) if table.named_genes else _best_column(table)
    if orientation != "auto":
        genes_in_rows = orientation == "samples-in-columns"
    else:
        genes_in_rows = table.genes_in_rows or _lies_with_genes_in_rows(table, beside.share)
        logger.info("%s: samples in %s", table.path, "columns" if genes_in_rows else "rows")
    adata = _from_gene_rows(table, beside.position) if genes_in_rows else _from_sample_rows(table)
    adata.uns[ORIENTATION] = "samples in columns" if genes_in_rows else "samples in rows"
    return adata


def refuse_transposed(samples: Sequence[str], genes: Sequence[str], path: Path) -> None:
    """Raise InputError where the names of an AnnData file's samples are genes and those of its genes are not."""
    if _are_transposed(samples, genes):
        raise InputError(
            f"{path}: its samples (obs) are {describe_identifiers(samples)}, its genes (var) "
            f"{describe_identifiers(genes)}: it lies the wrong way round; turn it with clrna-normalize --orientation "
            "samples-in-columns, or in Python with adata.T"
        )


def turned(adata: "AnnData", orientation: str, path: Path) -> "AnnData":
    """Return AnnData with its samples in ``obs``.

    Parameters
    ----------
    adata
        As it was read, its ``X`` of real numbers.
    orientation
        ``samples-in-columns`` turns what has genes in ``obs``; with ``samples-in-rows`` it is taken as it lies.
    path
        Its file, for the error.

    Raises
    ------
    InputError
        Nothing was said, and ``obs`` holds the genes.
    """
    samples, genes = adata.obs_names.tolist(), adata.var_names.tolist()
    if orientation == "auto":
        refuse_transposed(samples, genes, path)
    # The option is for all inputs of a run: AnnData that lies as it should stays as it is.
    if orientation != "samples-in-columns" or not _are_transposed(samples, genes):
        return adata
    logger.info("%s: genes are in obs; it is turned", path)
    other = adata.T
    other.X = np.ascontiguousarray(other.X)
    other.uns[ORIENTATION] = "samples in columns"
    return other


def _are_transposed(samples: Sequence[str], genes: Sequence[str]) -> bool:
    of_samples = share_of_genes(samples)
    return of_samples >= _OBVIOUS and of_samples > share_of_genes(genes)


def _lies_with_genes_in_rows(table: NumberTable, share_beside: float) -> bool:
    share_above = share_of_genes(table.columns)
    high, low = max(share_above, share_beside), min(share_above, share_beside)
    least = _LEAST_SHARE if low > 0.0 else _LEAST_WEAK_SHARE
    if high >= least and high > low and not _genes_lie_across(table, share_beside > share_above):
        return share_beside > share_above
    rows = table.annotations.iloc[:_MOST_ROWS, 0].astype(str).tolist()
    if high < least:
        found = "no human gene identifiers found"
    else:
        both, across = "both sides have as many names of genes", "names of human genes stand across from other genes"
        found = both if low == high else across
    raise InputError(
        f"{table.path}: {found}: the header has {describe_identifiers(table.columns)}, the first column "
        f"{describe_identifiers(rows)}; if these are genes, say where the samples lie with --orientation; those of "
        "probes and transcripts are read from --gene-map"
    )


def _genes_lie_across(table: NumberTable, genes_in_rows: bool) -> bool:
    """Return whether the side of the samples holds genes of another form: then the names of genes are samples'."""
    if genes_in_rows:
        return are_genes_of_another_form(table.columns)
    texts = table.annotations
    return any(are_genes_of_another_form(texts.iloc[:, at].astype(str).tolist()) for at in range(texts.shape[1]))


def _best_column(table: NumberTable) -> _Column:
    """Return the column beside the numbers in which most names are genes, the first of several equal ones."""
    columns = [table.annotations.iloc[:, position] for position in range(table.annotations.shape[1])]
    shares = np.round([share_of_genes(column.astype(str).tolist()) for column in columns], 2)
    if len(columns) > 1 and shares[1:].any() and counts_up(columns[0].astype(str).tolist()):
        shares[0] = 0.0  # few numbers of rows are Entrez numbers, too
    best = int(np.argmax(shares))
    return _Column(best, float(shares[best]))


def _from_gene_rows(table: NumberTable, id_column: int) -> "AnnData":
    ids = table.annotations.iloc[:, id_column].astype(str)
    _refuse_without_header(table, str(table.annotations.columns[id_column]))
    if id_column > 0:
        whole = with_first_sample(table)
        id_column -= table.annotations.shape[1] - whole.annotations.shape[1]
        table = whole
    about = columns_about_genes(table, ids.tolist())
    samples = np.flatnonzero(~about)
    if about.any():
        logger.info("%s: columns %s describe genes and are no samples", table.path, _names(table.columns, about))
    counters = ids.map(is_counter_line) | table.annotations.iloc[:, 0].astype(str).map(is_counter_line)
    kept = np.flatnonzero(~counters.to_numpy(dtype=bool))
    names = [table.columns[position] for position in samples]
    others = [position for position in range(table.annotations.shape[1]) if position != id_column]
    obs = table.column_annotations.iloc[samples] if len(table.column_annotations) else pd.DataFrame(index=names)
    var = table.annotations.iloc[kept, others].set_axis(ids.to_numpy()[kept], axis=0)
    for at in np.flatnonzero(about):
        var.insert(var.shape[1], table.columns[at], table.values[kept, at], allow_duplicates=True)
    return _without_other_rows(
        _as_anndata(_selected(table.values, kept, samples).T, obs.set_axis(names, axis=0), var), table.path
    )


def _refuse_without_header(table: NumberTable, name: str) -> None:
    """Raise InputError where the first line names a gene and numbers, as all other lines do: BED files, for one."""
    if share_of_genes([name]) > 0.0 and not name.isdigit() and all(map(is_number, table.columns)):
        raise InputError(
            f"{table.path}: its first line is of gene {in_quotes(name)}: it has no header; put one with the samples' "
            "names on top"
        )


def _from_sample_rows(table: NumberTable) -> "AnnData":
    kept = np.array([n for n, name in enumerate(table.columns) if not is_counter_line(name)], dtype=int)
    id_column = _sample_column(table)
    names = table.annotations.iloc[:, id_column].astype(str).to_numpy()
    # A column of names is kept, as metadata may be joined by it; one that counts rows says nothing.
    obs = table.annotations.iloc[:, 1:].set_axis(names, axis=0)
    columns = [table.columns[position] for position in kept]
    var = table.column_annotations.iloc[kept] if len(table.column_annotations) else pd.DataFrame(index=columns)
    together = aggregates(names.tolist(), table.values.T, np.zeros(len(names), dtype=bool))
    if together.any():
        logger.info("%s: rows %s put the samples together and are none", table.path, _names(names.tolist(), together))
    rows = np.flatnonzero(~together)
    values, obs = _selected(table.values, rows, kept), obs.iloc[rows]
    return _without_other_rows(_as_anndata(values, obs, var.set_axis(columns, axis=0)), table.path)


def _sample_column(table: NumberTable) -> int:
    """Return the column that names the samples: the first, or, where that counts rows, the first without repeats."""
    first = table.annotations.iloc[:, 0].astype(str).tolist()
    if not counts_up(first):
        return 0
    for position in range(1, table.annotations.shape[1]):
        column = table.annotations.iloc[:, position]
        if column.notna().all() and column.is_unique:
            logger.info("%s: samples are named by column %r", table.path, str(table.annotations.columns[position]))
            return position
    return 0


def _without_other_rows(adata: "AnnData", path: Path) -> "AnnData":
    """Move what is no gene from the matrix to ``obs``."""
    others = not_genes(adata.var_names.tolist(), adata.X)
    if not others.any() or others.all():
        return adata
    logger.info("%s: %s are no genes; they are kept in obs", path, _names(adata.var_names, others))
    obs = adata.obs
    for at in np.flatnonzero(others):
        obs.insert(obs.shape[1], adata.var_names[at], adata.X[:, at], allow_duplicates=True)
    kept = np.flatnonzero(~others)
    return _as_anndata(_selected(adata.X, np.arange(adata.n_obs), kept), obs, adata.var.iloc[kept])


def _names(names: Sequence[str], which: np.ndarray) -> str:
    chosen = [str(name) for name, is_chosen in zip(names, which, strict=True) if is_chosen]
    return listed(chosen, _SHOWN)


def _selected(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return rows and columns of a matrix, itself where all are wanted."""
    if len(rows) < values.shape[0]:
        values = values[rows]
    return values if len(columns) == values.shape[1] else values[:, columns]


def _as_anndata(values: np.ndarray, obs: pd.DataFrame, var: pd.DataFrame) -> "AnnData":
    from anndata import AnnData  # takes as long to load as a sample to encode, which needs none of it

    for frame in (obs, var):
        frame.index = pd.Index(frame.index.astype(str), dtype=object)
        frame.columns = distinct_names(frame.columns)
    with warnings.catch_warnings():
        # A gene that stands twice is merged later; a sample that does is refused.
        warnings.filterwarnings("ignore", message=".*names are not unique.*")
        return AnnData(X=np.ascontiguousarray(values, dtype=np.float32), obs=obs, var=var)
