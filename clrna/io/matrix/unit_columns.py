"""Samples whose names hold a unit: ``S1_TPM``, perhaps beside ``S1_count``."""

import logging
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from clrna.errors import InputError
from clrna.io.matrix.gene_columns import describes_genes
from clrna.io.matrix.number_table import NumberTable
from clrna.quoted import in_quotes, listed
from clrna.scale.whole_share import whole_share

if TYPE_CHECKING:
    from anndata import AnnData

logger = logging.getLogger("clrna")

# Entries of uns with what a table says of its values besides them: the unit and the base of the logarithm in its
# samples' names, the array of GEO.
UNIT_OF_NAMES: Final = "clrna_unit_of_names"
BASE_OF_NAMES: Final = "clrna_base_of_names"
ARRAY: Final = "clrna_array"

_COUNTS: Final = (
    r"(?:(?:raw|read|est|expected|num|total)[ ._-]?){0,2}(?:counts?|reads)(?:[ ._-]?raw)?"
    r"|total[ ._-](?:gene|exon)[ ._-]reads"
)
_WORDS: Final = {
    "tpm": r"tpm", "counts": rf"{_COUNTS}|unstranded", "fpkm": r"fpkm|rpkm", "cpm": r"cpm",
    "": r"unique[ ._-](?:counts|(?:gene|exon)[ ._-]reads)|expression[ ._-]values?|scaled[ ._-]?estimate"
        r"|stranded[ ._-](?:first|second|forward|reverse|fwd|rev)"
        r"|median[ ._-]?length[ ._-]?normalized|normali[sz]ed[ ._-]?(?:read[ ._-]?)?counts?|coverage"
        r"|fpkm[ ._-]?uq|log(?:2|10|e)?[ ._(-]*(?:tpm|fpkm|rpkm|cpm|counts?|rma|intensity|signal)(?:[ ._]*\+?[ ._]*1)?"
        r"|log(?:2|10)",
}  # fmt: skip
_UNTOLD: Final = "?"
_WHOLE: Final = 0.5  # expected counts are so for most genes
_ALL_WHOLE: Final = 0.99
_HARDLY_WHOLE: Final = 0.2
# What pandas' merge calls them is read so, too: S1_x and S1_y.
_HALVES: Final = (
    re.compile(r"(?P<sample>.+)[ ._:-](?P<unit>[A-Za-z]+)"),
    re.compile(r"(?P<unit>[A-Za-z]+)[ ._:-](?P<sample>.+)"),
)
_UNITS: Final = {unit: re.compile(words, re.IGNORECASE) for unit, words in _WORDS.items()}
_AT_END: Final = re.compile(rf"(.+?)[ ._:|(-]+({'|'.join(reversed(_WORDS.values()))})\)?", re.IGNORECASE)
_IN_FRONT: Final = re.compile(rf"({'|'.join(reversed(_WORDS.values()))})\)?[ ._:|(-]+(.+?)\)?", re.IGNORECASE)
_BASE: Final = re.compile(r"(?<![a-z])log[ _-]?(2|10)(?!\d)", re.IGNORECASE)
_OF_LOGARITHM: Final = re.compile(r"log(?:2|10|e)?[ ._(-]*(tpm|fpkm|rpkm|cpm|counts?)(?![a-z])", re.IGNORECASE)
# Matrices side by side, as R names their columns: tximport's three, and what TCGAbiolinks makes of the GDC's files.
_SIDE_BY_SIDE: Final[tuple[dict[str, str], ...]] = (
    {"abundance": "tpm", "counts": "counts", "length": ""},
    {
        "tpm_unstranded": "tpm", "unstranded": "counts", "fpkm_unstranded": "fpkm", "stranded_first": "",
        "stranded_second": "", "fpkm_uq_unstranded": "",
    },
)  # fmt: skip


def of_one_unit(table: NumberTable, wanted: str | None) -> NumberTable:
    """Reduce a table of several units to the columns of one; other tables come back as they are.

    Parameters
    ----------
    table
        As it lies in the file.
    wanted
        Unit that was asked for, None for the first of TPM, counts, FPKM and CPM that all samples have.

    Returns
    -------
    The same table, or one without the columns of the other units, its samples named without the unit.

    Raises
    ------
    InputError
        No unit is there for all samples.
    """
    parsed = _from_programs(table.columns) or _from_names(table.columns) or _from_second_header(table)
    parsed = parsed or _from_halves(table)
    parsed = _with_plain_names(table, parsed)
    samples: dict[str, dict[str, int]] = defaultdict(dict)
    for at, (sample, unit) in parsed.items():
        samples[sample][unit] = at
    if not samples or max(map(len, samples.values())) < 2:
        return table
    everywhere = [unit for unit in _WORDS if unit and all(unit in units for units in samples.values())]
    read = next((one for one in everywhere if wanted in (None, one)), None)
    if read is None:
        shown = listed([table.columns[at] for at in parsed], 4)
        what = f"{wanted} are not" if wanted else "no unit is"
        raise InputError(f"{table.path}: its columns hold samples in several units ({shown}); {what} there for all")
    chosen = {units[read]: sample for sample, units in samples.items()}
    kept = [at for at in range(len(table.columns)) if at not in parsed or at in chosen]
    logger.info("%s: %d columns of other units than %s are left out", table.path, len(parsed) - len(chosen), read)
    about = table.column_annotations
    return replace(
        table,
        columns=[chosen.get(at, table.columns[at]) for at in kept],
        values=np.ascontiguousarray(table.values[:, kept]),
        column_annotations=about.iloc[kept].reset_index(drop=True) if len(about) else about,
        unit=read,
    )


def without_unit(adata: "AnnData", table: NumberTable) -> None:
    """Take the unit out of the samples' names where all of them have the same, and note it and the array in ``uns``.

    Parameters
    ----------
    adata
        Made of the table; its sample names may change.
    table
        What it was made of.
    """
    names = adata.obs_names.tolist()
    parsed = _from_names(names)
    units = {unit for _, unit in parsed.values()}
    bare = [sample for sample, _ in parsed.values()]
    unit = table.unit or _of_second_header(table)
    if len(parsed) == len(names) and len(units) == 1 and len(set(bare)) == len(bare):
        unit = units.pop() or _in_logarithm(names)
        logger.info(
            "%s: samples are called without their unit, such as %s for %s",
            table.path,
            *map(in_quotes, (bare[0], names[0])),
        )
        adata.obs_names = bare
    told = ((UNIT_OF_NAMES, unit), (BASE_OF_NAMES, base_in(names)), (ARRAY, table.platform))
    adata.uns |= {key: value for key, value in told if value}


def base_in(names: Sequence[str]) -> int:
    """Return the base of the logarithm that all names tell, such as ``S1_log10``; 0 where they tell none."""
    told = {match[1] if (match := _BASE.search(name)) else "" for name in names}
    return int(told.pop() or 0) if len(told) == 1 else 0


def sample_of_column(name: str) -> str:
    """Return a column's name without the unit that it ends or begins with."""
    return next((sample for sample, _ in _from_names([name]).values()), name)


def names_unit(name: str) -> bool:
    """Whether a column that is called so holds samples in a unit that is known."""
    return any(form.fullmatch(name.strip()) for form in _UNITS.values())


def _from_names(names: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Return sample and unit of the columns that name a unit."""
    found = {}
    for at, name in enumerate(names):
        if match := _AT_END.fullmatch(name):
            found[at] = (match[1], _unit_of(match[2]))
        elif match := _IN_FRONT.fullmatch(name):
            found[at] = (match[2], _unit_of(match[1]))
    return found


def _with_plain_names(table: NumberTable, parsed: dict[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """Return sample and unit of columns called as a sample, too, where each sample has one beside those of its units.

    Whole numbers are counts (``S1`` beside ``S1_FPKM``); what else they are is not told.
    """
    places = {name: at for at, name in enumerate(table.columns)}
    bare = {sample for sample, _ in parsed.values()}
    if not bare or not bare <= set(places) or any(unit == "counts" for _, unit in parsed.values()):
        return parsed
    plain = [places[sample] for sample in bare]
    unit = "counts" if whole_share(table.values[:, plain]) > _WHOLE else _UNTOLD
    return parsed | {at: (table.columns[at], unit) for at in plain}


def _from_programs(names: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Return sample and unit where the columns are those of such a program, each sample in all of its matrices."""
    for units in _SIDE_BY_SIDE:
        form = re.compile(rf"({'|'.join(units)})[._](.+)")
        found = {at: (match[2], match[1]) for at, name in enumerate(names) if (match := form.fullmatch(name))}
        of_matrix = [{sample for sample, matrix in found.values() if matrix == one} for one in units]
        if found and all(samples == of_matrix[0] for samples in of_matrix):
            return {at: (sample, units[matrix]) for at, (sample, matrix) in found.items()}
    return {}


def _from_second_header(table: NumberTable) -> dict[int, tuple[str, str]]:
    """Return sample and unit where names stand several times and a second header line tells the units (Firehose)."""
    if len(set(table.columns)) == len(table.columns):
        return {}
    for column in table.column_annotations:
        words = [str(word) for word in table.column_annotations[column]]
        if all(any(form.fullmatch(word) for form in _UNITS.values()) for word in words):
            return {
                at: (name, _unit_of(word)) for at, (name, word) in enumerate(zip(table.columns, words, strict=True))
            }
    return {}


def _of_second_header(table: NumberTable) -> str:
    """Return the unit that a second header line tells of all samples, '' where none does (Firehose)."""
    lines = [set(map(str, table.column_annotations[column])) for column in table.column_annotations]
    return next((unit for words in lines if len(words) == 1 and (unit := _unit_of(words.pop()))), "")


def _in_logarithm(names: Sequence[str]) -> str:
    """Return the unit of which all names tell the logarithm: ``S1 (log2FPKM)``; '' where they tell none."""
    told = {_unit_of(match[1]) if (match := _OF_LOGARITHM.search(name)) else "" for name in names}
    return told.pop() if len(told) == 1 else ""


def _from_halves(table: NumberTable) -> dict[int, tuple[str, str]]:
    """Return sample and unit where each sample stands twice, once in whole numbers: ``S1_raw`` and ``S1_norm``."""
    for form in _HALVES:
        places: dict[str, dict[str, int]] = defaultdict(dict)
        for at, name in enumerate(table.columns):
            if match := form.fullmatch(name):
                places[match["unit"]][match["sample"]] = at
        halves = [samples for unit, samples in places.items() if len(samples) > 1 and not describes_genes(unit)]
        if len(halves) != 2 or halves[0].keys() != halves[1].keys():
            continue
        shares = [whole_share(table.values[:, list(samples.values())]) for samples in halves]
        if max(shares) >= _ALL_WHOLE and min(shares) < _HARDLY_WHOLE:
            units = ["counts" if share == max(shares) else "" for share in shares]
            return {
                at: (sample, unit)
                for samples, unit in zip(halves, units, strict=True)
                for sample, at in samples.items()
            }
    return {}


def _unit_of(word: str) -> str:
    return next((unit for unit in reversed(_UNITS) if _UNITS[unit].fullmatch(word)), "")
