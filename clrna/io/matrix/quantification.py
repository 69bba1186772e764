"""Files of one sample with a column for each unit, as quantifiers write them."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from clrna.constants import SCALE
from clrna.errors import InputError
from clrna.io.matrix.gene_columns import describes_genes
from clrna.io.matrix.headerless import COUNTS
from clrna.io.matrix.number_table import NumberTable
from clrna.io.matrix.text_head import read_head
from clrna.plain_words import plain_word
from clrna.quoted import listed
from clrna.scale.whole_share import whole_share

logger = logging.getLogger("clrna")


@dataclass(frozen=True)
class _Layout:
    """What a quantifier writes: the columns by which it is known, and that of each unit."""

    name: str
    columns: tuple[str, ...]
    units: dict[str, str]


_SALMON_UNITS: Final = {"tpm": "TPM", "counts": "NumReads"}
_LAYOUTS: Final = (
    _Layout(
        "GDC STAR counts", ("unstranded", "tpm_unstranded", "fpkm_unstranded"),
        {"tpm": "tpm_unstranded", "counts": "unstranded", "fpkm": "fpkm_unstranded"},
    ),
    _Layout(
        "RSEM results", ("expected_count", "TPM", "FPKM"), {"tpm": "TPM", "counts": "expected_count", "fpkm": "FPKM"}
    ),
    _Layout("salmon quantities", ("EffectiveLength", "TPM", "NumReads"), _SALMON_UNITS),
    _Layout("sailfish quantities", ("Length", "TPM", "NumReads"), _SALMON_UNITS),
    _Layout(
        "kallisto abundances", ("eff_length", "est_counts", "tpm"), {"tpm": "tpm", "counts": "est_counts"}
    ),
    _Layout("StringTie abundances", ("Coverage", "FPKM", "TPM"), {"tpm": "TPM", "fpkm": "FPKM"}),
    _Layout("StringTie transcripts", ("num_exons", "cov", "FPKM"), {"fpkm": "FPKM"}),
    _Layout(
        "RSEM results of TCGA", ("raw_count", "scaled_estimate"), {"counts": "raw_count", "tpm": "scaled_estimate"}
    ),
    _Layout("RSEM results of TCGA, shares of transcripts", ("scaled_estimate",), {"tpm": "scaled_estimate"}),
    _Layout("RSEM results of TCGA, normalized", ("normalized_count",), {"expression": "normalized_count"}),
    _Layout("STAR counts", ("unstranded", "stranded_first", "stranded_second"), {"counts": "unstranded"}),
    _Layout("Cufflinks FPKM", ("FPKM", "FPKM_conf_lo", "FPKM_conf_hi"), {"fpkm": "FPKM"}),
)  # fmt: skip
_FEATURE_COUNTS: Final = ("Geneid", "Chr", "Start", "End", "Strand", "Length")
# Columns of a file of one sample whose writer is not known, by their plain names; the first unit that is there is read.
_UNIT_NAMES: Final = {
    "tpm": "tpm", "ntpm": "", "ptpm": "", "transcriptspermillion": "tpm",
    "fpkm": "fpkm", "rpkm": "fpkm", "fpkmuq": "", "cpm": "cpm", "countspermillion": "cpm",
    "count": "counts", "counts": "counts", "readcount": "counts", "readcounts": "counts", "rawcount": "counts",
    "rawcounts": "counts", "normalizedcount": "expression", "normalisedcount": "expression", "scaledestimate": "",
    "numreads": "counts", "estcounts": "counts", "expectedcount": "counts", "reads": "counts",
    "totalgenereads": "counts", "totalexonreads": "counts", "uniquegenereads": "", "uniqueexonreads": "",
    "expressionvalue": "", "exons": "", "transcriptsannotated": "", "detectedtranscripts": "",
    "uniquetranscriptreads": "", "totalfragments": "", "uniquefragments": "", "ratioofuniquetototalexonreads": "",
    "ratioofuniquetototalgenereads": "", "coverage": "", "cov": "", "isopct": "", "length": "", "len": "",
    "genelength": "", "exonlength": "", "effectivelength": "", "efflength": "",
}  # fmt: skip
_FEW_OTHERS: Final = 20
_WHOLE: Final = 0.5  # expected counts are so for most genes
_UNIT_OF_FILE: Final = re.compile(r"(?:^|[._-])(fpkm|rpkm|tpm|cpm)(?=[._]|$)", re.IGNORECASE)
_ORDER: Final = ("tpm", "counts", "fpkm", "cpm", "expression")
_SUFFIXES: Final = (
    ".gz", ".zst", ".tsv", ".txt", ".csv", ".tab", ".results", ".normalized_results", ".rsem", ".genes", ".isoforms",
    ".augmented_star_gene_counts", ".FPKM", ".FPKM-UQ",
    ".rna_seq", ".sf", ".counts", ".htseq", ".out", ".fpkm_tracking", ".ctab", ".bam", ".sam", ".cram", ".sorted",
    ".quant", "_quant", ".gene.abundance", ".abundance", "_abundance",
    "ReadsPerGene", "_gene_abund", ".gene_abund", ".sortedByCoord", ".Aligned", "_Aligned",
)  # fmt: skip
# Names that quantifiers give their files whatever the sample: it is called as the folder.
_NAMELESS: Final = frozenset(
    {"quant", "abundance", "genes", "isoforms", "gene_abund", "gene_abundances", "t_data", "counts", "ReadsPerGene"}
)


def as_one_sample(table: NumberTable, wanted: str | None) -> NumberTable:
    """Reduce the table of one sample to one column; other tables come back as they are.

    Parameters
    ----------
    table
        Genes in rows.
    wanted
        Unit that was asked for, None for TPM: the quantifier knew each gene's effective length.

    Returns
    -------
    The same table, or one whose only column has the sample's name (that of the file, or of its folder where
    all files are named alike) and ``scale`` in its annotation.

    Raises
    ------
    InputError
        The file has no column of the unit that was asked for.
    """
    if _is_headerless(table) and not _mostly_whole(table.values):
        return _without_unit_said(table, wanted)
    layout = _layout_of(table)
    if layout is None:
        return table
    unit = wanted or next(iter(layout.units))
    if unit not in layout.units:
        raise InputError(f"{table.path}: {layout.name} have no column of {unit}; they have {', '.join(layout.units)}")
    column = layout.units[unit]
    logger.info("%s: %s of one sample, column %r is read", table.path, layout.name, column)
    values = np.ascontiguousarray(table.values[:, [table.columns.index(column)]])
    name = sample_of_path(table.path)
    return NumberTable(table.path, [name], table.annotations, values, pd.DataFrame({SCALE: [unit]}), True, True)


def _is_headerless(table: NumberTable) -> bool:
    return table.columns == [COUNTS] and not table.annotations.columns[0]


def _mostly_whole(values: np.ndarray) -> bool:
    return not whole_share(values) < _WHOLE  # also where there is nothing


def _without_unit_said(table: NumberTable, wanted: str | None) -> NumberTable:
    """Return the sample of a file without a header whose values are no counts, as the GDC's FPKM were until 2022."""
    told = _UNIT_OF_FILE.search(table.path.name)
    unit = wanted or (told[1].lower() if told else "")
    logger.info("%s: values of one sample, no counts%s", table.path, f" but {unit}" if unit else "")
    about = pd.DataFrame({SCALE: [unit]}) if unit else pd.DataFrame()
    name = sample_of_path(table.path)
    return NumberTable(table.path, [name], table.annotations, table.values, about, True, True)


def quantifier_of(path: Path) -> str:
    """Return whether a quantifier wrote a file of text, by its columns.

    Returns
    -------
    ``columns`` where it has the columns of one, ``counts`` where it is counts without a header, as HTSeq and STAR
    write them, else ''.
    """
    try:
        names = read_head(path, matrix=True).names
    except InputError:
        return ""
    if names[0] == "" and names[-1] == COUNTS:
        return "counts"
    known = any(set(layout.columns) <= set(names) for layout in _LAYOUTS) or set(_FEATURE_COUNTS) <= set(names)
    return "columns" if known else ""


def sample_of_path(path: Path) -> str:
    """Return the name of the sample in a quantifier's file: the file's, or its folder's if all are named alike."""
    name = sample_of_file(path.name)
    if name not in _NAMELESS:
        return name
    return folder_of_sample(path) or name


def folder_of_sample(path: Path) -> str:
    """Return the name of a file's folder; '' where a link has another name than the file that it leads to."""
    real = path.resolve()  # a link that a workflow has made leads to the sample's folder
    return real.parent.name if real.name == path.name else ""


def sample_of_file(file_name: str) -> str:
    """Return a file's name without its endings, as the name of the sample in it."""
    whole = file_name.rsplit("/", 1)[-1]
    name, before = whole, ""
    while name != before:
        before = name
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix) or name
    return name.rstrip("._-") or file_name


def _layout_of(table: NumberTable) -> _Layout | None:
    columns = set(table.columns)
    for layout in _LAYOUTS:
        if set(layout.columns) <= columns:
            return layout
    plain = {name: plain_word(name) for name in table.columns if not describes_genes(name)}
    others = [name for name, word in plain.items() if word not in _UNIT_NAMES]
    if others:
        _refuse_units_as_samples(table, plain, others)
        return None
    found = {unit: name for name in reversed(plain) if (unit := _UNIT_NAMES[plain[name]])}
    units: dict[str, str] = {unit: found[unit] for unit in _ORDER if unit in found}
    return _Layout("quantities", tuple(table.columns), units) if units else None


def _refuse_units_as_samples(table: NumberTable, plain: dict[str, str], others: list[str]) -> None:
    """Raise InputError where few columns are called as several units and nothing else: nobody calls samples so."""
    units = [name for name, word in plain.items() if _UNIT_NAMES.get(word)]
    if len({_UNIT_NAMES[plain[name]] for name in units}) > 1 and len(others) <= _FEW_OTHERS:
        raise InputError(
            f"{table.path}: columns {listed(units)} are units of a sample, and {listed(others, 4)} stand beside them: "
            "keep the genes and one of these columns, called as the sample"
        )
