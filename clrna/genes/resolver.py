"""Look one identifier up in the gene table: which gene it is, how sure that is, or why it is none."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from clrna.genes.dates import symbols_of_date
from clrna.genes.forms import is_title_case
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


_REPEAT_DIGITS = 2
# TP53_7157, TP53;7157, TP53@7157: read so where the number is that symbol's. A number of another kind is not.
_WITH_NUMBER = re.compile(r"(.+)[_;:/@ ](\d+)")
_SEVERAL = re.compile(r"///|;|,")  # DDR1 /// MIR4640: a probe set of Affymetrix that sees several genes

# Texts call genes so (tau, parkin); in a table these are words of another language (por) or of the clinic (hang).
_WORD = re.compile(r"[a-z]{2,}")

LOST = Resolved(-1, "lost")
OF_MOUSE = "written as genes of mouse and rat are"


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
        if identifier.ensembl and self._kind in ("auto", "ensembl"):
            ensembl = self._table.by_ensembl.get(identifier.ensembl)
            if ensembl is not None:
                return Resolved(ensembl, "ensembl")
        if not identifier.entrez:
            return None
        numbers = ("auto", "entrez") if not identifier.is_locus else ("auto", "entrez", "symbol")
        entrez = self._table.by_entrez.get(identifier.entrez) if self._kind in numbers else None
        return None if entrez is None else Resolved(entrez, "entrez")

    def _by_symbol(self, symbol: str) -> Resolved:
        current = self._table.by_symbol.get(symbol)
        if current is not None:  # most are: the tables of former names and aliases are made for the others
            return Resolved(current, "current")
        found = self._look_up([symbol])
        if found != LOST and not self._any_case and _WORD.fullmatch(symbol):
            return LOST._replace(note="a word in lower case, which is but an alias")
        if found == LOST:
            found = next((one for one in self._as_variant(symbol) if one.status != "lost"), LOST)
        if found == LOST and (self._any_case or symbol == symbol.upper()):
            found = self._look_up_upper([symbol.upper()])
            found = found if found == LOST else found._replace(note="other case")
        if found == LOST and is_title_case(symbol) and symbol.upper() in self._table.by_symbol:
            return LOST._replace(note=OF_MOUSE)
        return found

    def _look_up(self, names: list[str]) -> Resolved:
        # Most names that are no current symbol, those of samples above all, are none of the others either.
        there = [name for name in names if name in self._table.names]
        return _look_up(self._table.tiers, there) if there else LOST

    def _look_up_upper(self, names: list[str]) -> Resolved:
        there = [name for name in names if name in self._table.upper_names]
        return _look_up(self._table.upper_tiers, there) if there else LOST

    def _as_variant(self, symbol: str) -> Iterator[Resolved]:
        """Look up what a symbol was before a program changed it."""
        yield self._look_up([symbol.replace(".", "-")])._replace(note="dot for hyphen, as R writes names")
        stem, _, suffix = symbol.rpartition(".")
        if suffix.isdigit() and len(suffix) <= _REPEAT_DIGITS and stem in self._table.by_symbol:
            yield self._look_up([stem])._replace(note="number of a repeated name removed")
        for look_up in (self._look_up, self._look_up_upper):
            yield look_up(symbols_of_date(symbol))._replace(note="a spreadsheet made a date of it")
        both = _WITH_NUMBER.fullmatch(symbol)
        row = self._table.by_entrez.get(both[2]) if both else None
        if both and row is not None:
            named = self._look_up([both[1]])
            if row in (named.row, *named.candidates) or self._table.by_symbol.get(both[1]) == row:
                yield Resolved(row, "entrez")
        parts = [part.strip() for part in _SEVERAL.split(symbol)]
        if len(parts) > 1:
            yield self._one_of(parts)

    def _one_of(self, symbols: list[str]) -> Resolved:
        """Return the gene that several symbols together name, ambiguous where they name more than one."""
        found = [self._by_symbol(symbol) for symbol in symbols]
        rows = sorted({row for one in found for row in (one.row, *one.candidates) if row >= 0})
        if len(rows) == 1:
            return next(one for one in found if one.row == rows[0])
        return Resolved(-1, "ambiguous", "several genes", tuple(rows)) if rows else LOST


def _look_up(tiers: _TierTable, names: list[str]) -> Resolved:
    """Return the gene of the first tier that has one of the names; several genes there are ambiguous."""
    for tier, rows_of in tiers:
        rows = sorted({row for name in names for row in rows_of.get(name, ())})
        if len(rows) == 1:
            return Resolved(rows[0], tier)
        if rows:
            return Resolved(-1, "ambiguous", candidates=tuple(rows))
    return LOST
