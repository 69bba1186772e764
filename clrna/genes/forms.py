"""Forms that identifiers of a whole file have together."""

import re
from collections.abc import Sequence

_FEW = 20
_R_NUMBER = re.compile(r"X\d+")
_R_SHARE = 0.9  # single ones are names: X91348 was the accession of a sequence before it was a gene
_PROBE_SET = re.compile(r"(\d+)_at")
_PROBE_SETS = 0.95  # beside them stand the arrays' controls
_LAST_NUMBER = re.compile(r"[_@.;/ ]\d+\Z")  # a colon stands before parts of exons
_LETTER = re.compile(r"[^\W\d_]")
_BEFORE_NUMBER_SHARE = 0.9
_FEWEST_STEMS = 0.5  # two or three probes a gene; samples of a knock-out have one or few names of genes
_TITLE_CASE = re.compile(r"[A-Z][a-z][a-z0-9.-]*")


def are_row_numbers(ids: Sequence[str]) -> bool:
    """Return whether identifiers just count up from 0 or 1, as those of a table without gene names do."""
    if len(ids) < _FEW or ids[0] not in ("0", "1"):
        return False
    first = int(ids[0])
    return all(text == str(first + row) for row, text in enumerate(ids))


def mostly_lower_case(ids: Sequence[str]) -> bool:
    """Return whether more than half of the identifiers have lower-case letters and no upper-case ones."""
    return 2 * sum(map(str.islower, ids)) > len(ids)


def is_title_case(text: str) -> bool:
    """Return whether a name is written as genes of mouse and rat are: ``Trp53``, ``Gapdh``."""
    return _TITLE_CASE.fullmatch(text) is not None


def mostly_title_case(ids: Sequence[str]) -> bool:
    """Return whether more than half of the identifiers are written as genes of mouse and rat are."""
    return 2 * sum(map(is_title_case, ids)) > len(ids)


def without_r_prefix(ids: Sequence[str]) -> Sequence[str]:
    """Return Entrez numbers without the X that R put before those in a header; other identifiers as they are."""
    numbers = sum(map(bool, map(_R_NUMBER.fullmatch, ids)))
    if len(ids) < _FEW or numbers < _R_SHARE * len(ids):
        return ids
    return [text[1:] if _R_NUMBER.fullmatch(text) else text for text in ids]


def stems_before_numbers(ids: Sequence[str]) -> list[str]:
    """Return what stands before the number of each identifier, '' where none does; empty unless nearly all have one.

    Numbers that but count the samples of a gene, such as those of a knock-out, are none: there are few names then.
    """
    stems = list(map(_stem_before_number, ids))
    known = list(filter(None, stems))
    enough = len(ids) >= _FEW and len(known) >= _BEFORE_NUMBER_SHARE * len(ids)
    return stems if enough and len(set(known)) >= _FEWEST_STEMS * len(known) else []


def _stem_before_number(text: str) -> str:
    """Return what stands before the last number, '' where that has no letter; in time that grows as the text."""
    number = _LAST_NUMBER.search(text)
    return text[: number.start()] if number and _LETTER.search(text, 0, number.start()) else ""


def numbers_of_probe_sets(ids: Sequence[str]) -> list[str]:
    """Return the number of each probe set (``7157_at``), '' of what is none; empty unless nearly all are such."""
    found = [_PROBE_SET.fullmatch(text) for text in ids]
    if len(ids) < _FEW or sum(map(bool, found)) < _PROBE_SETS * len(ids):
        return []
    return [match[1] if match else "" for match in found]
