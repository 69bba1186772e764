"""What ties a table of scores to the embeddings that it is about."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.errors import InputError
from clrna.io.contract import text_column
from clrna.results.embeddings import embedding_matrix
from clrna.results.score_table import FINGERPRINT, WHOLE

_LENGTH = 16
_SHOWN = 5


def embedding_fingerprint(adata: AnnData, key: str, study_key: str, path: Path) -> str:
    """Return a few characters that change with the values of an embedding or the studies of its samples.

    The order of the samples and their names do not count: these depend on which files were joined.

    Parameters
    ----------
    adata
        The file, or several joined.
    key
        Of ``obsm``.
    study_key
        ``obs`` column that names the study.
    path
        For the errors of the matrix.
    """
    values = np.ascontiguousarray(embedding_matrix(adata, key, path), dtype=np.float32)
    studies = text_column(adata.obs[study_key])
    rows = sorted(str(study).encode() + b"\0" + row.tobytes() for study, row in zip(studies, values, strict=True))
    return hashlib.sha256(b"\n".join(rows)).hexdigest()[:_LENGTH]


def require_same_samples(scores: pd.DataFrame, adata: AnnData, study_key: str, path: Path, scores_path: Path) -> None:
    """Raise InputError where scores are of other embeddings or studies than a file holds.

    A file may lack some of the embeddings that were scored. Tables that no fingerprint stands in are held against the
    names alone.

    Parameters
    ----------
    scores
        From :func:`clrna.results.score_table.read_scores`.
    adata, study_key, path
        As in :func:`embedding_fingerprint`.
    scores_path
        Where the scores come from, for the error.
    """
    there = [key for key in dict.fromkeys(scores["embedding"]) if key in adata.obsm]
    if not there:
        raise InputError(_strangers(scores_path, path, "embeddings", dict.fromkeys(scores["embedding"]), adata.obsm))
    if study_key in adata.obs:
        known = set(text_column(adata.obs[study_key]))
        others = [name for name in dict.fromkeys(scores["study"]) if name not in known and name != WHOLE]
        if others:
            raise InputError(_strangers(scores_path, path, "studies", others, sorted(known)))
    for key in there:
        told = set(scores.loc[scores["embedding"] == key, FINGERPRINT]) - {""}
        if told and told != {embedding_fingerprint(adata, key, study_key, path)}:
            raise InputError(
                f"{scores_path}: its scores of {key} were computed of other values than {path} holds; run clrna-score "
                "on these files"
            )


def _strangers(scores_path: Path, path: Path, what: str, scored: Sequence[str] | dict, there: object) -> str:
    names = ", ".join([str(name) for name in scored][:_SHOWN])
    held = ", ".join([str(name) for name in there][:_SHOWN]) or "none"  # type: ignore[attr-defined]
    return f"{scores_path}: is of {what} {names}, and {path} has {held}; give the scores of these files"
