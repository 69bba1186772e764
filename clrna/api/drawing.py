"""What figures and the report take from an AnnData in memory."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from anndata import AnnData

from clrna.api.model import Model
from clrna.api.parameters import ADATA, check_adata, check_number, label_columns
from clrna.errors import UsageError
from clrna.io.hdf5.h5ad import without_values
from clrna.io.text_table import text_cells
from clrna.results.fingerprint import require_same_samples
from clrna.results.gene_table import gene_table_of
from clrna.results.history import History, history_of
from clrna.results.match_table import match_table_of
from clrna.results.same_samples import require_samples_of
from clrna.results.samples import DrawnSamples, drawn_samples
from clrna.results.score_table import scores_in, scores_of


def samples_to_draw(
    adata: AnnData, label_key: str | Sequence[str], study_key: str, max_points: int, random_state: int
) -> DrawnSamples:
    """Return the samples of ``adata`` and which of them are drawn."""
    check_adata(adata)
    check_number("max_points", max_points, 10, whole=True)
    check_number("random_state", random_state, 0, whole=True)
    label, label_by = label_columns(label_key)
    return drawn_samples(
        without_values(adata), ADATA, label_key=label, label_by=label_by, study_key=study_key,
        max_points=max_points, seed=random_state,
    )  # fmt: skip


def scores_to_draw(adata: AnnData, scores: pd.DataFrame | None, study_key: str) -> pd.DataFrame | None:
    """Return the scores that are given, else those that ``adata`` holds; both have to be of its embeddings."""
    found = scores_in(adata, ADATA) if scores is None else scores_of(scores, ADATA, "scores")
    if found is not None:
        require_same_samples(found, adata, study_key, ADATA, ADATA)
    return found


def matches_to_show(
    adata: AnnData, matches: pd.DataFrame | None, genes: pd.DataFrame | None, study_key: str
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return matches and genes that are given; both have to be of samples of ``adata``."""
    found = None if matches is None else match_table_of(matches, Path("matches"))
    of_genes = None if genes is None else gene_table_of(genes, Path("genes"))
    for table, name, step in ((found, "matches", "clrna-match"), (of_genes, "genes", "clrna-explain")):
        if table is not None:
            require_samples_of(table, adata, study_key, ADATA, [Path(name)], step)
    return found, of_genes


def curves(history: Model | pd.DataFrame) -> History:
    """Return the curves of a model that was just trained, or of its table."""
    table = history.history if isinstance(history, Model) else history
    if table is None:
        raise UsageError("history: the model was loaded, and a file holds no curves; give the table that train made")
    return history_of(text_cells(table), ADATA)
