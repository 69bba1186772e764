"""Gene identifiers: which kind they are, their current HGNC symbol, and the length of the gene."""

from clrna.genes.describe import are_foreign_genes, describe_identifiers, foreign_form
from clrna.genes.identifiers import IdentifierDetection, detect_identifier
from clrna.genes.mapping import GeneMapping, map_genes, require_known_genes
from clrna.genes.table import GeneTable, exonic_lengths, load_gene_table

__all__ = [
    "GeneMapping",
    "GeneTable",
    "IdentifierDetection",
    "are_foreign_genes",
    "describe_identifiers",
    "detect_identifier",
    "exonic_lengths",
    "foreign_form",
    "load_gene_table",
    "map_genes",
    "require_known_genes",
]
