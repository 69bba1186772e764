"""Files of counts without a header: HTSeq's two columns, STAR's four."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.gene_names import is_counter_line, share_of_genes
from clrna.io.text_columns import is_number

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
    if not values or not all(is_number(value) for value in values):
        return None
    if not (is_counter_line(name) or share_of_genes([name]) > 0.0) or name.isdigit():
        return None
    if len(values) == 1:
        return ["", "counts"]
    if len(values) == len(_STAR):
        return ["", *_STAR]
    raise InputError(
        f"{path}: its first line is of gene {name!r}: it has no header; put one with the samples' names on top"
    )
