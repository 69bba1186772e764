"""Counts to TPM, CPM or TMM-normalized CPM, by rnanorm."""

import numpy as np

from clrna.errors import InputError
from clrna.plural import plural

_BLOCK = 256


def normalize_counts(counts: np.ndarray, to: str, lengths: np.ndarray | None = None) -> np.ndarray:
    """Normalize counts for sequencing depth and, for TPM, for gene length.

    Parameters
    ----------
    counts
        Shape (samples, genes), finite, not negative.
    to
        ``tpm``, ``cpm`` or ``tmm`` (CPM with edgeR's trimmed mean of M-values as library-size factors:
        Robinson and Oshlack 2010, doi:10.1186/gb-2010-11-3-r25). TMM looks at all samples at once and
        holds about eight float64 copies of the matrix; the other two work in blocks.
    lengths
        Base pairs of each gene, shape (genes,), positive; for TPM.

    Returns
    -------
    float32 of the same shape; each row of TPM and CPM sums to 1e6.

    Raises
    ------
    InputError
        ``tpm`` without lengths, ``tmm`` of one sample, or a sample without a single read.
    """
    sums = counts.sum(axis=1, dtype=np.float64)
    if (sums <= 0).any():
        first = int(np.flatnonzero(sums <= 0)[0])
        what = plural(int((sums <= 0).sum()), "sample has", "samples have")
        raise InputError(f"{what} no reads at all (first: row {first + 1}); remove them")
    if to == "tpm" and lengths is None:
        raise InputError("counts to TPM needs gene lengths; take cpm")
    lengths = lengths if to == "tpm" else None
    import rnanorm

    if to == "tmm":
        if len(counts) < 2:
            raise InputError("TMM compares samples, and there is only one; take --counts-to tpm or cpm")
        return rnanorm.TMM().fit_transform(counts.astype(np.float64)).astype(np.float32)
    if lengths is None:
        return _by_blocks(counts, rnanorm.CPM())
    return _by_blocks(counts, rnanorm.TPM(gene_lengths=np.rint(lengths).astype(np.int64)))


def _by_blocks(counts: np.ndarray, transformer: object) -> np.ndarray:
    out = np.empty(counts.shape, dtype=np.float32)
    for start in range(0, len(counts), _BLOCK):
        rows = slice(start, start + _BLOCK)
        out[rows] = transformer.fit_transform(counts[rows].astype(np.float64))  # type: ignore[attr-defined]
    return out
