"""The data that CLRNA was published with: five cell-line studies, patients' tumours and xenografts in one matrix."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import STUDY
from clrna.errors import InputError
from clrna.fetch.assemble import describe_genes, describe_samples
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Paths, Request, Source
from clrna.io.hdf5.chunked_h5ad import write_blocks
from clrna.io.matrix.modac import label_columns
from clrna.io.matrix.modac_text import read_blocks, read_header
from clrna.io.provenance import add_record
from clrna.io.text_table import read_table

MATRIX, METADATA = "combined_rnaseq_data", "combined_cl_metadata"
_SAMPLE_COLUMN = "sample_name"
_SCALE = "log2_expression"
_MODAC_FOLDER = "/NCI_DOE_Archive/JDACS4C/JDACS4C_Pilot_1/cancer_drug_response_prediction_dataset"
# CANDLE's public folder; sizes as a log of 2021 in the published repository has them.
_CANDLE = "https://ftp.mcs.anl.gov/pub/candle/public/benchmarks/Pilot1/combo"
_SIZES = {MATRIX: 1_349_730_908, METADATA: 2_683_476}


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the matrix and its metadata, from MoDaC or else from CANDLE's public folder."""
    return [
        RemoteFile(name, (f"{_CANDLE}/{name}",), modac_path=f"{_MODAC_FOLDER}/{name}", about_size=size)
        for name, size in _SIZES.items()
    ]


def write_output(paths: Paths, request: Request, output: Path, record: Mapping[str, Any]) -> None:
    """Write the matrix to an ``.h5ad`` block by block; a few hundred MB of memory serve for any size.

    Raises
    ------
    InputError
        A file is damaged, or the two do not belong together.
    """
    genes = genes_of(paths[MATRIX])
    metadata = read_metadata(paths[METADATA])
    names: list[str] = []

    def values() -> Iterator[dict[str, np.ndarray]]:
        for block in read_blocks(paths[MATRIX], request.threads):
            names.extend(block.names)
            yield {"X": block.values}

    def describe() -> AnnData:
        samples = combined_samples(names, metadata, paths)
        obs = describe_samples(samples, request.label_map, _SCALE)
        adata = AnnData(obs=obs, var=describe_genes(pd.DataFrame(index=genes)))
        add_record(adata, record)
        return adata

    write_blocks(output, values(), len(genes), describe)


def genes_of(matrix: Path) -> list[str]:
    """Return the genes in the matrix's header.

    Raises
    ------
    InputError
        The header is damaged, or a gene stands twice.
    """
    genes = read_header(matrix).columns
    twice = sorted({gene for gene in genes if genes.count(gene) > 1}) if len(set(genes)) != len(genes) else []
    if twice:
        raise InputError(f"{matrix}: names genes twice ({', '.join(twice[:3])}); it is damaged, load it anew")
    return genes


def read_metadata(path: Path) -> pd.DataFrame:
    """Return ``combined_cl_metadata`` as text, its sample names as index.

    Raises
    ------
    InputError
        It is no such table.
    """
    table = read_table(path, required=(_SAMPLE_COLUMN,))
    if table[_SAMPLE_COLUMN].duplicated().any():
        raise InputError(f"{path}: has no column {_SAMPLE_COLUMN!r} with one row a sample; load it anew")
    return table.set_index(_SAMPLE_COLUMN)


def combined_samples(names: Sequence[str], metadata: pd.DataFrame, paths: Paths) -> pd.DataFrame:
    """Return the metadata of samples in their order, with the columns that become labels.

    Raises
    ------
    InputError
        A sample is twice in the matrix or not in the metadata.
    """
    index = pd.Index(names)
    unknown = index.difference(metadata.index)
    if len(unknown) or not index.is_unique:
        what = f"{len(unknown)} samples are not in {METADATA}" if len(unknown) else "samples stand there twice"
        some = unknown if len(unknown) else index[index.duplicated()]
        raise InputError(f"{paths[MATRIX]}: {what} ({', '.join(some[:3])}); load both files anew")
    ordered = metadata.loc[index]
    labels = label_columns(ordered.replace({"": None}))
    # The matrix holds cell lines under their study's own names: what is left after the study is the line.
    donors = ordered["core_str"] if "core_str" in ordered else pd.Series(np.nan, index=index)
    is_line = ordered["sample_category"].str.replace("_", " ").str.lower().eq("cell line")
    labels["donor"] = donors.where(is_line)
    kept = ordered.drop(columns=[name for name in labels.columns if name in ordered])
    return pd.concat([labels, kept], axis=1).assign(**{STUDY: labels[STUDY]})


SOURCE = Source(
    name="modac-combined",
    title="CLRNA's published training data: CCLE, CTRP, gCSI, GDSC, NCI-60, GDC tumours, NCI xenografts",
    version="2019-07",
    licence="open to registered users of MoDaC; each study's own terms hold",
    citation="NCI-DOE Pilot 1, Cancer Drug Response Prediction Dataset, MoDaC NCI-DME-MS01-8088592",
    documentation=(
        "https://github.com/CBIIT/NCI-DOE-Collab-Pilot1-Center-Loss (src/README.md, src/preprocess_ftp_data.py)",
        "https://github.com/ECP-CANDLE/candle_lib (candle/modac_utils.py)",
    ),
    files=files,
    write_output=write_output,
    account="MoDaC (free); none for the copy at CANDLE",
    samples=15_196,
    genes=17_743,
    units="log2 expression",
    about_size=sum(_SIZES.values()),
)
