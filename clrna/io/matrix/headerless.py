"""Files of counts without a header: HTSeq's two or three columns, STAR's four."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.matrix.gene_names import is_counter_line, share_of_genes
from clrna.io.text.text_columns import is_number
from clrna.quoted import in_quotes

COUNTS: Final = "counts"
# Genes that no table of symbols has: those of other releases of Ensembl, and what is called after a clone.
_UNNAMED: Final = re.compile(r"ENSG\d{11}(\.\d+)?(_PAR_Y)?|[A-Z]{1,2}\d{5,6}\.\d{1,2}|RP\d{1,2}-\d+[A-Z]\d+\.\d+")
_NEARLY_ALL: Final = 0.8
_STAR: Final = ("unstranded", "stranded_first", "stranded_second")


def header_of(first: Sequence[str], path: Path, below: Sequence[Sequence[str]] = ()) -> list[str] | None:
    """Return the header that a file lacks, None where its first line is one.

    Parameters
    ----------
    first
        Fields of the first line.
    path
        For the error.
    below
        Fields of the lines below, without which numbers alone are taken for a header.

    Raises
    ------
    InputError
        The first line is of a gene, and the number of its columns is not that of a counter's file.
    """
    name, values = first[0].strip(), [field.strip() for field in first[1:]]
    of_gene = is_counter_line(name) or share_of_genes([name]) > 0.0 or _UNNAMED.fullmatch(name) is not None
    if name.isdigit():
        of_gene = of_gene and bool(below) and _is_row_of_numbers(first, below[0])
    if not values or not of_gene or not is_number(values[-1]):
        return None
    if len(values) == 2 and not is_number(values[0]):
        return ["", "gene_name", COUNTS]  # HTSeq's --additional-attr
    if not all(is_number(value) for value in values):
        return None
    if len(values) == 1:
        return ["", COUNTS]
    if len(values) == len(_STAR) and (is_counter_line(name) or _counts_both_strands([first, *below])):
        return ["", *_STAR]
    raise InputError(
        f"{path}: its first line is of gene {in_quotes(name)}: it has no header; put one with the samples' names on top"
    )


def _counts_both_strands(rows: Sequence[Sequence[str]]) -> bool:
    """Whether hardly a number is larger than the first: STAR's strands add up to it but where genes overlap."""
    numbers = [[float(value) for value in row[1:]] for row in rows if all(map(is_number, row[1:]))]
    both = [values[0] >= max(values[1:]) for values in numbers if any(values)]
    return sum(both) >= _NEARLY_ALL * len(both)


def _is_row_of_numbers(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the first line is an Entrez number with values, as the second, and no header of numbers.

    Above names of rows a header has a field less, or an empty one. One that counts the columns (1, 2, 3) is no row.
    """
    if len(first) != len(second) or not all(is_number(field.strip()) for field in (*first, *second)):
        return False
    numbers = [field.strip() for field in first]
    counting = [str(int(numbers[0]) + at) for at in range(len(numbers))]
    return numbers != counting and share_of_genes([second[0].strip()]) > 0.0
