"""Say in words what the identifiers of a file look like, for errors about files that share no gene."""

import re
from collections.abc import Sequence

from clrna.genes.forms import are_row_numbers, is_title_case, mostly_lower_case, mostly_title_case
from clrna.genes.identifiers import detect_identifier
from clrna.genes.table import load_gene_table
from clrna.quoted import in_quotes

# Identifiers that are no genes of ours, first match wins; shown where most of a file's identifiers are of one kind.
_FOREIGN = (
    (re.compile(r"ENST\d{11}(\.\d+)?"), "Ensembl transcripts (sum them to genes first)"),
    (re.compile(r"ENSP\d{11}(\.\d+)?"), "Ensembl proteins"),
    (re.compile(r"ENSMUSG\d{11}(\.\d+)?"), "Ensembl genes of the mouse"),
    (re.compile(r"ENS[A-Z]{3,4}G\d{11}(\.\d+)?"), "Ensembl genes of another species"),
    (re.compile(r"ENSG\d{11}.*:E?\d{3}"), "parts of exons, as DEXSeq counts them (count reads of genes)"),
    (re.compile(r"HGNC:\d+"), "HGNC numbers"),
    (re.compile(r"[NX][MR]_\d+(\.\d+)?"), "RefSeq transcripts (sum them to genes first)"),
    (re.compile(r"AFFX.*|\d+(_[a-z]+)?_at"), "Affymetrix probe sets (map them to genes first)"),
    (re.compile(r"ILMN_\d+"), "Illumina probes (map them to genes first)"),
    (re.compile(r"A_\d+_P\d+"), "Agilent probes (map them to genes first)"),
    (re.compile(r"(cg|ch\.[0-9XY]+\.)\d+[FR]?(_[A-Z]{2}\d+)?"), "sites of methylation (no expression)"),
    (re.compile(r"[OPQ][0-9][A-Z0-9]{3}[0-9](-\d+)?"), "UniProt proteins"),
    (re.compile(r"chr[0-9XYM]+[:_].*", re.IGNORECASE), "genome positions"),
)
_SAMPLES = (
    (re.compile(r"TCGA-\w{2}-\w{4}.*"), "TCGA samples (are samples and genes the wrong way round?)"),
    (re.compile(r"ACH-\d{6}"), "DepMap cell lines (are samples and genes the wrong way round?)"),
    (re.compile(r"GSM\d+.*"), "GEO samples (are samples and genes the wrong way round?)"),
)
_MOUSE = "names in the case of mouse or rat genes (map them to human genes first)"
_EXAMPLES = 3


def describe_identifiers(ids: Sequence[str]) -> str:
    """Return what identifiers look like, with their number and examples.

    Parameters
    ----------
    ids
        Gene identifiers, or what a file has in their place.

    Returns
    -------
    For example ``"18,000 Ensembl genes such as 'ENSG00000141510', 'ENSG00000146648', ..."``.
    """
    names = [str(name) for name in ids]
    if not names:
        return "no identifiers"
    examples = ", ".join(in_quotes(name) for name in names[:_EXAMPLES])
    return f"{len(names):,} {_what(names)} such as {examples}"


def foreign_form(names: Sequence[str]) -> str:
    """Return what more than half of the identifiers are where that is no human gene; '' where it is open.

    Genes of mouse and rat share a few names with human genes or their aliases, so that one known name says little.
    """
    for form, words in (*_FOREIGN, *_SAMPLES):
        if 2 * sum(form.fullmatch(name) is not None for name in names) > len(names):
            return words
    return _MOUSE if mostly_title_case(names) else ""


def are_foreign_genes(names: Sequence[str]) -> bool:
    """Return whether more than half of the names are genes of another species, probes, transcripts or proteins.

    Names in the case of mouse and rat are so where, in upper case, they are human genes: ``Trp53`` is, ``Anna`` not.
    """
    most = len(names) / 2
    if any(sum(form.fullmatch(name) is not None for name in names) > most for form, _ in _FOREIGN):
        return True
    known = load_gene_table().by_symbol
    return sum(is_title_case(name) and name.upper() in known for name in names) > most


def _what(names: list[str]) -> str:
    if are_row_numbers(names):
        return "row numbers"
    foreign = foreign_form(names)
    if foreign and foreign != _MOUSE:
        return foreign
    detection = detect_identifier(names)
    if detection.kind == "ensembl":
        return "Ensembl genes"
    if detection.kind == "entrez":
        return "Entrez gene numbers"
    if foreign:
        return foreign
    return "names in lower case" if mostly_lower_case(names) else "symbols or other names"
