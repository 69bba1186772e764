"""Values that are not finite: counted, named, and filled with the study's median of the gene."""

import logging

import numpy as np

from clrna.errors import InputError
from clrna.normalize.part import StudyPart
from clrna.plural import plural
from clrna.quoted import listed, quoted

logger = logging.getLogger("clrna")

_SHOWN = 5
_BLOCK = 512
_MANY = 0.2
# Of one or two genes equal values may be measured.
_FEWEST_GENES = 3


def fill_missing(part: StudyPart, rule: str) -> np.ndarray:
    """Fill values that are not finite, in place.

    Parameters
    ----------
    part
        A study; its values and number of filled values are changed.
    rule
        ``fill`` takes the median of the gene over the study's samples; ``refuse`` raises.

    Returns
    -------
    Bool array of the genes without one finite value, which nothing can fill.

    Raises
    ------
    InputError
        There are such values and ``rule`` is ``refuse``, or a sample has no finite value.
    """
    values = part.values
    per_gene, per_sample = _count(values)
    part.filled = int(per_gene.sum())
    lost = per_gene == len(values)
    if part.filled == 0:
        return lost
    genes = part.genes.index.astype(str)
    affected = np.flatnonzero(per_gene)
    most = affected[np.argsort(-per_gene[affected])][:_SHOWN]
    shown = ", ".join(f"{quoted(genes[gene])} {per_gene[gene]}" for gene in most)
    what = f"{plural(part.filled, 'value')} of {plural(len(affected), 'gene')}"
    found = f"{what} {'is' if part.filled == 1 else 'are'} not finite (most in {shown})"
    if rule == "refuse":
        raise InputError(f"{part.name}: {found}; repair them, or have them filled with --missing fill")
    if (per_sample == values.shape[1]).any():
        empty = part.samples[per_sample == values.shape[1]]
        names = listed(empty, _SHOWN, marks=True)
        what = plural(len(empty), "sample has", "samples have")
        raise InputError(f"{part.name}: {what} no value at all ({names}); remove them")
    logger.warning("%s: %s; filled with the study's median of the gene", part.name, found)
    if part.filled > _MANY * values.size:
        logger.warning("%s: that is %.0f %% of all values", part.name, 100 * part.filled / values.size)
    if lost.any():
        what = plural(int(lost.sum()), "gene has", "genes have")
        logger.warning("%s: %s no value in this study; lost", part.name, what)
    _fill(values, affected[~lost[affected]])
    return lost


def refuse_flat(part: StudyPart) -> None:
    """Raise InputError where a sample has one value for all genes: nothing was measured.

    Parameters
    ----------
    part
        A study; values that are not finite are left out.
    """
    if part.values.shape[1] < _FEWEST_GENES or part.normalized:
        return
    flat = np.array([_is_flat(row) for row in part.values], dtype=bool)
    if flat.any():
        first = part.values[int(np.flatnonzero(flat)[0])]
        names = listed(part.samples[flat], _SHOWN, marks=True)
        what = plural(int(flat.sum()), "sample has", "samples have")
        raise InputError(
            f"{part.name}: {what} no expression at all ({names}; every value is "
            f"{first[np.isfinite(first)][0]:g}); remove them"
        )


def _is_flat(row: np.ndarray) -> bool:
    known = row[np.isfinite(row)]
    return bool(known.size) and bool(known.min() == known.max())


def _count(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of values that are not finite of each gene and each sample."""
    per_gene = np.zeros(values.shape[1], dtype=int)
    per_sample = np.zeros(len(values), dtype=int)
    for start in range(0, len(values), _BLOCK):
        broken = ~np.isfinite(values[start : start + _BLOCK])
        per_gene += broken.sum(axis=0)
        per_sample[start : start + _BLOCK] = broken.sum(axis=1)
    return per_gene, per_sample


def _fill(values: np.ndarray, genes: np.ndarray) -> None:
    for start in range(0, len(genes), _BLOCK):
        some = genes[start : start + _BLOCK]
        block = values[:, some].astype(np.float64)
        broken = ~np.isfinite(block)
        block[broken] = np.nan
        values[:, some] = np.where(broken, np.nanmedian(block, axis=0), block)
