"""Bring the embeddings that several files hold of the same samples into one AnnData."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from clrna.constants import STUDY, UNLABELLED, UNS, UNS_MODELS, UNS_PROVENANCE
from clrna.errors import InputError
from clrna.io import contract
from clrna.io.h5ad import read_h5ad
from clrna.io.provenance import add_record, read_records

logger = logging.getLogger("clrna")


def join_on_samples(
    paths: Sequence[Path], *, study_key: str = STUDY, values: bool = True, same_columns: Sequence[str] = ()
) -> AnnData:
    """Read one or more files and join them on their sample names.

    Parameters
    ----------
    paths
        ``.h5ad`` files. The first one gives ``X``, ``var``, layers, the order of the samples and every
        ``obs`` column that it has; the others add the ``obsm`` entries, the ``obs`` columns, the models
        and the provenance records that are new.
    study_key
        ``obs`` column that names the study; a sample that two files put into different studies is not
        the same sample.
    values
        Whether ``X``, layers and ``raw`` of the first file are wanted; without them memory does not grow
        with the number of genes.
    same_columns
        ``obs`` columns in which no two files may name different things for one sample. A value that only
        one of them has is taken.

    Returns
    -------
    The samples that all files share, in the first file's order.

    Raises
    ------
    InputError
        A file cannot be read, names a sample twice, shares no sample with the others, or contradicts
        another: the same ``obsm`` key with other numbers, the same model key with another model, the
        same sample in another study, or with another value in one of ``same_columns``.
    """
    joined = _read(paths[0], values)
    owner = dict.fromkeys(joined.obsm, paths[0])
    for path in paths[1:]:
        other = _read(path, values=False)
        joined, other = _shared_samples(joined, other, paths[0], path)
        _check_studies(joined, other, study_key, paths[0], path)
        for name in same_columns:
            _unite_column(joined, other, name, paths[0], path)
        _add_columns(joined, other, paths[0], path)
        _add_embeddings(joined, other, owner, path)
        _add_uns(joined, other, paths[0], path)
    return joined


def _read(path: Path, values: bool) -> AnnData:
    adata = read_h5ad(path, backed=not values)
    contract.check(adata, path)
    if values:
        return adata
    light = AnnData(obs=adata.obs, var=adata.var, obsm=dict(adata.obsm), uns=dict(adata.uns))
    adata.file.close()
    return light


def _shared_samples(first: AnnData, other: AnnData, first_path: Path, path: Path) -> tuple[AnnData, AnnData]:
    shared = first.obs_names[first.obs_names.isin(other.obs_names)]
    if shared.empty:
        raise InputError(
            f"{path}: shares no sample name with {first_path} ({other.obs_names[0]!r} here, {first.obs_names[0]!r} "
            "there); files are joined on obs_names, give files of the same samples"
        )
    for adata, name in ((first, first_path), (other, path)):
        if len(shared) < adata.n_obs:
            logger.warning(
                "%s: %d of %d samples are in all files, the rest is left out", name, len(shared), adata.n_obs
            )
    if len(shared) < first.n_obs:
        first = first[shared].copy()
    if not other.obs_names.equals(shared):
        other = other[shared].copy()
    return first, other


def _check_studies(first: AnnData, other: AnnData, study_key: str, first_path: Path, path: Path) -> None:
    if study_key not in first.obs or study_key not in other.obs:
        return
    here, there = contract.text_column(first.obs[study_key]), contract.text_column(other.obs[study_key])
    if (here != there).any():
        text = _contradiction(first, here, there, study_key, first_path, path)
        raise InputError(f"{text}; these are not the same samples")


def _unite_column(first: AnnData, other: AnnData, name: str, first_path: Path, path: Path) -> None:
    if name not in first.obs or name not in other.obs:
        return
    here, there = contract.text_column(first.obs[name]), contract.text_column(other.obs[name])
    united = np.where(here != UNLABELLED, here, there)
    if (united != np.where(there != UNLABELLED, there, here)).any():
        text = _contradiction(first, united, np.where(there != UNLABELLED, there, here), name, first_path, path)
        raise InputError(f"{text}; correct one of the files")
    gained = int((united != here).sum())
    if gained:
        logger.info("obs[%r]: %d samples have it in %s only, it is taken from there", name, gained, path)
        names = [str(value) for value in united]
        first.obs[name] = pd.Categorical(names, categories=sorted(set(names) - {UNLABELLED}))


def _contradiction(first: AnnData, here: np.ndarray, there: np.ndarray, name: str, first_path: Path, path: Path) -> str:
    differs = np.flatnonzero(here != there)
    at = differs[0]
    return (
        f"{path}: obs[{name!r}] contradicts {first_path} for {differs.size} samples "
        f"({first.obs_names[at]!r} is {there[at]!r} here, {here[at]!r} there)"
    )


def _add_columns(first: AnnData, other: AnnData, first_path: Path, path: Path) -> None:
    for name in other.obs.columns:
        if name not in first.obs:
            first.obs[name] = other.obs[name].to_numpy() if not _is_categorical(other.obs[name]) else other.obs[name]
            continue
        differing = int((contract.text_column(first.obs[name]) != contract.text_column(other.obs[name])).sum())
        if differing:
            logger.warning(
                "obs[%r] differs between %s and %s for %d samples; that of %s is kept",
                name, first_path, path, differing, first_path,
            )  # fmt: skip


def _is_categorical(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _add_embeddings(first: AnnData, other: AnnData, owner: dict[str, Path], path: Path) -> None:
    for key, matrix in other.obsm.items():
        if key not in first.obsm:
            first.obsm[key] = matrix
            owner[key] = path
        elif not _equal(first.obsm[key], matrix):
            raise InputError(
                f"{path}: obsm[{key!r}] contradicts that of {owner[key]}; give one of the files only, or encode "
                "anew with clrna-encode --key-added to let both stand side by side"
            )


def _equal(one: Any, two: Any) -> bool:
    left, right = (item.toarray() if sparse.issparse(item) else np.asarray(item) for item in (one, two))
    numeric = left.dtype.kind in "fc" and right.dtype.kind in "fc"
    return np.array_equal(left, right, equal_nan=numeric)


def _add_uns(first: AnnData, other: AnnData, first_path: Path, path: Path) -> None:
    own, theirs = dict(first.uns.get(UNS, {})), dict(other.uns.get(UNS, {}))
    models, new_models = dict(own.get(UNS_MODELS, {})), dict(theirs.get(UNS_MODELS, {}))
    for key, model in new_models.items():
        if key in models and _fingerprint(models[key]) != _fingerprint(model):
            raise InputError(f"{path}: the model behind {key!r} is another than in {first_path}; give one of the files")
    records = [*read_records(first), *read_records(other)]
    merged = {**theirs, **own}
    if models or new_models:
        merged[UNS_MODELS] = {**new_models, **models}
    merged.pop(UNS_PROVENANCE, None)
    if merged or records:
        first.uns[UNS] = merged
    if records:
        add_record(first, records[-1], earlier=records[:-1])


def _fingerprint(model: Any) -> Any:
    return model.get("sha256") if isinstance(model, Mapping) else model
