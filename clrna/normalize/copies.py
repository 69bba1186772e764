"""Profiles that one study has taken over from another, found by correlation."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clrna.constants import MEASURED_IN
from clrna.quoted import quoted

logger = logging.getLogger("clrna")

_BLOCK = 1024
_FEWEST_GENES = 50
# Partners are looked for over this many genes, evenly spaced, and then held against the threshold over all: a copy
# stands out in any of them, and all pairs of 15,000 samples over 18,000 genes would take minutes.
_SIEVE_GENES = 2048
_SHOWN = 5


def find_copies(
    values: np.ndarray, var: pd.DataFrame, studies: Sequence[str], threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find samples whose profile is a copy of one in another study.

    Of two studies the one with more samples holds the original, of two equally large ones the first by
    name; so the result does not depend on the order of the samples.

    Parameters
    ----------
    values
        Shape (samples, genes), finite.
    var
        Of the merged file; its ``measured_in_STUDY`` columns say which genes were filled.
    studies
        Study of each sample.
    threshold
        Least Pearson correlation over the genes that both studies measured; 1 finds nothing.

    Returns
    -------
    original, correlation
        Row of the original of each sample, -1 where it is none's copy; and the correlation with it.
    """
    original = np.full(len(values), -1)
    correlation = np.full(len(values), np.nan)
    if threshold >= 1.0:
        return original, correlation
    column = np.asarray(studies, dtype=object)
    rows_of = {name: np.flatnonzero(column == name) for name in set(studies)}
    names = sorted(rows_of, key=lambda name: (-len(rows_of[name]), name))
    for number, later in enumerate(names):
        for earlier in names[:number]:
            genes = _shared(var, earlier, later)
            if len(genes) < _FEWEST_GENES:
                logger.info("%s and %s share too few genes to look for copies (%d)", earlier, later, len(genes))
                continue
            sieve = genes[:: max(1, len(genes) // _SIEVE_GENES)]
            best = _best_partners(values, rows_of[later], rows_of[earlier], sieve)
            r = _correlation(values, rows_of[later], best, genes)
            # A sample that earlier studies copied from each other keeps the first original.
            found = (r >= threshold) & (original[rows_of[later]] < 0)
            original[rows_of[later][found]] = best[found]
            correlation[rows_of[later][found]] = r[found]
    return _to_the_first(original), correlation


def log_copies(original: np.ndarray, correlation: np.ndarray, studies: np.ndarray, names: Sequence[str]) -> None:
    """Say which studies hold copies of which, and name some."""
    copies = np.flatnonzero(original >= 0)
    for later, earlier in sorted({(studies[row], studies[original[row]]) for row in copies}):
        rows = copies[(studies[copies] == later) & (studies[original[copies]] == earlier)]
        some = ", ".join(f"{quoted(names[row])} of {quoted(names[original[row]])}" for row in rows[:_SHOWN])
        logger.warning(
            "study %s: %d of its %d samples are copies of samples of %s (correlation at least %.5f): %s%s",
            quoted(later), len(rows), int((studies == later).sum()), quoted(earlier), correlation[rows].min(), some,
            " ..." if len(rows) > _SHOWN else "",
        )  # fmt: skip


def donors_with_copies(donors: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Give a copy, and every sample of its donor, the donor of the original.

    Parameters
    ----------
    donors
        Donor of each sample.
    original
        From :func:`find_copies`.

    Returns
    -------
    A new object array.
    """
    leader = {donor: donor for donor in donors}

    def lead(donor: str) -> str:
        while leader[donor] != donor:
            donor = leader[donor]
        return donor

    for row in np.flatnonzero(original >= 0):
        copied, first = lead(donors[row]), lead(donors[original[row]])
        if copied != first:
            leader[copied] = first
    return np.array([lead(donor) for donor in donors], dtype=object)


def _shared(var: pd.DataFrame, earlier: str, later: str) -> np.ndarray:
    shared = np.ones(len(var), dtype=bool)
    for study in (earlier, later):
        if f"{MEASURED_IN}{study}" in var:
            shared &= var[f"{MEASURED_IN}{study}"].to_numpy(dtype=bool)
    return np.flatnonzero(shared)


def _best_partners(values: np.ndarray, rows: np.ndarray, candidates: np.ndarray, genes: np.ndarray) -> np.ndarray:
    """Return for each row the candidate with the highest correlation over some genes."""
    best = np.full(len(rows), candidates[0])
    r = np.full(len(rows), -np.inf, dtype=np.float32)
    for start in range(0, len(candidates), _BLOCK):
        some = candidates[start : start + _BLOCK]
        right = _standardized(values, some, genes)
        for low in range(0, len(rows), _BLOCK):
            block = slice(low, low + _BLOCK)
            products = _standardized(values, rows[block], genes) @ right.T
            top = products.argmax(axis=1)
            value = products[np.arange(len(top)), top]
            better = value > r[block]
            best[block] = np.where(better, some[top], best[block])
            r[block] = np.where(better, value, r[block])
    return best


def _correlation(values: np.ndarray, rows: np.ndarray, partners: np.ndarray, genes: np.ndarray) -> np.ndarray:
    """Return the correlation of each row with its partner, shape (rows,)."""
    r = np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        left, right = (_standardized(values, some[block], genes) for some in (rows, partners))
        r[block] = np.einsum("ij,ij->i", left, right, dtype=np.float64)
    return r


def _standardized(values: np.ndarray, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
    """Return centred profiles of length 1; a flat profile is all zeros and correlates with nothing."""
    block = values[rows] if len(genes) == values.shape[1] else values[np.ix_(rows, genes)]
    block = block - block.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    length = np.sqrt(np.einsum("ij,ij->i", block, block, dtype=np.float64))
    length[length < 1e-6] = np.inf
    return block / length[:, np.newaxis].astype(np.float32)


def _to_the_first(original: np.ndarray) -> np.ndarray:
    """Follow copies of copies to the first original."""
    first = original.copy()
    while True:
        chained = (first >= 0) & (first[first] >= 0)
        if not chained.any():
            return first
        first[chained] = first[first[chained]]
