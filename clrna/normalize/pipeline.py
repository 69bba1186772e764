"""The whole of clrna-normalize: from files that were read to one merged AnnData and its reports."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import (
    COPY_OF,
    DONOR,
    SAMPLE_CATEGORY,
    SCALE,
    SPLIT,
    STUDY,
    TISSUE,
    TISSUE_ALL,
    TISSUE_RAW,
    TUMOR_TYPE,
    TUMOR_TYPE_ALL,
    TUMOR_TYPE_RAW,
    UNLABELLED,
)
from clrna.errors import InputError, UsageError
from clrna.normalize import merge_samples
from clrna.normalize.classes import confounding, without_small_classes
from clrna.normalize.copies import donors_with_copies, find_copies, log_copies
from clrna.normalize.found_inputs import as_text, found_inputs
from clrna.normalize.input_file import InputFile
from clrna.normalize.join_parts import join_parts
from clrna.normalize.labels import SampleLabels, label_samples
from clrna.normalize.merge_genes import merge_genes
from clrna.normalize.part import StudyPart, study_parts
from clrna.normalize.reports import log_study_table, study_report
from clrna.normalize.settings import NormalizeSettings
from clrna.normalize.split import TRAIN, assign_split
from clrna.normalize.units import scale_of
from clrna.normalize.values import normalize_part
from clrna.quoted import listed
from clrna.scale import parse_input_scale
from clrna.stages import stage

logger = logging.getLogger("clrna")

# Columns that this step writes, in the order in which they stand first in obs.
OWNED_OBS = (
    STUDY, TISSUE, TUMOR_TYPE, SAMPLE_CATEGORY, DONOR, SPLIT, SCALE, COPY_OF, TISSUE_ALL, TUMOR_TYPE_ALL, TISSUE_RAW,
    TUMOR_TYPE_RAW,
)  # fmt: skip


@dataclass(frozen=True)
class Normalized:
    """What comes out.

    Attributes
    ----------
    adata
        The merged file, without a provenance record.
    gene_report, label_report, study_report
        The tables behind ``--gene-report``, ``--label-report`` and ``--study-report``.
    inputs
        What was found in each file.
    scales
        Scale of each study and how it was found out.
    """

    adata: AnnData
    gene_report: pd.DataFrame
    label_report: pd.DataFrame
    study_report: pd.DataFrame
    inputs: pd.DataFrame
    scales: dict[str, dict[str, str]]


@stage("normalizing and merging")
def normalize(sources: Sequence[InputFile], settings: NormalizeSettings) -> Normalized:
    """Normalize the studies in all files and merge them.

    Parameters
    ----------
    sources
        From :func:`clrna.normalize.read_sources.read_sources`; their matrices are used up.
    settings
        The options of the run.

    Returns
    -------
    Samples in the order of the files, genes in the order of symbols.

    Raises
    ------
    InputError
        A study's values, genes or labels cannot be used.
    UsageError
        An option names a study or column that does not exist.
    """
    stated = parse_input_scale(settings.input_scale, [name for source in sources for name in source.study])
    _check_names(sources, settings)
    names = merge_samples.merged_names(sources)
    labels = label_samples(sources, settings)
    parts = study_parts(sources)
    for part in parts:
        part.found = scale_of(part, stated)
    parts = join_parts(parts)
    genes_given = _genes_given(parts)
    read_as = {part.study: part.found.scale.name for part in parts if part.found}
    for part in parts:
        normalize_part(part, part.found or scale_of(part, stated), settings)
    _require_one_scale_a_study(parts)
    merged = merge_genes(parts, settings.genes, len(names))
    layers = merge_samples.merged_layers(parts, merged.var.index, len(names))
    obs = merge_samples.merged_obs(sources, OWNED_OBS).set_axis(names, axis=0)
    owned = _decide(merged.values, merged.var, parts, labels, names, settings)
    adata = AnnData(
        X=merged.values,
        obs=pd.concat([owned, obs], axis=1),
        var=merged.var,
        obsm=merge_samples.merged_obsm(sources),
        obsp=merge_samples.obsp_of(sources),
        layers=layers,
        uns=merge_samples.merged_uns(sources),
    )
    raw = merge_samples.raw_of(sources)
    if raw is not None:
        adata.raw = raw
    inputs = found_inputs(parts, read_as, labels.obs, merged.var.index)
    for line in as_text(inputs).splitlines():
        logger.info("  %s", line.replace("\t", " | "))
    return Normalized(
        adata=adata,
        inputs=inputs,
        gene_report=pd.concat([part.report for part in parts], ignore_index=True),
        label_report=labels.report,
        study_report=study_report(adata.obs, parts, genes_given, labels.resolved),
        scales={part.study: {"scale": part.scale, "why": part.why} for part in parts},
    )


def _check_names(sources: Sequence[InputFile], settings: NormalizeSettings) -> None:
    studies = {name for source in sources for name in source.study}
    unknown = sorted(set(settings.split_by_study) - studies)
    if unknown:
        raise UsageError(
            f"--split-by-study {','.join(unknown)}: there is no such study; studies are {listed(sorted(studies), 20)}"
        )
    if settings.label_key not in (TISSUE, TUMOR_TYPE):
        raise UsageError(f"--label-key {settings.label_key}: is not a harmonised label; take {TISSUE} or {TUMOR_TYPE}")


def _genes_given(parts: Sequence[StudyPart]) -> dict[str, int]:
    """Return the number of genes that each study came with (of several files, the largest)."""
    given: dict[str, int] = {}
    for part in parts:
        given[part.study] = max(given.get(part.study, 0), part.values.shape[1])
    return given


def _require_one_scale_a_study(parts: Sequence[StudyPart]) -> None:
    """Raise InputError where files of one study ended in different scales."""
    seen: dict[str, StudyPart] = {}
    for part in parts:
        first = seen.setdefault(part.study, part)
        if first.scale != part.scale:
            raise InputError(
                f"study {part.study} is in {first.scale} in {first.path} and in {part.scale} in {part.path}; state one "
                f"with --input-scale {part.study}=..., or name the studies apart with --study"
            )


def _decide(
    values: np.ndarray,
    var: pd.DataFrame,
    parts: Sequence[StudyPart],
    labels: SampleLabels,
    names: pd.Index,
    settings: NormalizeSettings,
) -> pd.DataFrame:
    """Return the obs columns that this step owns, with what is decided over all studies: copies, classes, split."""
    obs = labels.obs.set_axis(names, axis=0)
    studies, scales = (np.empty(len(names), dtype=object) for _ in range(2))
    for part in parts:
        studies[part.rows], scales[part.rows] = part.study, part.scale
    original, correlation = find_copies(values, var, list(studies), settings.copy_correlation)
    log_copies(original, correlation, studies, list(names))
    obs[STUDY], obs[SCALE] = studies, scales
    obs[COPY_OF] = np.where(original >= 0, names.to_numpy(dtype=object)[original], UNLABELLED)
    obs[DONOR] = donors_with_copies(obs[DONOR].to_numpy(dtype=object), original)
    for name, every in ((TISSUE, TISSUE_ALL), (TUMOR_TYPE, TUMOR_TYPE_ALL)):
        chosen = name == settings.label_key
        obs[name] = (
            without_small_classes(obs[every].tolist(), original < 0, settings.min_class_size) if chosen else obs[every]
        )
    obs[SPLIT] = assign_split(
        obs[settings.label_key].tolist(),
        obs[DONOR].tolist(),
        list(studies),
        fractions=settings.split_fractions,
        held_out=settings.split_by_study,
        seed=settings.seed,
    )
    _log_decisions(obs, settings)
    obs = obs[list(OWNED_OBS)]
    return obs.where(obs != UNLABELLED, None)


def _log_decisions(obs: pd.DataFrame, settings: NormalizeSettings) -> None:
    log_study_table(obs, settings.label_key)
    studies = obs[STUDY].tolist()
    findings = confounding(studies, obs[settings.label_key].tolist(), settings.label_key, linking=True)
    findings += confounding(studies, obs[SAMPLE_CATEGORY].tolist(), "sample category", linking=False)
    for finding in findings:
        logger.warning("confounded: %s", finding)
    if settings.split_by_study:
        inside = obs[STUDY].isin(settings.split_by_study)
        drawn = ~inside & obs[DONOR].isin(set(obs.loc[inside, DONOR]))
        logger.info(
            "split by study: %d samples of %s are test, and %d samples of the same donors in other studies with them",
            int(inside.sum()), ", ".join(settings.split_by_study), int(drawn.sum()),
        )  # fmt: skip
    counts = obs[SPLIT].value_counts()
    logger.info("split: %s", ", ".join(f"{name} {count}" for name, count in counts.items()))
    if TRAIN not in counts:
        logger.warning("no sample is left for train; hold out fewer studies")
