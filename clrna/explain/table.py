"""The table of genes: what its rows say, and which genes of a contribution come into it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.constants import ENSEMBL_ID
from clrna.explain.logit_path import Contributions
from clrna.results.gene_table import AGAINST, COLUMNS, FOR

_DIGITS = 7


def gene_rows(
    found: Contributions,
    measured: NDArray[np.bool_],
    genes: pd.DataFrame,
    n_genes: int,
    about: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Return the rows of labels or samples.

    Parameters
    ----------
    found
        Contributions of the genes to each.
    measured
        Which genes may have one, as ``found.of_genes``; what the others add goes into ``not_measured``.
    genes
        The model's: index symbols, column ``ensembl_id``.
    n_genes
        Genes for and genes against, each at most; 0 for all.
    about
        Columns ``label``, ``against``, ``sample`` and ``study`` of each.

    Returns
    -------
    Table with ``COLUMNS``: of each label or sample first the genes for it, the largest contribution first, then those
    against it. A gene that adds nothing is in neither.
    """
    shown = np.where(measured, found.of_genes, 0.0)
    left_over = np.where(measured, 0.0, found.of_genes).sum(axis=1)
    most = n_genes or shown.shape[1]
    blocks = [_ranked(shown, most), _ranked(-shown, most)]
    row = np.concatenate([block[0] for block in blocks])
    gene = np.concatenate([block[1] for block in blocks])
    rank = np.concatenate([block[2] for block in blocks])
    side = np.repeat([0, 1], [len(block[0]) for block in blocks])
    order = np.lexsort((rank, side, row))
    row, gene, rank, side = row[order], gene[order], rank[order], side[order]
    table = {name: np.asarray(values, dtype=object)[row] for name, values in about.items()}
    table |= {
        "direction": np.array([FOR, AGAINST], dtype=object)[side],
        "rank": rank,
        "gene": genes.index.to_numpy(dtype=object)[gene],
        ENSEMBL_ID: genes[ENSEMBL_ID].to_numpy(dtype=object)[gene],
        "contribution": shown[row, gene],
        "value": found.value[row, gene],
        "difference": found.difference[row],
        "baseline": found.baseline[row],
        "not_measured": left_over[row],
    }
    return pd.DataFrame(table, columns=list(COLUMNS))


def genes_tsv(table: pd.DataFrame, *, header: bool = True) -> str:
    """Return rows as tab separated text."""
    return table.to_csv(
        sep="\t", index=False, header=header, na_rep="", float_format=f"%.{_DIGITS}g", lineterminator="\n"
    )


def _ranked(values: NDArray[np.float64], most: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return row, column and rank from 1 of the largest values above 0 of each row; equal ones in their order."""
    order = np.argsort(-values, axis=1, kind="stable")[:, :most]
    row, place = np.nonzero(np.take_along_axis(values, order, axis=1) > 0)
    return row, order[row, place], place + 1
