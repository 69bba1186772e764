"""The files of quantifiers in a folder, one a sample."""

from pathlib import Path
from typing import Final

from clrna.errors import InputError

# Of several kinds in one folder the first is read; of one sample in two kinds too.
_KINDS: Final = (
    ("quant.genes.sf", "*.quant.genes.sf", "quant.genes.sf.gz"),
    ("*.genes.results", "*.genes.results.gz"),
    ("*augmented_star_gene_counts.tsv", "*augmented_star_gene_counts.tsv.gz"),
    ("*gene_abund*.tab", "*gene_abund*.tsv", "*gene_abund*.txt"),
    ("*ReadsPerGene.out.tab", "*ReadsPerGene.out.tab.gz"),
    ("quant.sf", "*.quant.sf", "quant.sf.gz"),
    ("abundance.tsv", "*.abundance.tsv", "*_abundance.tsv", "abundance.tsv.gz"),
    ("*.isoforms.results", "*.isoforms.results.gz"),
    ("*.htseq.counts", "*.htseq.counts.gz", "*.htseq.txt", "*.htseq_counts.txt", "*.htseq.counts.txt"),
    ("genes.fpkm_tracking", "*.genes.fpkm_tracking"),
)


def quantifier_files(folder: Path) -> list[Path]:
    """Return the files of quantifiers in a folder and the folders below it, in the order of their names.

    Raises
    ------
    InputError
        There are none.
    """
    for patterns in _KINDS:
        found = {path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()}
        if found:
            return sorted(found)
    raise InputError(
        f"{folder}: is a folder without files of a quantifier (salmon, kallisto, RSEM, StringTie, STAR, HTSeq, GDC); "
        "name the expression files in it"
    )


def files_behind(path: Path) -> list[Path]:
    """Return an input's files: those of a quantifier in a folder, else the file itself."""
    return quantifier_files(path) if path.is_dir() else [path]
