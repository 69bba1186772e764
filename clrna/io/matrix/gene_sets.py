"""What gene set analysis reads and writes: ranked lists, sets of genes and their scores, which are no expression."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.io.matrix.number_table import NumberTable
from clrna.io.text.text_stream import open_text
from clrna.plain_words import plain_word
from clrna.quoted import in_quotes, listed
from clrna.spread_out import spread_out

# What these files hold, by their endings: their content has no mark, and nothing else is called so.
_ENDINGS: Final = {
    ".rnk": "a ranked list of a comparison (.rnk), scores of genes and no sample; give the matrix that was compared",
    ".gmt": "sets of genes (.gmt), and no expression; give a matrix of genes x samples",
    ".gmx": "sets of genes (.gmx), and no expression; give a matrix of genes x samples",
    ".grp": "a set of genes (.grp), and no expression; give a matrix of genes x samples",
    ".cls": "classes of samples for GSEA (.cls), without their names; give a table of the samples as --metadata",
    ".chip": "the genes of an array's probes (.chip), and no expression; give it with --gene-map",
}  # fmt: skip
_WRAPPERS: Final = (".gz", ".zst", ".txt", ".tsv")
_CLASSES: Final = re.compile(rb"\d+[ \t]+\d+[ \t]+1\s*\n#")
_PROBES: Final = re.compile(rb"probe ?set ?id\tgene ?symbol\tgene ?title\s", re.IGNORECASE)
_SET: Final = re.compile(r"(HALLMARK|KEGG|REACTOME|BIOCARTA|WP|GO|GOBP|GOCC|GOMF|NABA)_[A-Z0-9_]*[A-Z]{3}\w*")
_MOST_NAMES: Final = 500
_SETS: Final = 0.5
_FEWEST_SETS: Final = 3
# What a list of genes by a statistic is called where it has but one column.
_METRICS: Final = frozenset(
    "rank ranking rankmetric rankingmetric score metric stat statistic weight nes es signedlogp signlogp signedpvalue "
    "signlog10p signedlog10p rankmetricscore genescore correlation spearman pearson cor rho zstat".split()
)
_FEWEST_RANKED: Final = 20


def refuse_gene_set_file(path: Path) -> None:
    """Raise InputError for GSEA's files that are no tables, or that only their ending tells from one."""
    name = path.name.lower()
    before = ""
    while name != before:
        before = name
        for wrapper in _WRAPPERS:
            name = name.removesuffix(wrapper)
    what = next((what for ending, what in _ENDINGS.items() if name.endswith(ending)), "")
    if not what and path.is_file():
        with open_text(path) as stream:
            start = stream.peek(512)[:512]
        what = _ENDINGS[".cls"] if _CLASSES.match(start) else _ENDINGS[".chip"] if _PROBES.match(start) else ""
    if what:
        raise InputError(f"{path}: is {what}")


def refuse_gene_set_scores(table: NumberTable) -> None:
    """Raise InputError where names are those of sets of genes, or where one column ranks genes by a comparison."""
    texts = table.annotations
    rows, columns = spread_out(len(texts), _MOST_NAMES), spread_out(len(table.columns), _MOST_NAMES)
    beside = [texts.iloc[rows, at].astype(str).tolist() for at in range(texts.shape[1])]
    for names in ([table.columns[at] for at in columns], *beside):
        sets = [name for name in names if _SET.fullmatch(name)]
        if len(sets) >= max(_FEWEST_SETS, _SETS * len(names)):
            raise InputError(
                f"{table.path}: has sets of genes ({listed(sets, 2)}) with their scores, as GSEA, GSVA and ssGSEA give "
                "them, and no expression; give the matrix of genes that these were computed from"
            )
    if len(table.columns) == 1 and _ranks_genes(table.columns, table.values[:, 0]):
        what = f"its column {in_quotes(table.columns[0])} ranks" if table.annotations.columns[0] else "it ranks"
        raise InputError(
            f"{table.path}: {what} genes by a comparison, and there is no sample; give the matrix that was compared"
        )


def _ranks_genes(columns: Sequence[str], values: np.ndarray) -> bool:
    """Whether a column is called as a statistic, or has both signs and sorts the rows, as no sample does."""
    if plain_word(columns[0]) in _METRICS:
        return True
    known = values[np.isfinite(values)]
    if len(known) < _FEWEST_RANKED or known.min() >= 0 or known.max() <= 0:
        return False
    steps = np.diff(known)
    return bool((steps <= 0).all() or (steps >= 0).all())
