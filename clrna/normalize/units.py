"""Which scale a study is in: stated by the user or the file, or found out."""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from clrna.constants import SCALES
from clrna.errors import InputError, UsageError
from clrna.genes import map_genes
from clrna.normalize.found_inputs import NORMALIZED_BEFORE
from clrna.normalize.part import StudyPart
from clrna.normalize.told_unit import with_told_base, with_told_unit
from clrna.quoted import in_quotes, quoted
from clrna.scale import Scale, ScaleDetection, StrayValueError, check_scale, detect_scale, parse_scale
from clrna.scale.gene_effects import why_gene_effects
from clrna.scale.logarithm import with_stated_base
from clrna.scale.mixed_samples import mixed_units
from clrna.scale.scale_name import EXPRESSION
from clrna.scale.several_quantities import refuse_several_quantities
from clrna.scale.shares import MILLION, are_shares, told_as_shares
from clrna.scale.stray_values import LARGEST_LOG
from clrna.spread_out import spread_out

logger = logging.getLogger("clrna")

_ALL = ""
# nf-core's and tximport's estimates, which are counts and not whole.
_SCALED_COUNTS = re.compile(
    r"counts(_length)?_scaled|(length)?ScaledTPM|scaledTPM|(salmon|kallisto|rsem)\.merged\.(gene|transcript)_counts\.",
    re.IGNORECASE,
)
_NOISE = 1e-6
_MILLION = ("tpm", "cpm")
_SIGNED = ("ratio", "zscore")
_MANY_CELLS = 100
_MOSTLY_ZERO = 0.7
_READS_OF_CELLS = 50_000


def scale_of(part: StudyPart, stated: Mapping[str, Scale]) -> ScaleDetection:
    """Return the scale of a study's values and why it is held to be that.

    Parameters
    ----------
    part
        The study, as read; values that are not finite are passed over.
    stated
        From :func:`clrna.scale.input_scale.parse_input_scale`.

    Raises
    ------
    InputError
        The values contradict what the user or the file states, or these two contradict each other.
    """
    by_user = stated.get(part.study, stated.get(_ALL))
    if part.normalized:
        if by_user is not None and by_user.canonical() != part.stated and by_user.unit != "counts":
            raise InputError(
                f"{part.name}: was normalized before and is in {part.stated}, not in {by_user.name}; give the raw file"
            )
        return ScaleDetection(parse_scale(part.stated), NORMALIZED_BEFORE)
    try:
        return _decide_of_shares(part, by_user) or _decide(part, by_user)
    except StrayValueError as stray:
        gene, sample = quoted(part.genes.index[stray.column]), quoted(part.samples[stray.row])
        raise InputError(f"{part.name}: gene {gene} of sample {sample} {stray.what}") from stray
    except InputError as error:
        raise InputError(f"{part.name}: {error}") from error


def _decide_of_shares(part: StudyPart, by_user: Scale | None) -> ScaleDetection | None:
    """Multiply shares by a million, in place, and tell what they are then; None where the values are none.

    RSEM's ``scaled_estimate`` is the share of a gene's transcripts, and a million of them TPM.
    """
    stated = by_user.name if by_user is not None else part.stated
    if stated not in ("", *_MILLION) or not are_shares(part.values):
        return None
    logger.info("%s: samples sum to 1; they are multiplied by a million", part.name)
    part.values = np.multiply(part.values, MILLION, out=part.values, casting="same_kind")
    return told_as_shares(_decide(part, by_user), sure=bool(stated))


def _decide(part: StudyPart, by_user: Scale | None) -> ScaleDetection:
    if by_user is not None:
        check_scale(part.values, by_user)
        return ScaleDetection(by_user, f"stated with --input-scale{_below_zero(part, by_user)}")
    if part.stated:
        try:
            scale = parse_scale(part.stated)
        except UsageError as error:
            raise InputError(
                f"obs['scale'] holds {in_quotes(part.stated)}; known are for example {', '.join(SCALES)}"
            ) from error
        check_scale(part.values, scale)
        return ScaleDetection(scale, "stated in obs['scale']")
    _without_noise(part)
    refuse_several_quantities(part.values, part.samples.tolist())
    found = with_stated_base(detect_scale(part.values), part.uns)
    mixed = mixed_units(part.values, part.samples.tolist())  # a single slip of the hand is told by the detection
    name = part.path.name
    found = with_told_unit(with_told_base(found, part.uns, name), part.values, part.uns, name)
    if found.scale.unit in _SIGNED:
        effects = why_gene_effects(part.values, map_genes(part.genes.index.astype(str).tolist()).symbol)
        if effects:
            raise InputError(
                f"values are {effects}, and no expression; if they are, state their scale with --input-scale"
            )
    if _SCALED_COUNTS.search(part.path.name) and found.scale.base is None and found.scale.unit not in _MILLION:
        why = f"estimated counts, as the file's name says; {found.why}"
        return ScaleDetection(Scale("counts"), why)
    if found.scale.unit == "counts" and found.scale.base is None:
        _tell_single_cells(part)
    return replace(found, doubt=mixed) if mixed else found


def _tell_single_cells(part: StudyPart) -> None:
    """Warn where most counts of many samples are 0, and the reads of one are few, as those of single cells are."""
    if len(part.values) < _MANY_CELLS:
        return
    some = part.values[spread_out(len(part.values), _MANY_CELLS)]
    zeros, reads = float(np.mean(some == 0)), float(np.median(np.nansum(some, axis=1)))
    if zeros > _MOSTLY_ZERO and reads < _READS_OF_CELLS:
        logger.warning(
            "%s: samples look like single cells, with %.0f %% of the counts 0 and %.2g reads in one; models are made "
            "for bulk: sum the cells of each sample first (pseudobulk)", part.name, 100 * zeros, reads,
        )  # fmt: skip


def _without_noise(part: StudyPart) -> None:
    """Set to 0, in place, what rounding or a decomposition left below it in a matrix of amounts."""
    low, high = np.fmin.reduce(part.values, axis=None), np.fmax.reduce(part.values, axis=None)
    if -_NOISE < low < 0 and high > LARGEST_LOG:
        logger.info("%s: values down to %.2g are taken as 0", part.name, low)
        np.maximum(part.values, 0.0, out=part.values)


def _below_zero(part: StudyPart, scale: Scale) -> str:
    """Say how many values become 0, as sequencing and arrays give none below it."""
    if scale.base is not None or scale.unit not in ("intensity", EXPRESSION):
        return ""
    share = float(np.mean(part.values < 0))
    return f"; {100 * share:.2g} % of the values are below 0 and become 0" if share else ""
