"""Tables of recount3 beside its coverage: the gene model, and what is known of samples."""

import csv
import gzip
import logging
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.fetch.assemble import unique_names
from clrna.fetch.sources.gtex import gtex_samples
from clrna.io.regular import refuse_no_file
from clrna.io.text.cell_numbers import cell_numbers
from clrna.io.text_table import require_columns
from clrna.plural import plural
from clrna.quoted import reason_of

logger = logging.getLogger("clrna")

GTEX, TCGA, SRA = "gtex", "tcga", "sra"
ACCESSION = re.compile(r"[SED]RP\d{6,9}")

_KEY, _MAPPED = "external_id", "star.average_mapped_length"
_ATTRIBUTE = re.compile(r'(\w+) "([^"]*)"')
_TYPE, _LENGTH, _ATTRIBUTES, _FIELDS = 2, 5, 8, 9
# TCGA's columns, in the GDC's words.
_BARCODE, _PROJECT, _SITE = "tcga_barcode", "gdc_cases.project.project_id", "gdc_cases.project.primary_site"
_CASE, _SAMPLE_TYPE = "gdc_cases.submitter_id", "gdc_cases.samples.sample_type"
# The SRA's attributes of samples, as studies word them, the telling ones first.
_SRA_ATTRIBUTES = "sample_attributes"
_TISSUE_WORDS = ("tissue", "tissue type", "organ", "body site", "source_name", "source name")
_DISEASE_WORDS = ("tumor type", "tumour type", "cancer type", "disease", "diagnosis", "disease state")
_LINE_WORDS = ("cell line", "cell_line", "cell line name")


@dataclass(frozen=True)
class RecountSamples:
    """Samples of a project that have reads.

    Attributes
    ----------
    table
        As :attr:`clrna.fetch.source.Expression.samples`.
    columns
        Where each stands among the columns of the coverage.
    read_lengths
        Mean length of its mapped reads, or pairs of reads, in bases.
    """

    table: pd.DataFrame
    columns: list[int]
    read_lengths: np.ndarray

    @property
    def names(self) -> list[str]:
        """What the samples are called."""
        return list(self.table.index)

    def of(self, chosen: list[int]) -> Self:
        """Return some of the samples, in the order of ``chosen``."""
        columns = [self.columns[at] for at in chosen]
        return type(self)(self.table.iloc[chosen], columns, self.read_lengths[chosen])

    @staticmethod
    def table_of(parts: "Sequence[RecountSamples]") -> pd.DataFrame:
        """Return the samples of several projects under each other, each under a name of its own."""
        table = pd.concat([part.table for part in parts]).fillna("")
        table.index = pd.Index(unique_names(table.index))
        return table


def read_annotation(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the genes of a gene model, and how many bases of each are exons.

    recount3 writes the bases as the score of a gene's line.

    Raises
    ------
    InputError
        The file is damaged, or no gene model of recount3's.
    """
    refuse_no_file(path)
    rows = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                fields = line.rstrip("\n").split("\t")
                if len(fields) == _FIELDS and fields[_TYPE] == "gene":
                    about = dict(_ATTRIBUTE.findall(fields[_ATTRIBUTES]))
                    rows.append((about["gene_id"], about.get("gene_name", ""), float(fields[_LENGTH])))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, KeyError, ValueError) as error:
        raise InputError(f"{path}: is damaged, or no gene model of recount3 ({reason_of(error)})") from error
    genes = pd.DataFrame(rows, columns=["gene_id", "symbol", "length"]).set_index("gene_id")
    lengths = genes.pop("length").to_numpy(dtype=np.float64)
    if genes.empty or not genes.index.is_unique or not (np.isfinite(lengths) & (lengths > 0)).all():
        raise InputError(f"{path}: names no genes, genes twice, or genes without a length; load it anew")
    genes["ensembl_id"] = [name.split(".")[0] for name in genes.index]
    genes.index.name = None
    return genes, lengths


def read_samples(home: str, project: str, own: Path, quality: Path, names: list[str]) -> RecountSamples:
    """Return what is known of the samples of a project; those of which no read was mapped are left out.

    Parameters
    ----------
    home
        ``gtex``, ``tcga`` or ``sra``.
    project
        Of the samples; the study's accession where it is of the SRA.
    own, quality
        recount3's tables: of the samples in the source's own words, and of how their reads were mapped.
    names
        The samples, as the coverage names them.

    Raises
    ------
    InputError
        A table is damaged, or does not tell of the samples.
    """
    mapped = _read(quality, (_MAPPED,)).reindex(names)
    lengths = cell_numbers(mapped[_MAPPED])
    columns = np.flatnonzero(np.isfinite(lengths) & (lengths > 0)).tolist()
    if len(columns) < len(names):
        logger.warning("%s: %s without mapped reads left out", project, plural(len(names) - len(columns), "sample"))
    table = _SAMPLES_OF[home](own, [names[at] for at in columns])
    if home == SRA:
        table[STUDY] = project
    return RecountSamples(table, columns, lengths[columns])


def _of_gtex(path: Path, names: list[str]) -> pd.DataFrame:
    table = _read(path, ("smts", "smtsd"), ("smrin", "smafrze")).reindex(names).fillna("")
    return gtex_samples(names, table.rename(columns=str.upper))


def _of_tcga(path: Path, names: list[str]) -> pd.DataFrame:
    table = _read(path, (_BARCODE, _PROJECT, _SITE, _CASE, _SAMPLE_TYPE)).reindex(names).fillna("")
    is_normal = table[_SAMPLE_TYPE].str.contains("normal", case=False)
    columns = {
        STUDY: "TCGA",
        TISSUE: table[_SITE],
        TUMOR_TYPE: table[_PROJECT].where(~is_normal, ""),
        SAMPLE_CATEGORY: table[_SAMPLE_TYPE],
        DONOR: table[_CASE],
        "project_id": table[_PROJECT],
        "sample_type": table[_SAMPLE_TYPE],
        _KEY: names,
    }
    samples = pd.DataFrame(columns, index=names)
    samples.index = pd.Index(unique_names(table[_BARCODE].where(table[_BARCODE] != "", pd.Series(names, names))))
    return samples


def _of_sra(path: Path, names: list[str]) -> pd.DataFrame:
    attributes = _read(path, (_SRA_ATTRIBUTES,)).reindex(names)[_SRA_ATTRIBUTES].fillna("")
    said = [_attributes(text) for text in attributes]
    lines = [_first(words, _LINE_WORDS) for words in said]
    columns = {
        STUDY: "",
        TISSUE: [_first(words, _TISSUE_WORDS) for words in said],
        TUMOR_TYPE: [_first(words, _DISEASE_WORDS) for words in said],
        SAMPLE_CATEGORY: ["cell_line" if line else "" for line in lines],
        DONOR: lines,
        _SRA_ATTRIBUTES: list(attributes),
    }
    return pd.DataFrame(columns, index=names)


_SAMPLES_OF: dict[str, Callable[[Path, list[str]], pd.DataFrame]] = {GTEX: _of_gtex, TCGA: _of_tcga, SRA: _of_sra}


def _attributes(text: str) -> dict[str, str]:
    """Return what stands in ``tissue;;liver|age;;63``."""
    pairs = [part.split(";;", 1) for part in text.split("|") if ";;" in part]
    return {key.strip().lower(): value.strip() for key, value in pairs}


def _first(words: dict[str, str], keys: Sequence[str]) -> str:
    return next((words[key] for key in keys if words.get(key)), "")


def _read(path: Path, required: Sequence[str], wanted: Sequence[str] = ()) -> pd.DataFrame:
    """Return columns of a table by sample; names in lower case, as recount3's own reader makes them."""
    keys = {_KEY, *required, *wanted}
    try:
        table = pd.read_csv(
            path, sep="\t", dtype=str, keep_default_na=False, quoting=csv.QUOTE_NONE, compression="gzip",
            usecols=lambda name: name.lower() in keys,
        )  # fmt: skip
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read as a table ({reason_of(error)}); load it anew") from error
    table.columns = table.columns.str.lower()
    require_columns(table, (_KEY, *required), path)
    return table.drop_duplicates(_KEY).set_index(_KEY)
