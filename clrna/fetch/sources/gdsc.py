"""GDSC: RNA-Seq of cancer cell lines sequenced at the Sanger Institute, from the Cell Model Passports."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.fetch.archive import extract
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.io.matrix.modac_text import Layout, read_blocks, read_header
from clrna.io.text_table import read_table

ARCHIVE, MODELS = "rnaseq_all_20220624.zip", "model_list_20230923.csv"
_FOLDER = "https://cog.sanger.ac.uk/cmp/download"
# The lines above the numbers, each named by its first field; the last names the columns of the genes.
_MODEL_ID, _SOURCE, _GENE_ID = "model_id", "data_source", "gene_id"
_HEADER_LINES = 5
_TEXT_COLUMNS = 2
_OWN = "sanger"


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the archive of expression tables and the list of models."""
    return [
        RemoteFile(ARCHIVE, (f"{_FOLDER}/{ARCHIVE}",), about_size=897_000_000),
        RemoteFile(MODELS, (f"{_FOLDER}/{MODELS}",), about_size=900_000),
    ]


def read(paths: Paths, request: Request) -> Expression:
    """Return the profiles that the Sanger Institute measured; the archive's others are CCLE's."""
    table = extract(paths[ARCHIVE], lambda name: "rnaseq_tpm" in name and name.endswith(".csv"), request.scratch)
    layout = Layout(_HEADER_LINES, _TEXT_COLUMNS)
    lines = {line[0]: line[_TEXT_COLUMNS:] for line in read_header(table, layout).lines}
    if {_MODEL_ID, _SOURCE, _GENE_ID} - set(lines):
        raise InputError(f"{table.name}: does not begin with {_MODEL_ID}, {_SOURCE} and {_GENE_ID}; its form is new")
    chosen = np.array([source.lower() == _OWN for source in lines[_SOURCE]])
    if not chosen.any():
        raise InputError(
            f"{table.name}: has no profile from Sanger (sources: {', '.join(sorted(set(lines[_SOURCE])))})"
        )
    blocks = [(block.names, block.values[:, chosen]) for block in read_blocks(table, request.threads, layout)]
    values = np.concatenate([block for _, block in blocks]).T
    genes = _genes([name for names, _ in blocks for name in names])
    models = [name for name, kept in zip(lines[_MODEL_ID], chosen, strict=True) if kept]
    measured = np.isfinite(values).any(axis=0)
    samples = read_passport_models(paths[MODELS]).reindex(models)
    samples[STUDY] = "GDSC"
    return Expression(np.ascontiguousarray(values[:, measured]), genes[measured], samples, scale="tpm")


def read_passport_models(path: Path) -> pd.DataFrame:
    """Return the Cell Model Passports' list of models by their number, with the columns that become labels."""
    table = read_table(path, separator=",", required=("model_id", "model_name", "tissue", "cancer_type"))
    table = table.drop_duplicates("model_id").set_index("model_id")
    kinds = table.get("model_type", pd.Series("Cell Line", index=table.index))
    columns = {
        DONOR: table["model_name"],
        TISSUE: table["tissue"],
        TUMOR_TYPE: table["cancer_type"],
        SAMPLE_CATEGORY: kinds,
    }
    kept = ("model_name", "patient_id", "COSMIC_ID", "BROAD_ID", "CCLE_ID", "RRID")
    return pd.DataFrame({**columns, **{name: table[name] for name in kept if name in table}})


def _genes(names: list[str]) -> pd.DataFrame:
    pairs = [name.split(",", 1) for name in names]
    identifiers, symbols = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    columns = {"symbol": symbols, "sanger_gene_id": identifiers, "original_id": symbols}
    return pd.DataFrame(columns, index=symbols if pd.Index(symbols).is_unique else identifiers)


SOURCE = Source(
    name="gdsc",
    title="GDSC: RNA-Seq of cancer cell lines (Wellcome Sanger Institute, Cell Model Passports)",
    version="20220624",
    licence="Sanger data usage policy: research and education; commercial use by consent",
    citation="van der Meer et al., Nucleic Acids Res 2019, doi:10.1093/nar/gky872; "
    "Iorio et al., Cell 2016, doi:10.1016/j.cell.2016.06.017",
    documentation=(
        "https://cellmodelpassports.sanger.ac.uk/downloads",
        "https://github.com/PNNL-CompBio/coderdata (build/broad_sanger/02-broadSangerOmics.R: address, form)",
        "https://github.com/bhklab (GDSC pharmacoset: members of the archive)",
    ),
    files=files,
    read=read,
    genes=37_602,
    units="TPM",
    about_size=898_000_000,
)
