"""What a figure or the report is made from: the joined files as plain arrays."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from clrna.io import contract
from clrna.results.embeddings import DRAWINGS, embedding_keys, embedding_matrix, reading_order
from clrna.results.subsample import by_study_and_label, stratified_sample

logger = logging.getLogger("clrna")


@dataclass(frozen=True)
class DrawnSamples:
    """The samples of all inputs, whole; what is drawn of them is in ``shown``."""

    adata: AnnData  # without X
    path: Path  # first input, for errors
    label_name: str
    labels: NDArray  # '' where unlabelled
    study_key: str
    studies: NDArray
    shown: NDArray[np.intp]  # positions of the samples that are drawn

    @property
    def note(self) -> str:
        """Sentence on what is drawn, for beside a figure."""
        total = self.adata.n_obs
        if len(self.shown) == total:
            return f"{total:,} samples"
        return f"{len(self.shown):,} of {total:,} samples drawn, stratified by study and {self.label_name}"


def drawn_samples(
    adata: AnnData,
    path: Path,
    *,
    label_key: str,
    label_by: list[str] | None,
    study_key: str,
    max_points: int,
    seed: int,
) -> DrawnSamples:
    """Check the columns, and choose what to draw.

    Raises
    ------
    InputError
        A label column or the study column is missing; the text lists the columns that are there.
    """
    contract.check(adata, path, columns=[*(label_by or [label_key]), study_key])
    labels = contract.labels_of(adata, label_key, label_by, path)
    studies = contract.study_column(adata.obs, study_key, path)
    shown = stratified_sample(by_study_and_label(studies, labels), max_points, seed=seed)
    found = DrawnSamples(adata, path, ",".join(label_by) if label_by else label_key, labels, study_key, studies, shown)
    if len(shown) < adata.n_obs:
        logger.info("--max-points: %s", found.note)
    return found


def embeddings_to_draw(samples: DrawnSamples, keys: Sequence[str] | None) -> dict[str, NDArray]:
    """Return the embeddings, of the samples that are drawn.

    Parameters
    ----------
    samples
        What is drawn.
    keys
        ``obsm`` keys that were asked for; None for all that start with ``X_`` and are no drawing themselves.

    Raises
    ------
    InputError
        A key is not there, there is none at all, or an embedding is no finite table of numbers.
    """
    chosen = embedding_keys(samples.adata, keys, samples.path, leave_out=DRAWINGS)
    return {
        key: embedding_matrix(samples.adata, key, samples.path)[samples.shown]
        for key in (reading_order(chosen) if keys is None else chosen)
    }
