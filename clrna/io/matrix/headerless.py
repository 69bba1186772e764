"""Files of counts without a header: HTSeq's two or three columns, STAR's four."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.matrix.gene_names import is_counter_line, share_of_genes
from clrna.io.text.text_columns import is_number
from clrna.quoted import in_quotes

COUNTS: Final = "counts"
_STAR: Final = ("unstranded", "stranded_first", "stranded_second")


def header_of(first: Sequence[str], path: Path) -> list[str] | None:
    """Return the header that a file lacks, None where its first line is one.

    Parameters
    ----------
    first
        Fields of the first line.
    path
        For the error.

    Raises
    ------
    InputError
        The first line is of a gene, and the number of its columns is not that of a counter's file.
    """
    name, values = first[0].strip(), [field.strip() for field in first[1:]]
    of_gene = (is_counter_line(name) or share_of_genes([name]) > 0.0) and not name.isdigit()
    if not values or not of_gene or not is_number(values[-1]):
        return None
    if len(values) == 2 and not is_number(values[0]):
        return ["", "gene_name", COUNTS]  # HTSeq's --additional-attr
    if not all(is_number(value) for value in values):
        return None
    if len(values) == 1:
        return ["", COUNTS]
    if len(values) == len(_STAR):
        return ["", *_STAR]
    raise InputError(
        f"{path}: its first line is of gene {in_quotes(name)}: it has no header; put one with the samples' names on top"
    )
