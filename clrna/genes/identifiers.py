"""What kind of gene identifier a text is, judged by its form alone."""

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from clrna.quoted import in_quotes

KINDS = ("symbol", "ensembl", "entrez")
KIND_NAMES = {"symbol": "gene symbols", "ensembl": "Ensembl genes", "entrez": "Entrez gene numbers"}

_ENSEMBL = re.compile(r"(ENSG\d{11})(?:\.\d+)?(_PAR_Y)?", re.IGNORECASE)
_SHORTEST_ENSEMBL = 15
_ENTREZ = re.compile(r"(\d+)(?:\.0)?")  # pandas reads numbers with a gap among them as 7157.0
# TP53|7157 (TCGA; TP53|7157_calculated in its first files), TP53 (7157) (DepMap), TP53..7157. (DepMap's through R)
_SYMBOL_AND_ENTREZ = re.compile(r"(.*?)(?:\|(\d+)(?:_calculated)?| \((\d+)\)|\.\.(\d+)\.)")
# StringTie's and Cufflinks' own names of a locus; the gene's name stands behind them
_ASSEMBLED = re.compile(r"(?:MSTRG|STRG|XLOC|CUFF)[._]\d+(?:\.\d+)?\|(.+)")
_LOCUS = re.compile(r"LOC(\d+)")  # what NCBI calls a gene without a symbol: the number is its Entrez number
_GAPS = frozenset({"", "nan", "NaN", "NA", "<NA>", "None", "?", "---"})  # NaN is an alias of SCN11A, but in files a gap
# What genomes of two species in one are called: GRCh38_TP53 beside mm10_Trp53. Seurat writes a hyphen.
_GENOME = re.compile(r"(?:GRCh3[78]|hg(?:19|38)|human)(?:-\d{4}-\w)?[_-]+(?=.)", re.IGNORECASE)
_QUOTED = re.compile(r"^([\"'])(.*)\1$|^'(?=\w)()")  # a spreadsheet's text, lest a date becomes of it, begins with one
_OF_NUMBERS = re.compile(r"^(?:gene[ _]?id|ncbi[ _]?gene|entrez(?:[ _]?gene)?|eg|hsa)[:_](?=\d+$)", re.IGNORECASE)
_OF_GFF = re.compile(r"^gene[-:](?=\w)")  # NCBI's and Ensembl's GFF: gene-TP53, gene:ENSG00000141510
_NUMBER_BEFORE = re.compile(r"^\d+\|(?=[A-Za-z])")  # of which catalogue is open: the symbol behind it says more
# What DEXSeq counts: parts of exons, ENSG00000141510:E005, of which a read may lie in several.
_EXON = re.compile(r":E?\d{3}$")
_SEPARATORS = " |_()[];:,/"


class Identifier(NamedTuple):
    """The parts of one identifier; '' for a part that it does not have."""

    symbol: str = ""
    ensembl: str = ""
    entrez: str = ""
    on_y: bool = False

    @property
    def kind(self) -> str:
        """The kind that identifies the gene best."""
        return "ensembl" if self.ensembl else "entrez" if self.entrez and not self.is_locus else "symbol"

    @property
    def is_locus(self) -> bool:
        """Whether the symbol is one of NCBI's ``LOC`` names."""
        return self.symbol.startswith("LOC") and _LOCUS.fullmatch(self.symbol) is not None


class IdentifierDetection(NamedTuple):
    """What kind most identifiers are.

    Attributes
    ----------
    kind
        'symbol', 'ensembl' or 'entrez'.
    share
        The share of identifiers that are of this kind, 0 to 1.
    why
        A sentence with counts and examples.
    """

    kind: str
    share: float
    why: str


@functools.lru_cache(maxsize=1 << 16)  # the genes of a file are asked about several times
def parse_identifier(text: str) -> Identifier:
    """Split an identifier into symbol, Ensembl gene (without version) and Entrez number.

    Reads ``TP53``, ``ENSG00000141510.18``, ``7157``, ``TP53|7157``, ``TP53 (7157)``, ``TP53 (ENSG00000141510)``,
    ``ENSG00000141510.18|TP53``, ``7157|TP53``, ``gene-TP53``, ``MSTRG.12|TP53``, ``GRCh38_TP53``, ``GeneID:7157``,
    ``'TP53`` and ``LOC7157``.
    """
    if _is_plain_symbol(text):
        return Identifier(symbol=text)
    text = _GENOME.sub("", _ASSEMBLED.sub(r"\1", _QUOTED.sub(r"\2", str(text).strip())), count=1)
    text = _OF_NUMBERS.sub("", _NUMBER_BEFORE.sub("", _OF_GFF.sub("", text)))
    ensembl = None if _EXON.search(text) else _ENSEMBL.search(text)
    if ensembl:
        rest = (text[: ensembl.start()] + text[ensembl.end() :]).strip(_SEPARATORS)
        return Identifier(symbol=rest, ensembl=ensembl[1].upper(), on_y=ensembl[2] is not None)
    entrez = _ENTREZ.fullmatch(text)
    if entrez:
        return Identifier(entrez=entrez[1])
    both = _SYMBOL_AND_ENTREZ.fullmatch(text)
    if both:
        return Identifier(symbol="" if both[1] in _GAPS else both[1], entrez=both[2] or both[3] or both[4])
    if text in _GAPS:
        return Identifier()
    locus = _LOCUS.fullmatch(text)
    return Identifier(symbol=text, entrez=locus[1] if locus else "")


def _is_plain_symbol(text: str) -> bool:
    """Whether a text is a symbol and nothing else, which most are and no pattern is needed to tell."""
    return (
        len(text) < _SHORTEST_ENSEMBL
        and text.isascii()
        and text[:1].isalpha()
        and text.replace("-", "").isalnum()
        and text not in _GAPS
        and not text.startswith(("gene-", "LOC", "GRCh3", "hg19-", "hg38-", "human-"))
    )


@functools.lru_cache(maxsize=1 << 16)
def _kind_of(text: str) -> str:
    return parse_identifier(text).kind


def detect_identifier(ids: Sequence[str]) -> IdentifierDetection:
    """Find out by their form what kind of identifiers these are.

    Parameters
    ----------
    ids
        Gene identifiers of a file, in any order; kinds may be mixed.

    Returns
    -------
    The kind that most are, its share, and a sentence that says why.
    """
    kinds = [_kind_of(text) for text in ids]
    if not kinds:
        return IdentifierDetection("symbol", 0.0, "there are no identifiers")
    counts = Counter(kinds)
    kind = max(KINDS, key=lambda name: counts[name])
    parts = [
        f"{counts[name]:,} of {len(kinds):,} look like {KIND_NAMES[name]} ({in_quotes(ids[kinds.index(name)])})"
        for name in sorted(KINDS, key=lambda name: -counts[name])
        if counts[name]
    ]
    return IdentifierDetection(kind, counts[kind] / len(kinds), ", ".join(parts))
