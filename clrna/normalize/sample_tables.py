"""Tell a table of sample metadata from an expression matrix by its columns."""

from pathlib import Path

from clrna.errors import InputError
from clrna.io.hdf5.h5ad import is_h5ad
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.parquet_matrix import is_parquet
from clrna.io.matrix.text_head import Head, read_head
from clrna.io.matrix.unit_columns import names_unit
from clrna.normalize.columns import CATEGORY_NAMES, CELL_LINE_NAMES, DONOR_NAMES, TISSUE_NAMES, TUMOR_TYPE_NAMES
from clrna.normalize.match_names import plain_name
from clrna.plain_words import plain_word

_LABELS = (*TISSUE_NAMES, *TUMOR_TYPE_NAMES, *CATEGORY_NAMES, *DONOR_NAMES, *CELL_LINE_NAMES)
_KNOWN = frozenset(map(plain_word, _LABELS))
_GENE_NAMES = frozenset(
    "gene genes genename genesymbol symbol hgnc hgncsymbol hugosymbol geneid ensembl ensemblid ensemblgene "
    "ensemblgeneid target feature featureid id".split()
)
_VALUE_NAMES = frozenset(
    "value values expression expressionvalue level abundance signal intensity log2expression logexpression ntpm ptpm "
    "normalizedvalue log2value".split()
)
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
    """Whether a column of text names genes, another one in each line as in matrices, or as long tables do."""
    columns = {at: [row[at].strip() for row in head.rows if at < len(row)] for at in {0, *head.text_columns}}
    for at, names in columns.items():
        names = [name for name in names if name]
        distinct = list(dict.fromkeys(names))
        if share_of_genes(distinct) < _GENES:
            continue
        if len(distinct) >= max(_FEWEST, _DISTINCT * len(names)):
            return True
        named = plain_word(head.names[at]) in _GENE_NAMES
        # Samples stand once in their table; of a long one the first lines may all be of one gene, or of one sample.
        single = any(len(set(others)) == len(others) for place, others in columns.items() if place != at)
        if (named and _has_values(head)) or (len(distinct) > 1 and not single):
            return True
    return False


def _has_values(head: Head) -> bool:
    """Whether a column of numbers is called as expression is."""
    return any(
        names_unit(name) or plain_word(name) in _VALUE_NAMES
        for at, name in enumerate(head.names)
        if at not in head.text_columns
    )
