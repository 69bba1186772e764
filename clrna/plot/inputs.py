"""What a figure or the report is drawn from: the joined files as plain arrays."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from clrna.constants import SAMPLE_CATEGORY
from clrna.errors import InputError
from clrna.io import contract
from clrna.plot.columns import Column, label_column, obs_column, present
from clrna.plot.names import embedding_name, reading_order
from clrna.plot.projections import NAMES, Projection, project
from clrna.plot.subsample import stratified_subsample

logger = logging.getLogger("clrna")

# obsm entries that other tools drew: already in the plane, not something to score or project.
_DRAWINGS = ("X_umap", "X_tsne", "X_draw_graph", "X_spatial")


@dataclass(frozen=True)
class Samples:
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


def samples_of(
    adata: AnnData,
    path: Path,
    *,
    label_key: str,
    label_by: list[str] | None,
    study_key: str,
    max_points: int,
    seed: int,
) -> Samples:
    """Check the columns, and choose what to draw.

    Raises
    ------
    InputError
        A label column or the study column is missing; the text lists the columns that are there.
    """
    contract.check(adata, path, columns=[*(label_by or [label_key]), study_key])
    labels = contract.labels_of(adata, label_key, label_by, path)
    studies = contract.text_column(adata.obs[study_key])
    strata = np.array([f"{study}\t{label}" for study, label in zip(studies, labels, strict=True)])
    shown = stratified_subsample(strata, max_points, seed=seed)
    found = Samples(adata, path, ",".join(label_by) if label_by else label_key, labels, study_key, studies, shown)
    if len(shown) < adata.n_obs:
        logger.info("--max-points: %s", found.note)
    return found


def columns_to_color_by(samples: Samples, names: Sequence[str] | None) -> list[Column]:
    """Return the columns to color by, of all samples.

    Parameters
    ----------
    samples
        What is drawn.
    names
        Columns that were asked for; None for the label, the study and whatever else is usual and there.
    """
    adata, path = samples.adata, samples.path
    label = label_column(samples.label_name, samples.labels)
    if names is None:
        study, *others = present(adata, [samples.study_key, SAMPLE_CATEGORY])
        return [label, obs_column(adata, study, path, spread=True), *(obs_column(adata, name, path) for name in others)]
    if not names:
        raise InputError("--color-by: names no column")
    contract.check(adata, path, columns=[name for name in names if name != samples.label_name])
    return [
        label if name == samples.label_name else obs_column(adata, name, path, spread=name == samples.study_key)
        for name in dict.fromkeys(names)
    ]


def embeddings_to_draw(samples: Samples, keys: Sequence[str] | None) -> dict[str, NDArray]:
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
    obsm = samples.adata.obsm
    if keys is None:
        keys = reading_order([key for key in obsm if key.startswith("X_") and not key.startswith(_DRAWINGS)])
    there = ", ".join(sorted(obsm)) or "none"
    missing = [key for key in keys if key not in obsm]
    if missing:
        raise InputError(f"{samples.path}: --embeddings: obsm has no {', '.join(missing)} (it has {there})")
    if not keys:
        raise InputError(
            f"{samples.path}: obsm holds no embedding (it has {there}); run clrna-encode or clrna-baseline"
        )
    return {key: _matrix(samples, key)[samples.shown] for key in dict.fromkeys(keys)}


def _matrix(samples: Samples, key: str) -> NDArray:
    entry = samples.adata.obsm[key]
    try:
        matrix = np.asarray(entry.toarray() if sparse.issparse(entry) else entry, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"{samples.path}: obsm[{key!r}] does not hold numbers ({error})") from error
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise InputError(f"{samples.path}: obsm[{key!r}] has shape {matrix.shape}, samples x features are needed")
    broken = ~np.isfinite(matrix).all(axis=1)
    if broken.any():
        name = samples.adata.obs_names[np.flatnonzero(broken)[0]]
        raise InputError(
            f"{samples.path}: obsm[{key!r}] is not finite in {int(broken.sum())} samples (first {name!r}); "
            "compute it anew"
        )
    return matrix


def project_all(embeddings: dict[str, NDArray], names: Sequence[str], seed: int) -> dict[str, dict[str, Projection]]:
    """Project every embedding in every way: ``obsm`` key to name of the projection to its coordinates."""
    results: dict[str, dict[str, Projection]] = {}
    for key, matrix in embeddings.items():
        logger.info("projecting %s: %s", embedding_name(key), ", ".join(NAMES[name] for name in names))
        results[key] = {name: project(matrix, name, seed=seed) for name in names}
    return results
