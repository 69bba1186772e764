"""The genes of several studies in one matrix: those that all have, that any has, or that enough of them have."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clrna.constants import ENSEMBL_ID, ENTREZ_ID, MEASURED_IN, ORIGINAL_ID
from clrna.errors import InputError
from clrna.genes import describe_identifiers
from clrna.io.matrix.gene_names import names_in
from clrna.normalize.genes import SEPARATOR
from clrna.normalize.part import StudyPart
from clrna.quoted import quoted

logger = logging.getLogger("clrna")

_FEW = 0.5
_FEWEST_STUDIES = 3
# A study is named where a tenth more genes would be kept without it.
_DEAR = 0.1


@dataclass(frozen=True)
class MergedGenes:
    """The merged matrix.

    Attributes
    ----------
    values
        float32, shape (samples, genes); samples in the order of :attr:`StudyPart.rows`.
    var
        One row a gene, in the order of symbols.
    """

    values: np.ndarray
    var: pd.DataFrame


def merge_genes(parts: Sequence[StudyPart], rule: str, n_samples: int) -> MergedGenes:
    """Bring all studies to one list of genes; the parts' own matrices are given up on the way.

    Parameters
    ----------
    parts
        Normalized studies. Their reports learn which genes not every study has.
    rule
        ``intersection``, ``union``, or a least share of the studies that have a gene, such as ``50%``: what a study
        did not measure becomes the gene's mean over all samples of the other studies in the same unit, or the median of
        the study where none of these has it, and ``var['measured_in_STUDY']`` says so.
    n_samples
        Number of samples of all parts.

    Raises
    ------
    InputError
        The studies share no gene.
    """
    symbols = _chosen(parts, rule)
    measured = pd.DataFrame(
        {f"{MEASURED_IN}{study}": _measured(parts, study, symbols) for study in dict.fromkeys(p.study for p in parts)},
        index=symbols,
    )
    var = _merge_var(parts, symbols)
    if not measured.to_numpy().all():
        var = pd.concat([var, measured], axis=1)
    for part in parts:
        outside = ~part.report["symbol"].isin(symbols) & part.report["outcome"].isin(("kept", "renamed", "merged"))
        part.report.loc[outside, "outcome"] = (
            "not in every study" if rule == "intersection" else f"not in {rule} of the studies"
        )
    return MergedGenes(_merge_values(parts, symbols, n_samples), var)


def _chosen(parts: Sequence[StudyPart], rule: str) -> pd.Index:
    """Return the genes to keep, and say what each study costs."""
    if rule == "union":
        return _any(parts)
    symbols = _common(parts) if rule == "intersection" else _of_share(parts, int(rule.removesuffix("%")) / 100)
    least = 1.0 if rule == "intersection" else int(rule.removesuffix("%")) / 100
    _log_costs(parts, least, len(symbols))
    return symbols


def _of_share(parts: Sequence[StudyPart], least: float) -> pd.Index:
    every = pd.Index(sorted(set().union(*(part.genes.index for part in parts))), dtype=object)
    measured = _by_study(parts, every)
    kept = every[measured.mean(axis=0) >= least - 1e-9]
    if len(kept) == 0:
        raise InputError(f"no gene is in {100 * least:.0f} % of the studies; take a smaller share with --genes")
    logger.info("%s genes are in at least %.0f %% of the studies", f"{len(kept):,}", 100 * least)
    return kept


def _log_costs(parts: Sequence[StudyPart], least: float, kept: int) -> None:
    """Say how many more genes there were without a study, where that is many."""
    every = pd.Index(sorted(set().union(*(part.genes.index for part in parts))), dtype=object)
    measured = _by_study(parts, every)
    if len(measured) < _FEWEST_STUDIES:
        return
    names = list(dict.fromkeys(part.study for part in parts))
    gains = {
        name: int((np.delete(measured, row, axis=0).mean(axis=0) >= least - 1e-9).sum()) - kept
        for row, name in enumerate(names)
    }
    dear = sorted((name for name in names if gains[name] > _DEAR * kept), key=lambda name: -gains[name])
    if dear:
        logger.warning(
            "studies that cost genes: without %s (--genes 50%% keeps those that half of the studies have)",
            ", ".join(f"{quoted(name)} {gains[name]:,} more would be kept" for name in dear),
        )


def _by_study(parts: Sequence[StudyPart], symbols: pd.Index) -> np.ndarray:
    """Return which study has which genes, shape (studies, genes), in the order of the studies."""
    return np.array([_measured(parts, study, symbols) for study in dict.fromkeys(part.study for part in parts)])


def _common(parts: Sequence[StudyPart]) -> pd.Index:
    symbols = parts[0].genes.index
    for part in parts[1:]:
        shared = symbols.intersection(part.genes.index, sort=False)
        if len(shared) == 0:
            before = describe_identifiers(symbols[:1000].tolist())
            here = describe_identifiers(part.genes.index[:1000].tolist())
            raise InputError(
                f"{part.name} shares no gene with the studies before it: it has {here}, they have {before}; "
                "merge with --genes union, or leave it out"
            )
        symbols = shared
    smallest = min(len(part.genes) for part in parts)
    text = f"{len(symbols):,} genes are shared by all studies, of {smallest:,} in the smallest"
    (logger.warning if len(symbols) < _FEW * smallest else logger.info)("%s", text)
    return pd.Index(sorted(symbols), dtype=object)


def _any(parts: Sequence[StudyPart]) -> pd.Index:
    symbols = pd.Index(sorted(set().union(*(part.genes.index for part in parts))), dtype=object)
    logger.info("%s genes in any study", f"{len(symbols):,}")
    return symbols


def _measured(parts: Sequence[StudyPart], study: str, symbols: pd.Index) -> np.ndarray:
    """Whether all files of a study have the gene."""
    inside = [symbols.isin(part.genes.index) for part in parts if part.study == study]
    return np.logical_and.reduce(inside)


def _merge_values(parts: Sequence[StudyPart], symbols: pd.Index, n_samples: int) -> np.ndarray:
    fillings = _fillings(parts, symbols)
    values = np.empty((n_samples, len(symbols)), dtype=np.float32)
    for part, filling in zip(parts, fillings, strict=True):
        positions = part.genes.index.get_indexer(symbols)
        known = positions >= 0
        if known.all():
            # Row by row: no second matrix of the size of the study is needed.
            for row, target in enumerate(part.rows):
                values[target] = part.values[row, positions]
        else:
            for row, target in enumerate(part.rows):
                values[target] = np.where(known, part.values[row, positions], filling)
        part.values = np.empty((0, 0), dtype=np.float32)
    return values


def _fillings(parts: Sequence[StudyPart], symbols: pd.Index) -> list[np.ndarray]:
    """Return for each part what stands for the genes that it lacks, shape (genes,).

    The mean over the samples that have a gene, where these are in the same unit; a number in another unit would lie
    outside of the study's own scale, so that its own median stands for what no study of its unit has.
    """
    means = {
        scale: _means([part for part in parts if part.scale == scale], symbols)
        for scale in _scales_to_fill(parts, symbols)
    }
    fillings = []
    for part in parts:
        if not len(symbols.difference(part.genes.index)):
            fillings.append(np.zeros(0, dtype=np.float32))
            continue
        own = np.float32(np.median(part.values))
        mean = means[part.scale]
        fillings.append(np.where(np.isfinite(mean), mean, own))
    return fillings


def _scales_to_fill(parts: Sequence[StudyPart], symbols: pd.Index) -> set[str]:
    return {part.scale for part in parts if len(symbols.difference(part.genes.index))}


def _means(parts: Sequence[StudyPart], symbols: pd.Index) -> np.ndarray:
    """Return each gene's mean over the samples that have it, in float64; NaN where none has."""
    sums = np.zeros(len(symbols))
    counts = np.zeros(len(symbols))
    for part in parts:
        positions = symbols.get_indexer(part.genes.index)
        there = positions >= 0
        sums[positions[there]] += part.values.sum(axis=0, dtype=np.float64)[there]
        counts[positions[there]] += len(part.values)
    return np.divide(sums, counts, out=np.full(len(symbols), np.nan), where=counts > 0).astype(np.float32)


def _merge_var(parts: Sequence[StudyPart], symbols: pd.Index) -> pd.DataFrame:
    """Return var: identifiers, original identifiers of all studies joined, and columns that do not contradict."""
    frames = [part.genes.reindex(symbols) for part in parts]
    var = pd.DataFrame(index=symbols)
    for name in (ENSEMBL_ID, ENTREZ_ID):
        var[name] = _first_known(frames, name).fillna("")
    originals = [names_in(frame[ORIGINAL_ID]) for frame in frames]
    var[ORIGINAL_ID] = [_join(names) for names in zip(*originals, strict=True)]
    others = dict.fromkeys(name for frame in frames for name in frame.columns if name not in var.columns)
    for name in others:
        having = [frame for frame in frames if name in frame]
        if _agree(having, name):
            var[name] = _first_known(having, name)
        else:
            logger.info("var column %r is left out: the studies differ in it", name)
    return var


def _join(names: Sequence[str]) -> str:
    """Join what the studies call a gene, each name once, in their order whatever the studies' order."""
    return SEPARATOR.join(sorted({name for joined in names for name in joined.split(SEPARATOR) if name}))


def _first_known(frames: Sequence[pd.DataFrame], name: str) -> pd.Series:
    column = frames[0][name].astype(object)
    for frame in frames[1:]:
        column = column.where(column.notna(), frame[name].astype(object))
    return column.infer_objects()


def _agree(frames: Sequence[pd.DataFrame], name: str) -> bool:
    if len(frames) == 1:
        return True
    first = _first_known(frames, name)
    return all((frame[name].isna() | (frame[name].astype(object) == first)).all() for frame in frames)
