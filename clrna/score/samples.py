"""What is scored: samples with their labels, studies and donors, and each embedding of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import COPY_OF, DONOR, SPLIT, SPLITS, TISSUE, TUMOR_TYPE, UNLABELLED
from clrna.errors import InputError
from clrna.io.contract import check, labels_of, named_columns, study_column, text_column
from clrna.plural import plural
from clrna.quoted import in_quotes, quoted
from clrna.results.embeddings import embedding_keys, embedding_matrix
from clrna.score.knowledge import Knowledge, knowledge_of

logger = logging.getLogger("clrna")


@dataclass(frozen=True)
class ScoredSamples:
    """The samples that are scored, copies of another study's samples left out."""

    rows: NDArray[np.intp]  # their rows in the file
    labels: NDArray  # text, '' where there is none
    studies: NDArray  # text
    donors: NDArray  # text, '' where unknown
    splits: NDArray  # train, valid, test or ''
    label_key: str
    study_key: str
    embeddings: dict[str, NDArray]  # each of shape (samples, features)
    knowledge: dict[str, Knowledge]  # what each embedding was made from

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.rows)


def scored_samples(
    adata: AnnData,
    path: Path,
    *,
    embeddings: Sequence[str] | None,
    label_key: str,
    label_by: list[str] | None,
    study_key: str,
    donor_key: str,
    split_key: str,
) -> ScoredSamples:
    """Take from a joined file what the scores are computed from.

    Parameters
    ----------
    adata
        As :func:`clrna.io.metadata.join.join_on_samples` returns it.
    path
        Name of the first file, for errors.
    embeddings
        ``obsm`` keys to score; None for every one that starts with ``X_``.
    label_key, label_by, study_key, donor_key, split_key
        Columns of ``obs``. Without the default donor column every sample is its own donor; without the
        split column scores are not given per split.

    Raises
    ------
    InputError
        A column or an embedding is missing, a sample has no study, or an embedding is not finite.
    """
    check(adata, path, columns=[study_key, *named_columns((donor_key, DONOR), (split_key, SPLIT))])
    labels = labels_of(adata, label_key, label_by, path)
    studies = study_column(adata.obs, study_key, path)
    if (studies == UNLABELLED).any():
        what = plural(int((studies == UNLABELLED).sum()), "sample")
        raise InputError(f"{path}: obs[{in_quotes(study_key)}] is missing for {what}; name their study or remove them")
    kept = np.flatnonzero(~_copies(adata, studies))
    label_columns = {TISSUE, TUMOR_TYPE, *(label_by or [label_key])}
    splits = _column(adata, split_key)
    matrices = {key: embedding_matrix(adata, key, path)[kept] for key in embedding_keys(adata, embeddings, path)}
    return ScoredSamples(
        rows=kept,
        labels=labels[kept],
        studies=studies[kept],
        donors=_donors(adata, donor_key)[kept],
        splits=np.where(np.isin(splits.astype(str), SPLITS), splits, UNLABELLED)[kept],
        label_key=",".join(label_by or [label_key]),
        study_key=study_key,
        embeddings=matrices,
        knowledge={key: knowledge_of(adata, key, studies, label_columns).of_rows(kept) for key in matrices},
    )


def _copies(adata: AnnData, studies: NDArray) -> NDArray[np.bool_]:
    """Return which samples are copies of a sample or study that is here too."""
    copied = _column(adata, COPY_OF)
    here = set(studies.tolist()) | set(adata.obs_names.astype(str))
    found = np.array([bool(name) and name in here for name in copied.tolist()], dtype=bool)
    if found.any():
        counts = pd.Series(studies[found]).value_counts().sort_index()
        names = ", ".join(f"{quoted(study)} ({count})" for study, count in counts.items())
        what = plural(int(found.sum()), "sample is a copy", "samples are copies")
        logger.info("%s of others here, not scored: %s", what, names)
    return found


def _donors(adata: AnnData, donor_key: str) -> NDArray:
    if donor_key in adata.obs:
        return text_column(adata.obs[donor_key])
    logger.warning(
        "obs has no column %r: every sample is taken as a donor of its own, so replicates, if there are any, "
        "make the scores too good; clrna-normalize finds donors out", donor_key,
    )  # fmt: skip
    return _column(adata, donor_key)


def _column(adata: AnnData, name: str) -> NDArray:
    return text_column(adata.obs[name]) if name in adata.obs else np.full(adata.n_obs, UNLABELLED, dtype=object)
