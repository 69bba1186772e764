"""Turn expression values from one scale into another, exactly or not at all."""

import math
from collections.abc import Callable

import numpy as np

from clrna.constants import SCALES
from clrna.errors import InputError
from clrna.plural import plural
from clrna.scale.library_size import normalize_counts
from clrna.scale.scale_name import EXPRESSION, ZSCORE, Scale, parse_scale

_BLOCK = 256
# With fewer genes the sum over a sample says nothing about the whole transcriptome.
_WHOLE_TRANSCRIPTOME = 10_000


def to_log2(
    values: np.ndarray,
    scale: Scale,
    *,
    counts_to: str = "tpm",
    lengths: np.ndarray | None = None,
    in_place: bool = False,
) -> tuple[np.ndarray, str]:
    """Bring values to the scale that a CLRNA file holds them in.

    Sequencing units become log2(x + 1) with the pseudo-count replaced exactly: ``x = base**v - pseudo``,
    negative ``x`` set to 0. Intensities become log2(x + 1), or stay logarithms with the base changed.
    Ratios become log2(x). Where unit and pseudo-count are unknown the base alone is changed.

    Parameters
    ----------
    values
        Shape (samples, genes), finite.
    scale
        What they are.
    counts_to
        ``tpm``, ``cpm`` or ``tmm``: what counts become before the logarithm.
    lengths
        Base pairs of each gene, needed for counts to TPM.
    in_place
        Overwrite ``values`` where they are float32.

    Returns
    -------
    values, name
        float32 of the same shape, and a key of ``constants.SCALES``.

    Raises
    ------
    InputError
        Counts cannot become ``counts_to``: no lengths, or a sample without a single read.
    """
    out = values if in_place and values.dtype == np.float32 else values.astype(np.float32)
    if scale.unit == "counts":
        out = normalize_counts(to_linear(out, scale, in_place=True), counts_to, lengths)
        scale = Scale(counts_to)
    if _is_log2_of_more(scale):
        return np.maximum(out, 0.0, out=out), scale.canonical()
    step = _step_to_log2(scale)
    return (out if step is None else _by_blocks(out, step)), scale.canonical()


def to_linear(values: np.ndarray, scale: Scale, *, in_place: bool = False) -> np.ndarray:
    """Undo the logarithm of a scale with a known pseudo-count: ``base**v - pseudo``, negative results set to 0.

    Raises
    ------
    InputError
        The pseudo-count is not known, or the scale has no linear form.
    """
    if scale.unit == ZSCORE or scale.pseudo is None:
        raise InputError(f"values in {scale.name} cannot be made linear: {_unknown_part(scale)}")
    out = values if in_place and values.dtype == np.float32 else values.astype(np.float32)
    if scale.base is None:
        return out
    base, pseudo = scale.base, scale.pseudo
    return _by_blocks(out, lambda block: np.maximum(np.power(base, block) - pseudo, 0.0))


def convert(values: np.ndarray, from_scale: str, to_scale: str, *, lengths: np.ndarray | None = None) -> np.ndarray:
    """Turn values from one named scale into another that a model or a file expects.

    Parameters
    ----------
    values
        Shape (samples, genes), finite; not changed.
    from_scale
        Any name that :func:`parse_scale` reads.
    to_scale
        A key of ``constants.SCALES``.
    lengths
        Base pairs of each gene, needed for counts to TPM.

    Returns
    -------
    float32 of the same shape.

    Raises
    ------
    InputError
        The one cannot be computed from the other, e.g. CPM from TPM (lengths and depth are gone), or a
        ratio from an intensity (the reference is not there).
    """
    source = parse_scale(from_scale)
    if to_scale not in SCALES:
        raise InputError(f"scale {to_scale!r} is not one that values can be turned into: {', '.join(SCALES)}")
    target = parse_scale(to_scale)
    if source.unit == "counts" and target.unit in ("tpm", "cpm", "tmm"):
        return to_log2(values, source, counts_to=target.unit, lengths=lengths)[0]
    if source.unit == target.unit:
        return to_log2(values, source)[0]
    if source.unit == "fpkm" and target.unit == "tpm" and values.shape[1] >= _WHOLE_TRANSCRIPTOME:
        return to_log2(_to_million(to_linear(values, source)), Scale("tpm"), in_place=True)[0]
    raise InputError(f"values in {from_scale} cannot be turned into {to_scale}: {_reason(source, target)}")


def zeros_for_their_logarithm(values: np.ndarray, scale: Scale) -> None:
    """Put a number where a logarithm without pseudo-count is minus infinity, in place: it stands for zero."""
    if scale.is_sequencing and scale.base is not None and scale.pseudo == 0:
        # Far enough down that undoing the logarithm gives a zero.
        values[np.isneginf(values)] = -100.0


def _is_log2_of_more(scale: Scale) -> bool:
    """Whether all that is to be done is to cut at 0, which needs no float64."""
    return scale.base == 2.0 and scale.pseudo in (None, 1.0) and scale.unit not in (ZSCORE, "ratio", "intensity")


def _step_to_log2(scale: Scale) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return what turns a float64 block into log2, None where nothing is to be done."""
    if scale.unit == ZSCORE:
        return None
    if scale.base is None:
        return np.log2 if scale.unit == "ratio" else lambda block: np.log2(np.maximum(block, 0.0) + 1.0)
    base, pseudo, factor = scale.base, scale.pseudo, math.log2(scale.base)
    signed = scale.unit in ("ratio", "intensity") and not pseudo
    if signed:
        return None if factor == 1.0 else lambda block: block * factor
    if pseudo is None or pseudo == 1.0:
        return lambda block: np.maximum(block * factor, 0.0)
    return lambda block: np.log2(np.maximum(np.power(base, block) - pseudo, 0.0) + 1.0)


def _by_blocks(values: np.ndarray, step: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply ``step`` in float64 to a few samples at a time, so that no second matrix is ever held."""
    for start in range(0, len(values), _BLOCK):
        rows = slice(start, start + _BLOCK)
        values[rows] = step(values[rows].astype(np.float64))
    return values


def _to_million(values: np.ndarray) -> np.ndarray:
    """Scale each sample to a sum of 1e6: FPKM to TPM (Li and Dewey 2011, doi:10.1186/1471-2105-12-323)."""
    sums = values.sum(axis=1, dtype=np.float64)
    if (sums <= 0).any():
        what = plural(int((sums <= 0).sum()), "sample has", "samples have")
        raise InputError(f"{what} no expression at all; remove them")
    return _by_blocks_with(values, 1e6 / sums)


def _by_blocks_with(values: np.ndarray, factors: np.ndarray) -> np.ndarray:
    for start in range(0, len(values), _BLOCK):
        rows = slice(start, start + _BLOCK)
        values[rows] = values[rows].astype(np.float64) * factors[rows, np.newaxis]
    return values


def _reason(source: Scale, target: Scale) -> str:
    if ZSCORE in (source.unit, target.unit):
        return "z-scores depend on the samples and genes that they were computed over"
    if EXPRESSION in (source.unit, target.unit):
        return "the unit behind 'expression' is not known; state it with clrna-normalize --input-scale"
    if "ratio" in (source.unit, target.unit):
        return "the reference of a ratio is not in the data"
    if "intensity" in (source.unit, target.unit):
        return "array intensities and sequencing units have no common measure"
    if source.unit == "fpkm" and target.unit == "tpm":
        return f"that needs all genes of a sample (at least {_WHOLE_TRANSCRIPTOME}), or the sum is not known"
    return "sequencing depth or gene lengths are no longer in the data; start from counts"


def _unknown_part(scale: Scale) -> str:
    return "they are z-scores" if scale.unit == ZSCORE else "the pseudo-count is not known"
