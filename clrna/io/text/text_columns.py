"""Which columns of a text table hold numbers, and which text about genes or samples."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.plain_words import plain_word
from clrna.quoted import in_quotes

MISSING_NUMBERS: Final = (
    "", "NA", "NaN", "nan", "NULL", "null", "None", "na", "n/a", "N/A", "#N/A", "-", ".", "#DIV/0!", "#NUM!", "#VALUE!",
    "#REF!", "<NA>", "N.A.", "-nan", "missing",
)  # fmt: skip
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
# 1;1;1 beside 1: a value for each exon, probe or transcript of a gene.
_LIST: Final = re.compile(r"[\w.+-]*(?:\s*(?:[;|]|///)\s*+[\w.+-]*+)+")  # spaces are taken one way only
# Columns that describe genes or samples and may hold numbers, text or both.
_DESCRIBING: Final = re.compile(
    r"(gene)?(chr|chrom|chromosome|strand|biotype)(name)?|start|end|strand|seqnames?|band|stage|grade|(gene|hgnc|entrez|ncbi|ensembl|probe|"
    r"transcript|entrezgene|locus)(gene)?(id|number|symbol|name)?|exons?|description"
)
_ENTREZ: Final = re.compile(r"(ncbi|entrez|locuslink)+(gene)?(id|number)?s?|geneid")
_MANY: Final = 0.2
_POINTS: Final = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_THOUSAND: Final = 1_000
_MANY_POINTS: Final = 20
_SOME_WHOLE: Final = 5


def text_columns(names: Sequence[str], rows: Sequence[Sequence[str]], path: Path | None) -> list[int]:
    """Return the positions of the columns that hold text.

    A column that mixes numbers and text is text where it describes genes or samples by its name or form, or
    where it stands among columns of text before the first column of numbers, as does one that is empty there.

    Parameters
    ----------
    names
        Of all columns.
    rows
        The first lines of the body, split into fields.
    path
        For the error, None for a table of metadata, in which numbers may be written as they like.

    Raises
    ------
    InputError
        Numbers are written with a decimal comma or separators of thousands.
    """
    values = [_known(rows, position) for position in range(len(names))]
    words = [[value for value in column if not is_number(value)] for column in values]
    text = {at for at, column in enumerate(values) if column and len(words[at]) == len(column)}
    for at, column in enumerate(words if path else []):
        if at in text or not is_description(names[at], ""):
            _refuse_commas(column, at in text, path)
    if path:
        _refuse_points([value for at, column in enumerate(values[1:], 1) if at not in text for value in column], path)
    pure = [at for at, column in enumerate(values) if column and not words[at] and not is_description(names[at], "")]
    first_number = min(pure, default=len(names))
    # A column of annotations that nobody filled in stands between others.
    between = [at for at in range(1, first_number) if path and not values[at]]
    text |= {at for at in between if any(at < other < first_number for other in text)}
    for at in range(len(names)):
        if words[at] and at not in text:
            among_text = at < first_number and any(at < other < first_number for other in text)
            mostly = at < first_number and len(words[at]) >= _MANY * len(values[at]) and len(values[at]) > 1 / _MANY
            if among_text or mostly or any(is_description(names[at], word) for word in words[at]):
                text.add(at)
    entrez = {at for at, name in enumerate(names) if values[at] and _ENTREZ.fullmatch(plain_word(name))}
    if path and entrez:
        first = [row[0].strip() for row in rows if row]
        # Where the first column but counts the rows, or lines repeat sample or gene as in long tables, such numbers
        # name the genes. As float32 they would be others.
        repeated = _repeat(first) or any(_repeat(values[at]) for at in entrez)
        if repeated or (0 not in text and counts_up(first)):
            text |= entrez
    return sorted(text)


def _repeat(names: Sequence[str]) -> bool:
    """Whether most names stand there again and again."""
    return 2 * len(set(names)) < len(names)


def counts_up(names: Sequence[str]) -> bool:
    """Whether names are the numbers of the rows, from 0 or 1 on."""
    return len(names) > 1 and any(all(name == str(at + row) for row, name in enumerate(names)) for at in (0, 1))


def is_description(name: str, value: str) -> bool:
    """Whether a column that holds such a value describes genes or samples: by its name, or as a list of values."""
    plain = plain_word(name)
    return _DESCRIBING.fullmatch(plain) is not None or _LIST.fullmatch(value) is not None


def is_number(text: str) -> bool:
    """Whether a text is a number to Python."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known(rows: Sequence[Sequence[str]], position: int) -> list[str]:
    values = [row[position].strip() for row in rows if position < len(row)]
    return [value for value in values if value not in MISSING_NUMBERS]


def _refuse_points(numbers: list[str], path: Path) -> None:
    """Raise InputError where points separate thousands: beside whole numbers all others are as 1.234 is.

    Numbers that were rounded to three decimals are below 1, too, or end before the third one.
    """
    with_point = [number for number in numbers if "." in number]
    whole = sum(number.isdigit() and 0 < int(number) < _THOUSAND for number in numbers)
    if len(with_point) < _MANY_POINTS or whole < _SOME_WHOLE or not all(map(_POINTS.fullmatch, with_point)):
        return
    raise InputError(
        f"{path}: numbers have points as separators of thousands ({in_quotes(with_point[0])} beside whole numbers); "
        "write them without, and with a decimal point"
    )


def _refuse_commas(words: list[str], is_text: bool, path: Path | None) -> None:
    """Raise InputError where what is no number in a column is one with commas: all of it, or most of pure text."""
    numbers = [word for word in words if _DECIMAL_COMMA.fullmatch(word) or _THOUSANDS.fullmatch(word)]
    if numbers and len(numbers) >= (0.5 if is_text else 1.0) * len(words):
        raise InputError(
            f"{path}: numbers have a comma ({in_quotes(numbers[0])}); write them with a decimal point and without "
            "thousands separators"
        )
