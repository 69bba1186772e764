"""Samples to match, from an AnnData with codes."""

import logging
from pathlib import Path

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import COPY_OF, DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, UNLABELLED
from clrna.errors import InputError
from clrna.io.contract import check, labels_of, study_column, text_column
from clrna.match.samples import MatchSamples
from clrna.match.settings import MatchSettings
from clrna.plural import plural
from clrna.quoted import in_quotes
from clrna.results.embeddings import embedding_matrix
from clrna.results.predictions import models_of, predictions_in

logger = logging.getLogger("clrna")


def samples_of(adata: AnnData, path: Path, settings: MatchSettings) -> MatchSamples:
    """Take codes and what is known of the samples from an AnnData.

    Parameters
    ----------
    adata
        What ``clrna-encode`` or ``clrna.tl.encode`` made.
    path
        Its file, for errors.
    settings
        Names of what is read. A column that has its usual name may be absent.

    Returns
    -------
    The samples; one without a label has the one that the model predicted.

    Raises
    ------
    InputError
        Codes or a column that was named are missing, codes are not finite, or a sample has no study.
    """
    usual = {
        settings.study_key: STUDY, settings.donor_key: DONOR, settings.category_key: SAMPLE_CATEGORY,
    }  # fmt: skip
    check(adata, path, columns=[name for name, is_usual in usual.items() if name != is_usual])
    require_codes(adata, settings.key, path)
    labels = _labels(adata, path, settings)
    predicted = _predicted(adata, settings)
    is_predicted = (labels == UNLABELLED) & (predicted != UNLABELLED)
    key = settings.study_key
    studies = study_column(adata.obs, key, path) if key in adata.obs else _column(adata, key)
    if settings.study_key in adata.obs and (studies == UNLABELLED).any():
        what = plural(int((studies == UNLABELLED).sum()), "sample")
        raise InputError(
            f"{path}: obs[{in_quotes(settings.study_key)}] is missing for {what}; name their study or remove them"
        )
    trained_on = np.atleast_1d(models_of(adata).get(settings.key, {}).get("training_studies", [])).astype(str)
    return MatchSamples(
        codes=embedding_matrix(adata, settings.key, path),
        names=adata.obs_names.astype(str).to_numpy(dtype=object),
        studies=studies,
        donors=_column(adata, settings.donor_key),
        labels=np.where(is_predicted, predicted, labels),
        categories=_column(adata, settings.category_key),
        label_is_predicted=is_predicted,
        learned=np.isin(studies.astype(str), trained_on),
    )


def reference_of(adata: AnnData, path: Path, settings: MatchSettings) -> MatchSamples:
    """Take reference samples from an AnnData: as :func:`samples_of`, with known labels only, without copies.

    Raises
    ------
    InputError
        As there; also where no column names the studies.
    """
    check(adata, path, columns=[settings.study_key])
    samples = samples_of(adata, path, settings)
    labels = np.where(samples.label_is_predicted, UNLABELLED, samples.labels)
    samples = MatchSamples(**{**vars(samples), "labels": labels, "label_is_predicted": np.zeros(samples.n, dtype=bool)})
    copied = _column(adata, COPY_OF)
    here = set(samples.names.tolist()) | set(samples.studies.tolist())
    copies = np.array([bool(name) and name in here for name in copied.tolist()], dtype=bool)
    if copies.any():
        logger.info(
            "%s: %s left out, because the reference holds what they are copies of", path,
            plural(int(copies.sum()), "sample is", "samples are"),
        )  # fmt: skip
    return samples.of_rows(~copies)


def require_codes(adata: AnnData, key: str, path: Path) -> None:
    """Raise InputError where there are no codes under this name."""
    if key not in adata.obsm:
        there = ", ".join(map(str, adata.obsm)) or "nothing"
        raise InputError(f"{path}: --key {key}: no such codes in obsm, which has {there}; run clrna-encode")


def model_of(adata: AnnData, key: str) -> str:
    """Return the SHA-256 of the model behind the codes, '' where the file does not say."""
    return str(models_of(adata).get(key, {}).get("sha256", ""))


def _labels(adata: AnnData, path: Path, settings: MatchSettings) -> NDArray:
    """Return the known labels; none where the usual column is not there."""
    if settings.label_by is None and settings.label_key == TISSUE and TISSUE not in adata.obs:
        return _column(adata, TISSUE)
    return labels_of(adata, settings.label_key, settings.label_by, path)


def _predicted(adata: AnnData, settings: MatchSettings) -> NDArray:
    """Return what the model of the codes said, '' where it was asked for another label."""
    for predictions in predictions_in(adata):
        if predictions.key == settings.key and predictions.is_of(settings.label_name):
            return predictions.label
    return np.full(adata.n_obs, UNLABELLED, dtype=object)


def _column(adata: AnnData, name: str) -> NDArray:
    return text_column(adata.obs[name]) if name in adata.obs else np.full(adata.n_obs, UNLABELLED, dtype=object)
