"""NCI-60: RNA-Seq of sixty cell lines from CellMiner."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.fetch.archive import extract
from clrna.fetch.assemble import unique_names
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.io.text.first_bytes import first_bytes

ARCHIVE = "nci60_RNA__RNA_seq_composite_expression.zip"
_TABLE = re.compile(r"(?:.*/)?RNA__RNA_seq_composite_expression\.(?:xls|xlsx|txt|tsv)")
# CellMiner puts footnote letters behind the names of its columns.
_GENE, _ENTREZ = re.compile(r"Gene name\b.*"), re.compile(r"Entrez gene id\b.*", re.IGNORECASE)
_LINE = re.compile(r"([A-Z]{2,3}):(.+)")
_OLE_MAGIC, _ZIP_MAGIC = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_MISSING = ("na", "-", "")
# The panels by which CellMiner names its lines: tissue, and tumour type where the panel is one.
_PANELS = {
    "BR": ("breast", ""),
    "CNS": ("central nervous system", ""),
    "CO": ("colon", ""),
    "LC": ("lung", "non-small cell lung cancer"),
    "LE": ("haematopoietic and lymphoid tissue", "leukemia"),
    "ME": ("skin", "melanoma"),
    "OV": ("ovary", ""),
    "PR": ("prostate", ""),
    "RE": ("kidney", ""),
}


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the archive of the table."""
    addresses = (
        f"https://discover.nci.nih.gov/cellminer/download/processeddataset/{ARCHIVE}",
        f"https://discover.nci.nih.gov/cellminerdata/normalizedArchives/{ARCHIVE}",
    )
    return [RemoteFile(ARCHIVE, addresses, about_size=13_000_000)]


def read(paths: Paths, request: Request) -> Expression:
    """Return the profiles; the panel that stands before each line's name is its tissue."""
    path = extract(paths[ARCHIVE], lambda name: _TABLE.fullmatch(name) is not None, request.scratch)
    cells = _cells(path)
    top = next((row for row, text in enumerate(cells.iloc[:, 0].head(50)) if _GENE.fullmatch(str(text))), None)
    if top is None:
        raise InputError(f"{path.name}: has no line that begins with 'Gene name'; its form is new")
    header = [str(name) for name in cells.iloc[top]]
    body = cells.iloc[top + 1 :]
    lines = [(column, match) for column, name in enumerate(header) if (match := _LINE.fullmatch(name))]
    if not lines:
        raise InputError(f"{path.name}: has no columns such as 'BR:MCF7'; its form is new")
    numbers = body.iloc[:, [column for column, _ in lines]]
    values = numbers.where(~numbers.isin(_MISSING), np.nan).to_numpy(dtype=np.float32).T
    symbols = body.iloc[:, 0].astype(str).to_numpy(dtype=object)
    genes = pd.DataFrame({"symbol": symbols, "original_id": symbols}, index=unique_names(list(symbols)))
    entrez = next((column for column, name in enumerate(header) if _ENTREZ.fullmatch(name)), None)
    if entrez is not None:
        genes["entrez_id"] = [_whole(value) for value in body.iloc[:, entrez]]
    panels = [_PANELS.get(match[1], ("", "")) for _, match in lines]
    columns = {
        STUDY: "NCI60",
        TISSUE: [panel[0] for panel in panels],
        TUMOR_TYPE: [panel[1] for panel in panels],
        SAMPLE_CATEGORY: "cell_line",
        DONOR: [match[2] for _, match in lines],
    }
    samples = pd.DataFrame(columns, index=[match[0] for _, match in lines])
    return Expression(np.ascontiguousarray(values), genes, samples, scale="log2_fpkm1")


def _cells(path: Path) -> pd.DataFrame:
    """Return the table's cells, whatever kind of file CellMiner calls .xls."""
    magic = first_bytes(path, 4)
    if magic not in (_OLE_MAGIC, _ZIP_MAGIC):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return pd.DataFrame([line.split("\t") for line in lines]).fillna("")
    package: Literal["xlrd", "openpyxl"] = "xlrd" if magic == _OLE_MAGIC else "openpyxl"
    try:
        cells = pd.read_excel(path, header=None, dtype=object, engine=package)
    except ImportError as error:
        raise InputError(
            f"{path.name}: is a spreadsheet, which needs the package {package}: run pip install {package}"
        ) from error
    except Exception as error:  # readers of spreadsheets raise what they please
        raise InputError(f"{path.name}: cannot be read as a spreadsheet ({type(error).__name__}: {error})") from error
    return cells.fillna("")


def _whole(value: object) -> str:
    """Return a number as text without the decimals that a spreadsheet gives it."""
    text = str(value)
    return text.removesuffix(".0") if text.replace(".", "", 1).isdigit() else ""


SOURCE = Source(
    name="nci60",
    title="NCI-60: RNA-Seq of sixty cancer cell lines (CellMiner, NCI)",
    version="composite expression",
    licence="public domain (US government); cite CellMiner",
    citation="Reinhold et al., Cancer Res 2019, doi:10.1158/0008-5472.CAN-18-2047",
    documentation=(
        "https://discover.nci.nih.gov/cellminer/loadDownload.do",
        "https://github.com/bhklab (NCI60 pharmacoset: ten lines of title, columns from the seventh on are cell lines)",
    ),
    files=files,
    read=read,
    samples=60,
    genes=23_808,
    units="log2(FPKM + 1)",
    about_size=13_000_000,
)
