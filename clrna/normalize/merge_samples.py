"""What comes with the samples of several files: their names, metadata and other matrices, in one AnnData."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from clrna.constants import UNS, UNS_CONTRACT, UNS_PROVENANCE, UNS_SOURCES
from clrna.errors import InputError
from clrna.io.metadata.join_names import name_with_study, warn_of_double_names
from clrna.normalize.input_file import InputFile
from clrna.normalize.part import StudyPart
from clrna.normalize.stacking import stacked
from clrna.plural import plural
from clrna.quoted import in_quotes, listed, quoted

logger = logging.getLogger("clrna")


def merged_names(sources: Sequence[InputFile]) -> pd.Index:
    """Return distinct sample names: those that stand in several studies get the study in front.

    Raises
    ------
    InputError
        A study has a sample's name in two files.
    """
    names = np.concatenate([source.adata.obs_names.to_numpy(dtype=object) for source in sources])
    studies = np.concatenate([source.study for source in sources])
    pairs = pd.DataFrame({"study": studies, "name": names})
    twice = pairs[pairs.duplicated()]
    if len(twice):
        study, name = twice.iloc[0]
        what = plural(len(twice), "sample stands", "samples stand")
        raise InputError(
            f"study {quoted(study)}: {what} in two of the inputs (first: {in_quotes(name)}); give each sample once, or "
            "name the studies apart with --study"
        )
    double = pairs["name"].duplicated(keep=False).to_numpy()
    warn_of_double_names(set(names[double]))
    taken = set(names[~double])
    for row in np.flatnonzero(double):
        name = name_with_study(studies[row], names[row])
        while name in taken:
            name = name_with_study(studies[row], name)
        taken.add(name)
        names[row] = name
    return pd.Index(names, dtype=object)


def merged_obs(sources: Sequence[InputFile], owned: Sequence[str]) -> pd.DataFrame:
    """Return the obs columns of all files that are not ``owned`` by this step, missing where a file lacks one."""
    frames = []
    for source in sources:
        obs = source.adata.obs
        frame = obs[[name for name in obs.columns if name not in owned]].copy()
        for name in frame.columns:
            if isinstance(frame[name].dtype, pd.CategoricalDtype):
                frame[name] = frame[name].astype(object)
        frames.append(frame)
    return pd.concat(frames, axis=0, join="outer").infer_objects()


def merged_obsm(sources: Sequence[InputFile]) -> dict[str, np.ndarray]:
    """Return the obsm arrays that all files have in the same width."""
    merged: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(name for source in sources for name in source.adata.obsm):
        arrays = [source.adata.obsm[name] for source in sources if name in source.adata.obsm]
        shapes = {np.shape(array)[1:] for array in arrays}
        if len(arrays) == len(sources) and len(shapes) == 1:
            merged[name] = arrays[0] if len(arrays) == 1 else stacked(arrays)
        else:
            logger.info("obsm %r is left out: not all files have it in one width", name)
    return merged


def obsp_of(sources: Sequence[InputFile]) -> dict[str, Any]:
    """Return obsp of a single file; of several files, and of varm once genes were mapped, only the loss is said."""
    for source in sources:
        lost = [*source.adata.varm, *source.adata.varp, *(source.adata.obsp if len(sources) > 1 else ())]
        if lost:
            logger.info("%s: %s left out, for they do not fit the merged file", source.path, listed(lost, 10))
    return dict(sources[0].adata.obsp) if len(sources) == 1 else {}


def merged_layers(parts: Sequence[StudyPart], symbols: pd.Index, n_samples: int) -> dict[str, Any]:
    """Return the layers that all studies kept, cut to the merged genes.

    A study lacks a layer where its file does, where columns of one gene were merged, and where a union has
    genes that it did not measure.
    """
    layers: dict[str, Any] = {}
    for name in dict.fromkeys(name for part in parts for name in part.layers):
        complete = [name in part.layers and symbols.isin(part.genes.index).all() for part in parts]
        if not all(complete):
            logger.info("layer %r is left out: not all studies have it for all genes", name)
            continue
        cut = [_columns(part.layers[name], part.genes.index.get_indexer(symbols)) for part in parts]
        order = np.argsort(np.concatenate([part.rows for part in parts]))
        whole = cut[0] if len(cut) == 1 else stacked(cut)
        layers[name] = whole if (order == np.arange(n_samples)).all() else whole[order]
    return layers


def merged_uns(sources: Sequence[InputFile]) -> dict[str, Any]:
    """Return uns: what all files say alike stays where it is, the rest goes to ``uns['clrna']['sources']``.

    There it stands under the name of the study (joined by ``+`` where a file holds several).
    """
    uns: dict[str, Any] = {}
    apart: dict[str, dict[str, Any]] = {}
    for source in sources:
        for study, entries in _own(source).get(UNS_SOURCES, {}).items():
            apart[study] = dict(entries)
    for name in dict.fromkeys(name for source in sources for name in source.adata.uns if name != UNS):
        values = [source.adata.uns.get(name) for source in sources]
        if all(_same(values[0], value) for value in values[1:]):
            uns[name] = values[0]
            continue
        for source, value in zip(sources, values, strict=True):
            if value is not None:
                apart.setdefault("+".join(dict.fromkeys(source.study)), {})[name] = value
    own = _merged_own(sources)
    if apart:
        own[UNS_SOURCES] = apart
    return uns | {UNS: own} if own else uns


def _merged_own(sources: Sequence[InputFile]) -> dict[str, Any]:
    """Return the entries of ``uns['clrna']``, apart from provenance, that the files do not contradict."""
    owns = [_own(source) for source in sources]
    skipped = (UNS_SOURCES, UNS_PROVENANCE, UNS_CONTRACT)
    merged: dict[str, Any] = {}
    for name in dict.fromkeys(name for own in owns for name in own if name not in skipped):
        values = [own[name] for own in owns if name in own]
        if len(values) == len(owns) and all(_same(values[0], value) for value in values[1:]):
            merged[name] = values[0]
        else:
            logger.info("uns['clrna'][%r] is left out: the files differ in it", name)
    return merged


def raw_of(sources: Sequence[InputFile]) -> AnnData | None:
    """Return ``raw`` of a single file; several files have no common one."""
    raws = [source.adata.raw for source in sources if source.adata.raw is not None]
    if raws and len(sources) > 1:
        logger.info("raw of %d files is left out: it has no meaning for several files", len(raws))
    return raws[0].to_adata() if raws and len(sources) == 1 else None


def _own(source: InputFile) -> Mapping[str, Any]:
    own = source.adata.uns.get(UNS, {})
    return own if isinstance(own, Mapping) else {}


def _columns(layer: Any, positions: np.ndarray) -> Any:
    return layer.tocsr()[:, positions] if sparse.issparse(layer) else np.take(np.asarray(layer), positions, axis=1)


def _same(one: Any, other: Any) -> bool:
    """Whether two entries of uns are equal, whatever they are made of."""
    if isinstance(one, Mapping) or isinstance(other, Mapping):
        both = isinstance(one, Mapping) and isinstance(other, Mapping) and set(one) == set(other)
        return both and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, pd.DataFrame) or isinstance(other, pd.DataFrame):
        return isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame) and one.equals(other)
    if one is None or other is None or sparse.issparse(one) or sparse.issparse(other):
        return one is other
    return np.array_equal(np.asarray(one), np.asarray(other))
