"""Bring the embeddings that several files hold of the same samples into one AnnData."""

import logging
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from clrna.constants import STUDY, UNS, UNS_MODELS, UNS_PROVENANCE
from clrna.errors import InputError
from clrna.io import contract
from clrna.io.hdf5.h5ad import read_h5ad, without_values
from clrna.io.metadata.join_columns import unite_columns
from clrna.io.metadata.join_names import names_across_files
from clrna.io.provenance import add_record, read_records
from clrna.plural import plural
from clrna.quoted import in_quotes
from clrna.stages import stage

logger = logging.getLogger("clrna")


@stage("reading")
def join_on_samples(
    paths: Sequence[Path], *, study_key: str = STUDY, values: bool = True, same_columns: Sequence[str] = ()
) -> AnnData:
    """Read one or more files and join them on their sample names.

    Files that hold the same ``obsm`` key for different samples, as studies that were encoded one by one do, are
    stacked: a key has the samples of all files that hold it. The result has the samples that every key has; a
    file without any ``obsm`` entry counts as a key of its own. A sample that was given its study's name in front when
    studies were merged is found under its short name too, see :func:`clrna.io.metadata.join_names.names_across_files`.

    Parameters
    ----------
    paths
        ``.h5ad`` files. The first one gives ``X``, ``var``, layers, the order of the samples and every
        ``obs`` column that it has; the others add the ``obsm`` entries, the ``obs`` columns, the models
        and the provenance records that are new, and the samples that are stacked below those of the first.
    study_key
        ``obs`` column that names the study; a sample that two files put into different studies is not
        the same sample.
    values
        Whether ``X``, layers and ``raw`` of the first file are wanted; without them memory does not grow
        with the number of genes. Where samples come from several files, ``X`` and the layers are stacked on
        the genes that all these files have, and there is no ``raw``.
    same_columns
        ``obs`` columns in which no two files may name different things for one sample. A value that only
        one of them has is taken.

    Returns
    -------
    The samples that all keys have, in the order of the files.

    Raises
    ------
    InputError
        A file cannot be read, names a sample twice, shares no sample with the others, or contradicts
        another: the same ``obsm`` key with other numbers, the same model key with another model, the
        same sample in another study, or with another value in one of ``same_columns``.
    """
    parts = [_read(path, values=False) for path in paths]
    whole = names_across_files(parts, study_key)
    for part, own in zip(parts, whole, strict=True):
        part.obs_names = own
    names = _shared_names(parts, paths)
    parts = [_only(part, names, path) for part, path in zip(parts, paths, strict=True)]
    joined = _with_values(parts, paths, whole) if values else AnnData(var=parts[0].var, obs=pd.DataFrame(index=names))
    joined.obs = unite_columns([part.obs for part in parts], paths, study_key, same_columns).loc[names]
    joined.uns = dict(parts[0].uns)
    for key in dict.fromkeys(key for part in parts for key in part.obsm):
        joined.obsm[key] = _embedding(key, parts, paths, names)
    for part, path in zip(parts[1:], paths[1:], strict=True):
        _add_uns(joined, part, paths[0], path)
    return joined


def rows_of_first(names: pd.Index, paths: Sequence[Path], study_key: str = STUDY) -> np.ndarray | None:
    """Return in which row of the first file each sample of a joined file stands; None where some come from others."""
    parts = [_read(path, values=False) for path in paths]
    places = names_across_files(parts, study_key)[0].get_indexer(names)
    return None if (places < 0).any() else places


def _read(path: Path, values: bool) -> AnnData:
    adata = read_h5ad(path, backed=not values)
    contract.check(adata, path)
    if values:
        return adata
    light = without_values(adata)
    adata.file.close()
    return light


def _shared_names(parts: Sequence[AnnData], paths: Sequence[Path]) -> pd.Index:
    """Return the samples of the result: the union over the files of a key, the intersection over keys."""
    holders: dict[str, list[AnnData]] = {}
    for path, part in zip(paths, parts, strict=True):
        for key in [*part.obsm] or [f"nothing in {path}"]:
            holders.setdefault(key, []).append(part)
    names = pd.Index(dict.fromkeys(name for part in parts for name in part.obs_names))
    for of_key in holders.values():
        names = names[names.isin({name for part in of_key for name in part.obs_names})]
    for part, path in zip(parts, paths, strict=True):
        if names.isin(part.obs_names).any():
            continue
        strangers = [number for number, other in enumerate(parts) if not other.obs_names.isin(part.obs_names).any()]
        at = strangers[0] if strangers else 0
        one, two = sorted([at, paths.index(path)])
        raise InputError(
            f"{paths[two]}: shares no sample name with {paths[one]} ({in_quotes(parts[two].obs_names[0])} here, "
            f"{in_quotes(parts[one].obs_names[0])} there); files are joined on obs_names, give files of the same "
            "samples"
        )
    return names


def _only(part: AnnData, names: pd.Index, path: Path) -> AnnData:
    inside = names[names.isin(part.obs_names)]
    if len(inside) < part.n_obs:
        logger.warning("%s: %d of %d samples are in all files, the rest is left out", path, len(inside), part.n_obs)
    return part if inside.equals(part.obs_names) else part[inside].copy()


def _with_values(parts: Sequence[AnnData], paths: Sequence[Path], whole: Sequence[pd.Index]) -> AnnData:
    """Return ``X``, layers and ``var`` of the samples: the first file's, and below it what only later ones have."""
    full = _read(paths[0], values=True)
    full.obs_names = whole[0]
    first = full if full.obs_names.equals(parts[0].obs_names) else full[parts[0].obs_names].copy()
    del first.obsm
    blocks, have = [first], set(first.obs_names)
    for part, path, own in zip(parts[1:], paths[1:], whole[1:], strict=True):
        fresh = [name for name in part.obs_names if name not in have]
        if fresh:
            below = _read(path, values=True)
            below.obs_names = own
            blocks.append(below[fresh].copy())
            have.update(fresh)
            logger.info("%s: %s stacked below those of the files before it", path, plural(len(fresh), "sample"))
    if len(blocks) == 1:
        return first
    stacked = anndata.concat(blocks, join="inner")
    if stacked.n_vars == 0:
        raise InputError(f"{paths[0]}: shares no gene with the files whose samples are stacked below it")
    stacked.var = first.var.loc[stacked.var_names]
    return AnnData(X=stacked.X, obs=stacked.obs[[]], var=stacked.var, layers=dict(stacked.layers))


def _embedding(key: str, parts: Sequence[AnnData], paths: Sequence[Path], names: pd.Index) -> Any:
    """Return one ``obsm`` entry for the samples ``names``, from all files that hold some of them."""
    holders = [(part, path) for part, path in zip(parts, paths, strict=True) if key in part.obsm]
    for (one, one_path), (two, two_path) in combinations(holders, 2):
        both = one.obs_names[one.obs_names.isin(two.obs_names)]
        left, right = (_rows(part, key, both) for part in (one, two))
        if left.shape != right.shape or not _equal(left, right):
            raise InputError(
                f"{two_path}: obsm[{in_quotes(key)}] contradicts that of {one_path}; give one of the files only, "
                "or encode "
                "anew with clrna-encode --key-added to let both stand side by side"
            )
    for part, _ in holders:
        if part.obs_names.equals(names):
            return part.obsm[key]
    index = pd.Index([name for part, _ in holders for name in part.obs_names])
    stacked = np.concatenate([_rows(part, key, part.obs_names) for part, _ in holders])
    first_at = pd.Series(np.arange(len(index)), index=index).groupby(level=0).first()
    return stacked[first_at[names].to_numpy()]


def _rows(part: AnnData, key: str, names: pd.Index) -> np.ndarray:
    matrix = part.obsm[key]
    dense = matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)
    return dense[part.obs_names.get_indexer(names)]


def _equal(left: np.ndarray, right: np.ndarray) -> bool:
    numeric = left.dtype.kind in "fc" and right.dtype.kind in "fc"
    return np.array_equal(left, right, equal_nan=numeric)


def _add_uns(first: AnnData, other: AnnData, first_path: Path, path: Path) -> None:
    own, theirs = dict(first.uns.get(UNS, {})), dict(other.uns.get(UNS, {}))
    models, new_models = dict(own.get(UNS_MODELS, {})), dict(theirs.get(UNS_MODELS, {}))
    for key, model in new_models.items():
        if key in models and _fingerprint(models[key]) != _fingerprint(model):
            raise InputError(
                f"{path}: the model behind {in_quotes(key)} is another than in {first_path}; give one of the files"
            )
    records = [*read_records(first), *read_records(other)]
    merged = {**theirs, **own}
    if models or new_models:
        both = {key: _united_model(models[key], new_models[key]) for key in models if key in new_models}
        merged[UNS_MODELS] = {**new_models, **models, **both}
    merged.pop(UNS_PROVENANCE, None)
    if merged or records:
        first.uns[UNS] = merged
    if records:
        add_record(first, records[-1], earlier=records[:-1])


def _fingerprint(model: Any) -> Any:
    return model.get("sha256") if isinstance(model, Mapping) else model


def _united_model(one: Any, two: Any) -> Any:
    """Return the entry of one model that encoded studies into two files, with what it says of each study."""
    if not isinstance(one, Mapping) or not isinstance(two, Mapping) or "studies" not in one or "studies" not in two:
        return one
    have, others = (np.atleast_1d(np.asarray(entry["studies"], dtype=object)) for entry in (one, two))
    fresh = ~np.isin(others.astype(str), have.astype(str))
    united = dict(one)
    for name in ("studies", *(name for name in one if name.startswith("study_"))):
        if name in two:
            united[name] = np.concatenate([np.atleast_1d(one[name]), np.atleast_1d(two[name])[fresh]])
    return united
