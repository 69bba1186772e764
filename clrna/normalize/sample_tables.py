"""Tell a table of sample metadata from an expression matrix by its columns."""

from pathlib import Path

from clrna.errors import InputError
from clrna.io.hdf5.h5ad import is_h5ad
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.parquet_matrix import is_parquet
from clrna.io.matrix.text_head import Head, read_head
from clrna.normalize.columns import CATEGORY_NAMES, CELL_LINE_NAMES, DONOR_NAMES, TISSUE_NAMES, TUMOR_TYPE_NAMES
from clrna.normalize.match_names import plain_name
from clrna.plain_words import plain_word

_LABELS = (*TISSUE_NAMES, *TUMOR_TYPE_NAMES, *CATEGORY_NAMES, *DONOR_NAMES, *CELL_LINE_NAMES)
_KNOWN = frozenset(map(plain_word, _LABELS))
_FEWEST = 10
_DISTINCT = 0.9
_GENES = 0.5


def is_sample_table(path: Path) -> bool:
    """Whether a file is a table of text with a column of labels or donors and no gene, neither above nor beside."""
    if not path.is_file() or is_h5ad(path) or is_parquet(path):
        return False
    try:
        head = read_head(path)
    except InputError:
        return False
    plain = {plain_name(name).replace(".", "") for name in head.names[1:]}
    if not plain & _KNOWN or head.row_annotations or head.platform or head.column_annotations:
        return False
    beside = [row[0] for row in head.rows if row]
    return share_of_genes(head.names) == 0.0 and share_of_genes(beside) == 0.0 and not _has_genes(head)


def _has_genes(head: Head) -> bool:
    """Whether a column of text names another gene in each line, as in matrices and long tables."""
    for at in head.text_columns:
        names = [row[at].strip() for row in head.rows if at < len(row) and row[at].strip()]
        if len(set(names)) >= max(_FEWEST, _DISTINCT * len(names)) and share_of_genes(names) >= _GENES:
            return True
    return False
