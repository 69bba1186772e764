"""What stands among the genes of a matrix and is none: age, survival, stage."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.genes import GeneMapping, detect_identifier, map_genes
from clrna.io.matrix.clinical_names import clinical_names
from clrna.io.matrix.summary_rows import summaries
from clrna.scale.scale_check import LARGEST_LOG2
from clrna.spread_out import spread_out

# Words of names such as age_at_diagnosis, OS.time or tumor_purity. A current symbol is a gene whatever it reads.
_WORDS: Final = frozenset(
    "age ages day days month months year years time os pfs dfs dss pfi rfs survival event status vital censor "
    "censored stage grade gleason sex gender race ethnicity bmi weight height purity ploidy score index percent pct "
    "batch plate lane run date birth death followup follow treatment dose response relapse recurrence metastasis "
    "metastases smoker smoking packyears mutation tmb size diameter volume count counts reads depth libsize "
    "rin concentration passage group cluster class label id number replicate patient donor sample tnm".split()
)
_ANTISENSE: Final = re.compile(r"-(OS|AS|IT|DT|OT)\d*$")  # of genes without a name of their own
_FEW_GENES: Final = 20
_MOST_SAMPLES: Final = 200
_FORM_SHARE: Final = 0.9
_FEW_BETWEEN: Final = 3


def not_genes(names: Sequence[str], values: np.ndarray) -> np.ndarray:
    """Return which columns of a matrix are no genes.

    A name that is no known gene is none where a word of it says so, where its values cannot belong to the
    others (numbers of a thousand beside logarithms, fractions beside counts), or where it stands at an end
    and all genes are named in another form. Neither are sums of the others, findings of the clinic that are
    named as genes, and up to three names among such columns, apart from the genes.

    Parameters
    ----------
    names
        Of the columns.
    values
        Shape (samples, columns).

    Returns
    -------
    Bool, shape (columns,).
    """
    mapping = map_genes(names)
    sure = np.isin(mapping.status, ("current", "ensembl", "entrez")) & (mapping.note == "")
    said = np.array([not known and _says_so(name) for name, known in zip(names, sure, strict=True)], dtype=bool)
    some = values[spread_out(len(values), _MOST_SAMPLES)]
    said |= summaries(names, some, sure | said) | clinical_names(names, mapping, some, sure & ~said)
    unknown = np.isin(mapping.status, ("lost",)) & ~said
    if not (unknown.any() or said.any()):
        return said
    found = said | (unknown & _of_other_values(some, sure & ~said, unknown)) | _of_other_form(names, mapping, unknown)
    return found | _between_others(names, mapping, found)


def _between_others(names: Sequence[str], mapping: GeneMapping, found: np.ndarray) -> np.ndarray:
    """Return the few genes between columns that are none, or between these and an end: ``FGA`` is a share there."""
    among = np.zeros_like(found)
    bounds = np.flatnonzero(np.diff(found.astype(np.int8), prepend=1, append=1))
    runs = list(zip(bounds[::2], bounds[1::2], strict=True))
    longest = max((end - begin for begin, end in runs), default=0)
    by_number = np.isin(mapping.status, ("ensembl", "entrez"))
    for begin, end in runs:
        kept = by_number[begin:end].any() or any(map(is_control, names[begin:end]))
        if end - begin <= _FEW_BETWEEN and longest >= _FEW_GENES and not kept:
            among[begin:end] = True
    return among


def is_control(name: str) -> bool:
    """Whether a name is of what was added to the sample: ERCC's transcripts, controls of arrays."""
    return name.startswith(("ERCC-", "AFFX", "NEG_", "POS_", "LOC", "N_", "__"))


def says_no_gene(name: str) -> bool:
    """Whether a name is no known gene's and a word of it says that it is none: age, OS_days."""
    return _says_so(name) and map_genes([name]).status[0] in ("lost", "ambiguous")


def _says_so(name: str) -> bool:
    if _ANTISENSE.search(name):
        return False
    words = re.findall(r"(?<![A-Za-z0-9])[A-Za-z]+(?![A-Za-z0-9])", re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name))
    return any(word.lower() in _WORDS for word in words)


def _of_other_values(some: np.ndarray, sure: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Return the columns whose values lie outside of what the genes' values can be."""
    found = np.zeros(some.shape[1], dtype=bool)
    if sure.sum() < _FEW_GENES or not unknown.any():
        return found
    genes = some[:, sure]
    genes = genes[np.isfinite(genes)]
    if not genes.size:
        return found
    low, high, whole = genes.min(), genes.max(), bool((genes == np.rint(genes)).all())
    for at in np.flatnonzero(unknown):
        own = some[np.isfinite(some[:, at]), at]
        if not own.size:
            continue
        beyond = high <= LARGEST_LOG2 and own.max() > max(LARGEST_LOG2, 1.5 * high)
        fraction = whole and bool((own != np.rint(own)).any())
        far = low < 0 and np.abs(own).max() > 3 * max(-low, high)
        found[at] = beyond or fraction or far or (low >= 0 and own.min() < 0)
    return found


def _of_other_form(names: Sequence[str], mapping: GeneMapping, unknown: np.ndarray) -> np.ndarray:
    """Return the unknown names at both ends of a list in which all others are Ensembl genes or Entrez numbers."""
    found = np.zeros(len(names), dtype=bool)
    detection = detect_identifier(names)
    if detection.kind == "symbol" or detection.share < _FORM_SHARE:
        return found
    foreign = unknown & np.array([detect_identifier([name]).kind != detection.kind for name in names], dtype=bool)
    foreign &= ~np.array([is_control(name) for name in names], dtype=bool)
    known = np.flatnonzero(~foreign)
    if known.size:
        found[: known[0]] = foreign[: known[0]]
        found[known[-1] + 1 :] = foreign[known[-1] + 1 :]
    return found
