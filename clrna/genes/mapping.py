"""Map the gene identifiers of a file to current HGNC symbols."""

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clrna.errors import InputError
from clrna.genes.describe import describe_identifiers, foreign_form
from clrna.genes.forms import (
    are_row_numbers,
    is_title_case,
    mostly_lower_case,
    numbers_of_probe_sets,
    stems_before_numbers,
    without_r_prefix,
)
from clrna.genes.identifiers import KINDS, detect_identifier
from clrna.genes.resolver import LOST, OF_MOUSE, Resolved, Resolver
from clrna.genes.table import GeneTable, load_gene_table

STATUSES = ("current", "previous", "alias", "ensembl", "entrez", "ambiguous", "lost")
# Of the genes of mouse and rat one in a hundred is also a name of a human gene.
_FEW_KNOWN = 0.2
_FEWEST_OF_MOUSE = 20
_MANY_OF_MOUSE = 0.1
_MOST_STEMS_KNOWN = 0.8


@dataclass(frozen=True)
class GeneMapping:
    """What became of each identifier; all arrays have shape (identifiers,) and keep the order given.

    Attributes
    ----------
    symbol
        Current HGNC symbol, '' where the identifier is lost or ambiguous.
    status
        'current', 'previous', 'alias', 'ensembl' or 'entrez' by what it was found; 'ambiguous' or 'lost' else.
    ensembl_id, entrez_id
        Identifiers of the gene as text, '' where unknown.
    candidates
        Of an ambiguous identifier the symbols it may be, joined by '|'; '' else.
    note
        What was undone to find it (a spreadsheet's date, R's dots, upper case), or why it was not found; '' else.
    kind
        What most identifiers are: 'symbol', 'ensembl' or 'entrez'.
    why
        The sentence that says how this was told.
    """

    symbol: np.ndarray
    status: np.ndarray
    ensembl_id: np.ndarray
    entrez_id: np.ndarray
    candidates: np.ndarray
    note: np.ndarray
    kind: str
    why: str

    def summary(self) -> dict[str, int]:
        """Return counts: identifiers, each status, distinct genes, and identifiers that share a gene with another."""
        statuses = Counter(self.status)
        genes = Counter(self.symbol[self.symbol != ""])
        return {
            "identifiers": len(self.symbol),
            **{status: statuses[status] for status in STATUSES},
            "genes": len(genes),
            "merged": sum(genes.values()) - len(genes),
        }


def map_genes(ids: Sequence[str], kind: str = "auto") -> GeneMapping:
    """Map gene identifiers to current HGNC symbols.

    A current symbol wins over previous symbols of other genes, and those over aliases. A name that several genes had
    or have is refused as ambiguous. Case counts, for ``Gapdh`` beside ``GAPDH`` is the mouse's gene; only names in
    upper case throughout (C1ORF112), or files mostly in lower case, are looked up without it.

    Parameters
    ----------
    ids
        Identifiers in the order of the file: symbols, Ensembl genes with or without version, Entrez numbers,
        ``TP53|7157``, ``TP53 (7157)``; kinds may be mixed.
    kind
        'auto' goes by the form of each identifier; 'symbol', 'ensembl' or 'entrez' takes all as this kind.

    Raises
    ------
    ValueError
        ``kind`` is none of these.
    """
    if kind not in ("auto", *KINDS):
        raise ValueError(f"kind is {kind!r}, not one of auto, {', '.join(KINDS)}")
    table = load_gene_table()
    names = [str(name) for name in ids]
    detection = detect_identifier(names)
    if are_row_numbers(names):
        resolved = [LOST._replace(note="a row number, not a gene")] * len(names)
    else:
        resolve = _resolver(kind, mostly_lower_case(names))
        note, bare = "R put an X before the number", without_r_prefix(names)
        if bare is names:
            note, bare = "named after it by Brainarray", _without_probe_set_ends(names, table)
        resolved = _by_stem([resolve(name) for name in bare], bare, resolve)
        if bare is not names:
            detection = detect_identifier(bare)
            resolved = [one._replace(note=one.note or note) for one in resolved]
    resolved = _without_mouse(names, resolved)
    rows = np.array([one.row for one in resolved], dtype=np.intp)
    return GeneMapping(
        symbol=_of_rows(table.symbol, rows),
        status=_objects([one.status for one in resolved]),
        ensembl_id=_of_rows(table.ensembl_id, rows),
        entrez_id=_of_rows(table.entrez_id, rows),
        candidates=_objects(
            ["|".join(table.symbol[list(one.candidates)]) if one.candidates else "" for one in resolved]
        ),
        note=_objects([one.note for one in resolved]),
        kind=detection.kind if kind == "auto" else kind,
        why=detection.why,
    )


def _without_probe_set_ends(names: Sequence[str], table: GeneTable) -> Sequence[str]:
    """Return Entrez numbers without the ``_at`` that Brainarray puts behind them; other identifiers as they are.

    Affymetrix' own probe sets are called so, too: of their numbers few are Entrez numbers, and some end with ``_s_at``.
    """
    numbers = numbers_of_probe_sets(names)
    known = sum(number in table.by_entrez for number in filter(None, numbers))
    if not known or known < _MOST_STEMS_KNOWN * sum(map(bool, numbers)):
        return names
    return [number or name for number, name in zip(numbers, names, strict=True)]


def _by_stem(resolved: list[Resolved], names: Sequence[str], resolve: Callable[[str], Resolved]) -> list[Resolved]:
    """Return what became of names, found by their symbol alone where all are one with a number of a probe behind it.

    TempO-Seq calls its probes so (``TP53_12345``; two of a gene have two numbers), others write an Entrez number.
    """
    stems = stems_before_numbers(names)
    if not stems:
        return resolved
    asked = [at for at, (one, stem) in enumerate(zip(resolved, stems, strict=True)) if stem and one.row < 0]
    found = {at: one for at in asked if (one := resolve(stems[at])).row >= 0}
    if len(found) < _MOST_STEMS_KNOWN * len(asked):
        return resolved
    note = "number behind the symbol left out"
    return [found[at]._replace(note=note) if at in found else one for at, one in enumerate(resolved)]


def _without_mouse(names: Sequence[str], resolved: list[Resolved]) -> list[Resolved]:
    """Return what became of names, none of them in title case a gene's where many are genes of the mouse.

    Of a xenograft's genes ``Gas3`` is the mouse's beside ``TP53``, though a human gene once had that name, too.
    """
    if sum(one.note == OF_MOUSE for one in resolved) < max(_FEWEST_OF_MOUSE, _MANY_OF_MOUSE * len(names)):
        return resolved
    former = ("previous", "alias", "ambiguous")
    return [
        LOST._replace(note=OF_MOUSE) if one.status in former and is_title_case(name) else one
        for name, one in zip(names, resolved, strict=True)
    ]


@functools.cache
def _resolver(kind: str, any_case: bool) -> Callable[[str], Resolved]:
    """Return what looks identifiers up, and remembers them: the genes of a file are asked about several times."""
    return functools.lru_cache(maxsize=1 << 16)(Resolver(load_gene_table(), kind, any_case).resolve)


def require_known_genes(mapping: GeneMapping, ids: Sequence[str], path: Path) -> None:
    """Raise InputError where no identifier of a file is a known gene, or few are and most are of another kind."""
    known = int((mapping.symbol != "").sum())
    if known == 0 or (known < _FEW_KNOWN * len(ids) and foreign_form(ids)):
        verb = "are" if known > 1 else "is"
        how_many = f"only {known} of its gene identifiers" if known else "none of its gene identifiers"
        raise InputError(
            f"{path}: {how_many} {verb} known: it has {describe_identifiers(ids)}, expected are "
            "human HGNC symbols (TP53), Ensembl genes (ENSG00000141510) or Entrez numbers (7157); those of probes and "
            "transcripts are read from --gene-map; see --gene-id, --gene-key and --orientation"
        )


def _of_rows(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.append(column, "")[rows].astype(object)


def _objects(values: list[str]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
