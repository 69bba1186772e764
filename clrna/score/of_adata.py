"""The scores of an AnnData, joined from files or in memory."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from clrna.io.contract import text_column
from clrna.io.hdf5.measured import measured_by_all
from clrna.results.fingerprint import embedding_fingerprint
from clrna.results.score_table import FINGERPRINT
from clrna.score.expression import expression_reader
from clrna.score.mixing import expression_components
from clrna.score.samples import ScoredSamples, scored_samples
from clrna.score.table import ScoreSettings, ScoreTable


def score_adata(
    adata: AnnData,
    path: Path,
    places: NDArray[np.intp] | None,
    settings: ScoreSettings,
    *,
    embeddings: Sequence[str] | None,
    label_key: str,
    label_by: list[str] | None,
    study_key: str,
    donor_key: str,
    split_key: str,
) -> tuple[pd.DataFrame, ScoredSamples]:
    """Return the table of scores, and what was scored.

    Parameters
    ----------
    adata, path
        The samples, and the file that they are from, or how errors call them.
    places
        As for :func:`clrna.score.expression.expression_reader`.
    settings
        How to score.
    embeddings, label_key, label_by, study_key, donor_key, split_key
        As for :func:`clrna.score.samples.scored_samples`, which also has the errors.
    """
    samples = scored_samples(
        adata, path, embeddings=embeddings, label_key=label_key, label_by=label_by, study_key=study_key,
        donor_key=donor_key, split_key=split_key,
    )  # fmt: skip
    genes = measured_by_all(adata.var, text_column(adata.obs[study_key]), path)
    table = ScoreTable(samples, settings)
    measured = table.measured()
    wanted = None if measured is None else samples.rows[measured]
    with expression_reader(adata, path, places, genes, wanted) as read:
        scores = table.compute(lambda rows: expression_components(read, rows, settings.seed))
    of_embedding = {key: embedding_fingerprint(adata, key, study_key, path) for key in samples.embeddings}
    scores[FINGERPRINT] = [of_embedding.get(key, "") for key in scores["embedding"]]
    return scores, samples
