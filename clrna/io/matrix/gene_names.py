"""How far names are those of genes, as evidence for the way in which a matrix lies."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from clrna.genes import are_foreign_genes, map_genes
from clrna.spread_out import spread_out

# What counters write beside the genes: STAR (N_unmapped), HTSeq (__no_feature).
_COUNTER_LINE: Final = re.compile(
    r"N_(unmapped|multimapping|noFeature|ambiguous)"
    r"|__(no_feature|ambiguous|too_low_aQual|not_aligned|alignment_not_unique)"
)
_ENOUGH_NAMES: Final = 1_000
# Names of which fewer are genes give way to a column of var in which so many are.
_LEAST_SHARE: Final = 0.05
_MOST_SHARE: Final = 0.3
_SAME_SHARE: Final = 0.5
# Of columns that both name the genes, that with Ensembl genes says it most exactly. An alias says nothing: S1, P1,
# T1 and A1 are aliases, and names of samples.
_TRUST: Final = {"ensembl": 1.0, "current": 0.9, "previous": 0.9, "entrez": 0.5}
_ENOUGH_FOR_WEAK_EVIDENCE: Final = 20
_SERIES: Final = re.compile(r"([A-Za-z]{0,3})[-_.]?\d{1,4}")
_SERIES_SHARE: Final = 0.8
_MOST_PREFIXES: Final = 4
_NUMBER: Final = re.compile(r"\d+(\.0)?")
# Of a list of genes nearly all numbers are known, of those up to 45,000 a quarter.
_ENTREZ_SHARE: Final = 0.5
# C3, F2, CA1 and H1 are genes or were, and names of samples: beside names of genes alone they say something.
_SHORT: Final = re.compile(r"[A-Za-z]{1,2}[-_.]?\d{1,3}")
_ALIKE_SHARE: Final = 0.3
_TRANSCRIPT: Final = re.compile(r"ENST\d{11}(\.\d+)?.*|[NX][MR]_\d+(\.\d+)?")
_TRANSCRIPTS: Final = 0.8
_PREFIX: Final = re.compile(r".*[^A-Za-z0-9]")


def share_of_genes(names: Sequence[str]) -> float:
    """Return how far names are those of genes, 0 to 1."""
    some = [name for name in names[:: max(1, len(names) // _ENOUGH_NAMES)] if name and not is_counter_line(name)]
    if not some or _is_series(some) or _count_rows(names):
        return 0.0
    mapping = map_genes(some)
    if _are_numbers_of_others(some, np.asarray(mapping.symbol != "")):
        return 0.0
    strong = [
        _TRUST.get(status, 0.0) if note == "" else 0.0
        for status, note in zip(mapping.status, mapping.note, strict=True)
    ]
    if len(some) > 1 and not any(trust for name, trust in zip(some, strong, strict=True) if not _SHORT.fullmatch(name)):
        strong = [0.0] * len(some)
    if any(strong) or len(some) < _ENOUGH_FOR_WEAK_EVIDENCE:
        return float(np.mean(strong))
    # Names that are genes in another case or after a spreadsheet are undone, in tables that have nothing better.
    return 0.1 * float(np.mean(np.isin(mapping.status, list(_TRUST))))


def names_in(column: pd.Series) -> list[str]:
    """Return the names of genes in a column of ``var`` as text, '' where there is none.

    Whatever is text there is a name, NA too; that this and the like are missing holds of what describes samples
    (:func:`clrna.io.contract.text_column`).
    """
    return [str(name) for name in column.astype(object).where(column.notna(), "")]


def column_of_genes(var: pd.DataFrame) -> str | None:
    """Return the column that names the genes where hardly one of their own names does, as of row numbers and probes.

    Parameters
    ----------
    var
        What is known of the genes, their names as index.

    Returns
    -------
    The column in which most values are genes; None where the names are genes, or no column holds enough of them. Of
    names that are numbers the column has to say that they are no Entrez numbers.
    """
    names = [str(name) for name in var.index]
    numbers = all(map(str.isdigit, names))
    if share_of_genes(names) >= _LEAST_SHARE and not numbers:
        return None
    texts = [name for name in var.columns if not pd.api.types.is_float_dtype(var[name].dtype)]
    shares = {name: share_of_genes(var[name].dropna().astype(str).tolist()) for name in texts}
    best = max(texts, key=lambda name: shares[name], default=None)
    if best is None or shares[best] < _MOST_SHARE or (numbers and _are_entrez_of(names, var[best])):
        return None
    return str(best)


def names_transcripts(var: pd.DataFrame) -> bool:
    """Return whether lines are transcripts, by their names or a column of ``var`` that tells each another one."""
    rows = spread_out(len(var), _ENOUGH_NAMES)
    texts = [name for name in var.columns if not pd.api.types.is_float_dtype(var[name].dtype)]
    for column in (var.index.to_numpy(), *(var[name].to_numpy() for name in texts)):
        some = [str(column[row]) for row in rows]
        found = {name for name in some if _TRANSCRIPT.fullmatch(name)}
        if len(found) >= _TRANSCRIPTS * len(some):
            return True
    return False


def _are_entrez_of(numbers: Sequence[str], genes: pd.Series) -> bool:
    """Whether numbers are those of the genes beside them: any may be the Entrez number of some gene by chance."""
    step = max(1, len(numbers) // _ENOUGH_NAMES)
    by_number, beside = (
        map_genes([str(name) for name in names[::step]]).symbol for names in (list(numbers), names_in(genes))
    )
    both = (by_number != "") & (beside != "")
    return bool(both.any()) and float(np.mean(by_number[both] == beside[both])) >= _SAME_SHARE


def are_genes_of_another_form(names: Sequence[str]) -> bool:
    """Return whether names are genes or probes that are not looked up as they stand.

    They are of another species, of an array, or all begin alike: ``GRCh38_TP53``.
    """
    some = [name for name in names[:: max(1, len(names) // _ENOUGH_NAMES)] if name and not is_counter_line(name)]
    if len(some) < 2:
        return False
    first, last = min(some), max(some)
    alike = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), 0)
    prefix = _PREFIX.match(first[:alike])
    rests = [name[prefix.end() :] for name in some] if prefix is not None else []
    if len(rests) < _ENOUGH_FOR_WEAK_EVIDENCE and all(map(str.isdigit, rests)):
        rests = []  # Tumor 1 and Tumor 2; the numbers of few samples may all be Entrez numbers
    return are_foreign_genes(some) or (bool(rests) and share_of_genes(rests) >= _ALIKE_SHARE)


def is_counter_line(name: str) -> bool:
    """Whether a counter of reads wrote this in the place of a gene."""
    return _COUNTER_LINE.fullmatch(name) is not None


def _is_series(names: Sequence[str]) -> bool:
    """Whether names are numbered, as samples are: S1, S2; C1 to C9 beside T1 to T9. Entrez numbers are not in a row."""
    names = list(dict.fromkeys(names))
    found = [_SERIES.fullmatch(name) for name in names]
    prefixes = Counter(match[1] for match in found if match)
    most = prefixes.most_common(_MOST_PREFIXES)
    if len(names) < 3 or sum(count for _, count in most) < _SERIES_SHARE * len(names):
        return False
    return prefixes[""] < _SERIES_SHARE * len(names) or _count_up(names)


def _are_numbers_of_others(names: Sequence[str], known: np.ndarray) -> bool:
    """Whether names are numbers of which few are Entrez numbers: any from 1 to 45,000, as Agilent's features are."""
    numbers = len(names) >= _ENOUGH_FOR_WEAK_EVIDENCE and all(map(_NUMBER.fullmatch, names))
    return bool(numbers) and float(np.mean(known)) < _ENTREZ_SHARE


def _count_rows(names: Sequence[str]) -> bool:
    """Whether many names are nothing but numbers, dense as those of rows: of a thousand of them that is not seen."""
    return len(names) > _ENOUGH_NAMES and all(map(str.isdigit, names)) and _count_up(names)


def _count_up(names: Sequence[str]) -> bool:
    """Whether numbers are dense: as many as half of those between the smallest and the largest."""
    numbers = [int(name) for name in names if name.isdigit()]
    return bool(numbers) and 2 * len(numbers) > max(numbers) - min(numbers)
