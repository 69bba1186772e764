"""CCLE: RNA-Seq of cancer cell lines, as the DepMap project publishes it."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.fetch.remote_file import Checksum, RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.io.matrix.modac_text import Layout, read_blocks, read_header
from clrna.io.text_table import read_table
from clrna.quoted import in_quotes

EXPRESSION, MODELS = "OmicsExpressionProteinCodingGenesTPMLogp1.csv", "Model.csv"
_STUDY = "CCLE"
_GENE = re.compile(r"(.+?) \((\d+|nan)\)")
_MODEL_ID = "ModelID"
_DEFAULT_PROFILE = "IsDefaultEntryForModel"
# Kinds of model in Model.csv; organoids are cultured, too, and 2D lines of patients are called cell lines there.
_CATEGORIES = {"Cell Line": "cell_line", "Organoid": "organoid"}


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the expression matrix and the table of models of the last release that is on figshare."""
    api = "https://api.figshare.com/v2/file/download"
    return [
        RemoteFile(
            EXPRESSION,
            (f"{api}/51065489", "https://ndownloader.figshare.com/files/51065489"),
            checksum=Checksum("md5", "71794802b750ce77c422dad0720a40af"),
            about_size=507_000_000,
        ),
        RemoteFile(
            MODELS,
            (f"{api}/51065297", "https://ndownloader.figshare.com/files/51065297"),
            checksum=Checksum("md5", "675210d17675f3517b0ce39a3c274f16"),
            about_size=646_000,
        ),
    ]


def read(paths: Paths, request: Request, matrix: str = EXPRESSION) -> Expression:
    """Return the expression of each model, from the file called ``matrix``."""
    profiles, values, genes = read_profiles(paths[matrix], request.threads)
    models = read_depmap_models(paths[MODELS])
    unknown = [name for name in profiles if name not in models.index]
    if len(unknown) == len(profiles):
        raise InputError(f"{paths[MODELS]}: has none of the models of {matrix} ({', '.join(unknown[:3])})")
    samples = models.reindex(profiles)
    samples[STUDY] = _STUDY
    return Expression(values, genes, samples, scale="log2_tpm1")


def read_profiles(path: Path, threads: int) -> tuple[list[str], np.ndarray, pd.DataFrame]:
    """Return the models, their values and the genes of a DepMap matrix, of this form or that of 25Q2 and later.

    The later form has several columns before the genes, of which one names the model and one says whether a row is
    the model's own where it was sequenced more than once.
    """
    header = read_header(path).lines[0]
    text_columns = next((number for number, name in enumerate(header) if _GENE.fullmatch(name)), 0)
    if not text_columns:
        raise InputError(f"{path}: names no genes such as 'TP53 (7157)'; it is another file of DepMap, or damaged")
    blocks = list(read_blocks(path, threads, Layout(text_columns=text_columns)))
    fields = [name.split(",") for block in blocks for name in block.names]
    values = np.concatenate([block.values for block in blocks])
    leading = header[:text_columns]
    models = [row[leading.index(_MODEL_ID) if _MODEL_ID in leading else 0] for row in fields]
    if _DEFAULT_PROFILE in leading:
        own = np.array([row[leading.index(_DEFAULT_PROFILE)] in ("Yes", "True", "1") for row in fields])
        models, values = [name for name, kept in zip(models, own, strict=True) if kept], values[own]
    return models, values, _genes(header[text_columns:], path)


def read_depmap_models(path: Path) -> pd.DataFrame:
    """Return ``Model.csv`` by model, with the columns that become labels."""
    required = (_MODEL_ID, "CellLineName", "OncotreeLineage", "OncotreePrimaryDisease")
    table = read_table(path, separator=",", required=required)
    table = table.drop_duplicates(_MODEL_ID).set_index(_MODEL_ID)
    table[TISSUE] = table["OncotreeLineage"]
    code = table.get("OncotreeCode", pd.Series("", index=table.index))
    table[TUMOR_TYPE] = code.where(code != "", table["OncotreePrimaryDisease"])
    kind = table.get("ModelType", pd.Series("Cell Line", index=table.index))
    table[SAMPLE_CATEGORY] = kind.map(_CATEGORIES).fillna("")
    stripped = table.get("StrippedCellLineName", table["CellLineName"])
    table[DONOR] = table["CellLineName"].where(table["CellLineName"] != "", stripped)
    return table


def _genes(names: list[str], path: Path) -> pd.DataFrame:
    found = [_GENE.fullmatch(name) for name in names]
    if not all(found):
        odd = names[[bool(match) for match in found].index(False)]
        raise InputError(
            f"{path}: column {in_quotes(odd)} is not 'SYMBOL (ENTREZ)'; it is another file of DepMap, or damaged"
        )
    symbols = [match[1] for match in found if match]
    entrez = ["" if match[2] == "nan" else match[2] for match in found if match]
    columns = {"symbol": symbols, "entrez_id": entrez, "original_id": names}
    unique = pd.Index(symbols).is_unique
    return pd.DataFrame(columns, index=symbols if unique else names)


SOURCE = Source(
    name="ccle",
    title="CCLE: RNA-Seq of cancer cell lines (DepMap, Broad Institute)",
    version="24Q4",
    licence="CC BY 4.0",
    citation="DepMap, Broad (2024), DepMap 24Q4 Public, doi:10.25452/figshare.plus.27993248.v1; "
    "Ghandi et al., Nature 2019, doi:10.1038/s41586-019-1186-3",
    documentation=(
        "https://plus.figshare.com/articles/dataset/DepMap_24Q4_Public/27993248 (files, sizes, MD5; later releases: "
        "ccle-later)",
        "https://github.com/PNNL-CompBio/coderdata (build/broad_sanger/02-broadSangerOmics.R)",
    ),
    files=files,
    read=read,
    samples=1_673,
    genes=19_193,
    units="log2(TPM + 1)",
    about_size=507_646_000,
)
