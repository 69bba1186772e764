"""One study from its raw values and identifiers to log2 values of current genes."""

import logging
from dataclasses import replace

import numpy as np

from clrna.errors import InputError
from clrna.genes import exonic_lengths, map_genes
from clrna.io.matrix.gene_names import names_transcripts
from clrna.io.matrix.own_lengths import own_lengths
from clrna.normalize.gene_lengths import refuse_lengths
from clrna.normalize.genes import identifiers_of, map_part
from clrna.normalize.missing import fill_missing, refuse_flat
from clrna.normalize.part import StudyPart
from clrna.normalize.settings import NormalizeSettings
from clrna.plural import plural
from clrna.quoted import listed
from clrna.scale import (
    Scale,
    ScaleDetection,
    normalize_counts,
    parse_scale,
    to_linear,
    to_log2,
    zeros_for_their_logarithm,
)

logger = logging.getLogger("clrna")


def normalize_part(part: StudyPart, found: ScaleDetection, settings: NormalizeSettings) -> None:
    """Normalize the values and genes of one study, in place.

    Counts become CPM or TMM with every line of the file in the library, or TPM by the lengths that the file gives,
    else after genes without a known length are left out; linear values of one gene are summed before the logarithm,
    others averaged after it.

    Parameters
    ----------
    part
        The study, as read.
    found
        What its values are.
    settings
        The options of the run.

    Raises
    ------
    InputError
        The values cannot be used, or not as what they are stated to be.
    """
    logger.info("%s: values are %s: %s", part.name, found.scale.name, found.why)
    if found.doubt:
        logger.warning("%s: %s", part.name, found.question)
    scale = found.scale
    zeros_for_their_logarithm(part.values, scale)
    refuse_flat(part)
    if scale.base is None and not part.stated:
        _refuse_lengths(part, settings)
    without_value = fill_missing(part, settings.missing)
    if scale.unit == "ratio" and scale.base is None:
        _refuse_zero_ratios(part)
    settings = _with_sums_of_transcripts(part, scale, settings)
    if scale.unit == "counts" or (settings.duplicates == "sum" and scale.is_sequencing):
        part.values = to_linear(part.values, scale, in_place=True)
        scale = Scale(scale.unit)
    try:
        scale = _normalize(part, scale, without_value, settings)
        part.values, part.scale = to_log2(part.values, scale, in_place=True)
    except InputError as error:
        raise error if str(part.path) in str(error) else InputError(f"{part.name}: {error}") from error
    part.why = found.why if found.scale.name == part.scale else f"{found.scale.name}: {found.why}"


def _with_sums_of_transcripts(part: StudyPart, scale: Scale, settings: NormalizeSettings) -> NormalizeSettings:
    """Return settings by which logarithms of transcripts are summed without the logarithm: their mean is no gene's."""
    if settings.duplicates != "auto" or scale.base is None or part.normalized or not names_transcripts(part.genes):
        return settings
    if scale.is_sequencing:
        logger.info("%s: lines are transcripts, which are summed to genes without the logarithm", part.name)
        return replace(settings, duplicates="sum")
    logger.warning(
        "%s: lines are transcripts, and what their logarithms (%s) were taken of is open: genes become the mean of "
        "their transcripts; state --input-scale to have them summed", part.name, scale.name,
    )  # fmt: skip
    return settings


def _refuse_lengths(part: StudyPart, settings: NormalizeSettings) -> None:
    try:
        refuse_lengths(part.values, lambda: _symbols(part, settings))
    except InputError as error:
        raise InputError(f"{part.name}: {error}") from error


def _normalize(part: StudyPart, scale: Scale, without_value: np.ndarray, settings: NormalizeSettings) -> Scale:
    """Merge genes in the space where that is right, and turn counts into a unit; return the scale."""
    if scale.unit == "counts" and settings.counts_to != "tpm":
        # The library is all reads that were counted, so this comes before genes are lost.
        part.values[:, without_value] = 0.0
        part.values = normalize_counts(part.values, settings.counts_to)
        scale = Scale(settings.counts_to)
    if not scale.is_additive:
        if settings.duplicates == "sum":
            raise InputError(f"--duplicates sum: values in {scale.name} have no sum; take mean or max")
        part.values, name = to_log2(part.values, scale, in_place=True)
        scale = parse_scale(name)
    own = own_lengths(part.genes, lambda: _symbols(part, settings), part.name) if scale.unit == "counts" else None
    if own is not None:
        # Before lines of one gene are summed, as each has its own length.
        part.values = np.divide(part.values, own, out=part.values, casting="same_kind")
    _map(part, scale, without_value, settings)
    if scale.unit == "counts":
        lengths = None if own is not None else _keep_genes_with_length(part)
        part.values = normalize_counts(part.values, "cpm" if lengths is None else "tpm", lengths)
        scale = Scale("tpm")
    return scale


def _symbols(part: StudyPart, settings: NormalizeSettings) -> np.ndarray:
    return map_genes(identifiers_of(part, settings.gene_key), settings.gene_id).symbol


def _map(part: StudyPart, scale: Scale, without_value: np.ndarray, settings: NormalizeSettings) -> None:
    rule = settings.duplicates
    if rule == "auto":
        rule = "sum" if scale.is_additive else "mean"
    map_part(part, settings.gene_id, settings.gene_key, rule, without_value)


def _keep_genes_with_length(part: StudyPart) -> np.ndarray:
    """Leave genes of unknown length out of a study and return the lengths of the others."""
    lengths = exonic_lengths(part.genes.index)
    known = np.isfinite(lengths)
    if not known.any():
        raise InputError("no gene has a known length, so counts cannot become TPM; take --counts-to cpm")
    if not known.all():
        names = part.genes.index[~known]
        logger.warning(
            "%s: left out of TPM for want of a known length: %s (%s)",
            part.name,
            plural(len(names), "gene"),
            listed(names),
        )
        part.report.loc[part.report["symbol"].isin(list(names)), "outcome"] = "no length"
        part.keep_genes(np.flatnonzero(known))
    return lengths[known]


def _refuse_zero_ratios(part: StudyPart) -> None:
    zeros = int(np.count_nonzero(part.values <= 0))
    if zeros:
        raise InputError(f"{part.name}: {zeros} ratios are 0, which has no logarithm; write them as missing (NA)")
