"""Look one identifier up in the gene table: which gene it is, how sure that is, or why it is none."""

from typing import NamedTuple

from clrna.genes.dates import symbols_of_date
from clrna.genes.identifiers import Identifier, parse_identifier
from clrna.genes.table import GeneTable

_TierTable = tuple[tuple[str, dict[str, list[int]]], ...]


class Resolved(NamedTuple):
    """One identifier's gene.

    Attributes
    ----------
    row
        Row in the gene table, -1 where the identifier is lost or ambiguous.
    status
        'current', 'previous', 'alias', 'ensembl', 'entrez', 'ambiguous' or 'lost'.
    note
        What was done to the identifier to find it, or why it was not found; '' where it was found as it is.
    candidates
        Rows of the genes that an ambiguous identifier may be.
    """

    row: int
    status: str
    note: str = ""
    candidates: tuple[int, ...] = ()


LOST = Resolved(-1, "lost")


class Resolver:
    """Looks identifiers up.

    Parameters
    ----------
    table
        The gene table.
    kind
        Take every identifier as this kind; 'auto' goes by the form of each.
    any_case
        Whether symbols in lower case are looked up in upper case as well.
    """

    def __init__(self, table: GeneTable, kind: str, any_case: bool) -> None:
        self._table = table
        self._kind = kind
        self._any_case = any_case

    def resolve(self, text: str) -> Resolved:
        """Return the gene of an identifier."""
        identifier = parse_identifier(text)
        if identifier.on_y:
            return Resolved(-1, "lost", "copy on chromosome Y of a gene counted on X")
        found = self._by_number(identifier)
        if found is not None:
            return found
        if self._kind in ("auto", "symbol") and identifier.symbol:
            return self._by_symbol(identifier.symbol)
        return LOST

    def _by_number(self, identifier: Identifier) -> Resolved | None:
        ensembl = self._table.by_ensembl.get(identifier.ensembl) if self._kind in ("auto", "ensembl") else None
        if ensembl is not None:
            return Resolved(ensembl, "ensembl")
        numbers = ("auto", "entrez") if not identifier.is_locus else ("auto", "entrez", "symbol")
        entrez = self._table.by_entrez.get(identifier.entrez) if self._kind in numbers else None
        return None if entrez is None else Resolved(entrez, "entrez")

    def _by_symbol(self, symbol: str) -> Resolved:
        found = _look_up(self._table.tiers, [symbol])
        for variants, note in self._variants(symbol):
            if found is not LOST:
                break
            found = _look_up(self._table.tiers, variants)._replace(note=note)
            found = LOST if found.status == "lost" else found
        if found is LOST and (self._any_case or symbol == symbol.upper()):
            found = _look_up(self._table.upper_tiers, [symbol.upper()])
            found = LOST if found.status == "lost" else found._replace(note="other case")
        return found

    def _variants(self, symbol: str) -> list[tuple[list[str], str]]:
        """Return what programs are known to make of symbols, undone, each with what it was."""
        stem, _, suffix = symbol.rpartition(".")
        repeated = [stem] if suffix.isdigit() and len(suffix) < 3 and stem in self._table.by_symbol else []
        return [
            ([symbol.replace(".", "-")] if "." in symbol else [], "dot for hyphen, as R writes names"),
            (repeated, "number of a repeated name removed"),
            (symbols_of_date(symbol), "date made of it by a spreadsheet undone"),
        ]


def _look_up(tiers: _TierTable, names: list[str]) -> Resolved:
    """Return the gene of the first tier that has one of the names; several genes there are ambiguous."""
    for tier, rows_of in tiers:
        rows = sorted({row for name in names for row in rows_of.get(name, ())})
        if len(rows) == 1:
            return Resolved(rows[0], tier)
        if rows:
            return Resolved(-1, "ambiguous", candidates=tuple(rows))
    return LOST
