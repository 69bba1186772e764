"""Choose how the values of a study become what a model takes, or say why they cannot."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clrna.encode.alignment import GeneAlignment
from clrna.errors import InputError
from clrna.genes import exonic_lengths
from clrna.scale import Scale, convert, to_linear, to_log2

logger = logging.getLogger("clrna")

# With fewer genes the sum over a sample says nothing about the whole transcriptome.
_WHOLE_TRANSCRIPTOME = 10_000
_MILLION = 1e6


@dataclass(frozen=True)
class Conversion:
    """How values become log2 values of a model's genes, sample by sample.

    Attributes
    ----------
    source
        What the values are.
    target
        What they become, a key of ``constants.SCALES``.
    per_million
        Weight of each column of the matrix where samples are brought to a sum of a million first: for CPM
        of counts 1, for TPM of counts 1 / length of the gene in base pairs, NaN where that is not known.
    """

    source: Scale
    target: str
    per_million: np.ndarray | None = None

    def __eq__(self, other: object) -> bool:
        """Whether both do the same."""
        if not isinstance(other, Conversion) or (self.source, self.target) != (other.source, other.target):
            return False
        mine, theirs = self.per_million, other.per_million
        if mine is None or theirs is None:
            return mine is theirs
        return np.array_equal(mine, theirs, equal_nan=True)

    __hash__ = None  # type: ignore[assignment]

    def apply(self, values: np.ndarray, alignment: GeneAlignment) -> np.ndarray:
        """Return a model's genes, float32 of shape (samples, model genes), NaN where there is no value.

        Parameters
        ----------
        values
            All columns of the matrix, shape (samples, columns); NaN where there is no value.
        alignment
            Which of them hold a gene of the model.
        """
        scale = self.source
        if self.per_million is not None:
            values = _to_million(to_linear(values, scale), self.per_million)
            scale = Scale("tpm")
        chosen = alignment.chosen(values)
        if scale.is_additive:
            return to_log2(alignment.gather(chosen, add=True), scale, in_place=True)[0]
        return alignment.gather(to_log2(chosen, scale, in_place=True)[0], add=False)


def choose_conversion(
    scale: Scale,
    model_scales: Sequence[str],
    adapted: bool,
    symbols: np.ndarray,
    where: str,
    lengths: Callable[[], np.ndarray | None] = lambda: None,
) -> Conversion:
    """Return how values of a scale become values of one of a model's scales.

    A study that is standardized by its own statistics may be in any logarithmic unit: the unit is a shift
    and a factor of each gene, and standardizing takes both out. A sample that is standardized by itself may too.

    Parameters
    ----------
    scale
        What the values are.
    model_scales
        Scales of the training data; empty where the model does not say.
    adapted
        Whether the study is standardized by its own statistics, or each sample by its own.
    symbols
        Current symbol of each column of the matrix, '' where it is not known.
    where
        File and study, for errors and the log.
    lengths
        Gives that of the gene of each column, in base pairs, None where the file has none; called where counts become
        TPM.

    Raises
    ------
    InputError
        There is no way.
    """
    found = _direct(scale, model_scales) or _per_million(scale, model_scales, adapted, symbols, lengths)
    if found is not None:
        if scale.name != found.target:
            logger.info("%s: %s is turned into %s", where, scale.name, found.target)
        return found
    if adapted and scale.unit != "counts":
        target = scale.canonical()
        logger.info(
            "%s: %s is no scale of the model (%s); standardizing takes the unit out",
            where, target, ", ".join(model_scales),
        )  # fmt: skip
        if scale.unit == "ratio":
            logger.warning(
                "%s: ratios carry the tissue only as far as the reference sample lacks it, and the model has learned "
                "from none: do not rely on labels alone", where,
            )  # fmt: skip
        return Conversion(scale, target)
    raise InputError(
        f"{where}: {_why_not(scale, model_scales)}; state the scale with --input-scale if this is not right, or "
        "take the unit out with --adapt study, which needs --adapt-min-samples samples of the study"
    )


def _direct(scale: Scale, model_scales: Sequence[str]) -> Conversion | None:
    """Return a change of logarithm and pseudo-count within one unit."""
    if scale.unit == "counts":
        return None
    target = scale.canonical()
    return Conversion(scale, target) if target in model_scales or not model_scales else None


def _per_million(
    scale: Scale,
    model_scales: Sequence[str],
    adapted: bool,
    symbols: np.ndarray,
    lengths: Callable[[], np.ndarray | None],
) -> Conversion | None:
    """Return the way from counts to TPM or CPM, and from FPKM of all genes to TPM."""
    to_tpm = "log2_tpm1" in model_scales
    if scale.unit == "counts" and to_tpm:
        # What is no known gene is in no library of TPM, whether its length is known or not.
        own = lengths()
        known = exonic_lengths(symbols) if own is None else np.where(symbols != "", own, np.nan)
        return Conversion(scale, "log2_tpm1", 1.0 / known)
    if scale.unit == "counts" and ("log2_cpm1" in model_scales or adapted or not model_scales):
        return Conversion(scale, "log2_cpm1", np.ones(len(symbols)))
    if scale.unit == "fpkm" and to_tpm and scale.pseudo is not None and len(symbols) >= _WHOLE_TRANSCRIPTOME:
        return Conversion(scale, "log2_tpm1", np.ones(len(symbols)))
    return None


def _to_million(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weigh the columns and bring the sum of each sample to a million.

    Samples without a single read get no values; a column of unknown weight has none and is not in the sum.
    """
    weighted = values * weights.astype(np.float32)
    sums = np.nansum(weighted, axis=1, keepdims=True, dtype=np.float64)
    factors = np.divide(_MILLION, sums, out=np.full_like(sums, np.nan), where=sums > 0)
    return weighted * factors.astype(np.float32)


def _why_not(scale: Scale, model_scales: Sequence[str]) -> str:
    if scale.unit == "counts":
        return f"values in {scale.name} become {', '.join(model_scales)} by clrna-normalize only, run it first"
    try:
        convert(np.ones((1, 1), dtype=np.float32), scale.name, model_scales[0])
    except InputError as error:
        return str(error)
    return f"values in {scale.name} cannot be turned into {model_scales[0]} here, see clrna-normalize"
