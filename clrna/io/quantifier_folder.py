"""The files of quantifiers in a folder, one a sample."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.quantification import is_quantification

# Names without the ending of a compression. Of several kinds in one folder the first is read; of one sample in two
# kinds too.
_KINDS: Final = (
    ("*quant.genes.sf",),
    ("*.genes.results",),
    ("*augmented_star_gene_counts.tsv",),
    ("*gene_abund*.tab", "*gene_abund*.tsv", "*gene_abund*.txt", "*gene.abundance.txt"),
    ("*ReadsPerGene.out.tab",),
    ("*quant.sf",),
    ("abundance.tsv", "*.abundance.tsv", "*_abundance.tsv"),
    ("*.isoforms.results",),
    ("*.htseq.counts", "*.htseq.txt", "*.htseq_counts.txt", "*.htseq.counts.txt"),
    ("genes.fpkm_tracking", "*.genes.fpkm_tracking"),
)
_COMPRESSED: Final = re.compile(r"\.(gz|zst)$")


def quantifier_files(folder: Path) -> list[Path]:
    """Return the files of quantifiers in a folder and the folders below it, in the order of their names.

    Where none has a name that a quantifier gives, those are taken whose content is a quantifier's.

    Raises
    ------
    InputError
        There are none.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path: _COMPRESSED.sub("", path.name) for path in files}
    for patterns in _KINDS:
        found = [path for path in files if any(fnmatchcase(names[path], pattern) for pattern in patterns)]
        if found:
            return found
    found = [path for path in files if not path.name.startswith(".") and is_quantification(path)]
    if found:
        return found
    raise InputError(
        f"{folder}: is a folder without files of a quantifier (salmon, kallisto, RSEM, StringTie, STAR, HTSeq, GDC); "
        "name the expression files in it"
    )


def files_behind(path: Path) -> list[Path]:
    """Return an input's files: those of a quantifier in a folder, else the file itself."""
    return quantifier_files(path) if path.is_dir() else [path]
