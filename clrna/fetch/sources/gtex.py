"""Normal tissues: RNA-Seq of the GTEx project, tissue by tissue."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE
from clrna.errors import InputError
from clrna.fetch.assemble import described, first_by_name
from clrna.fetch.projects import chosen_projects
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Paths, Request, Source
from clrna.fetch.turned import GeneLines, read_gene_lines
from clrna.io.hdf5.chunked_h5ad import write_blocks
from clrna.io.matrix.modac_text import Layout, read_header
from clrna.io.text_table import read_table

ATTRIBUTES = "GTEx_Analysis_v8_Annotations_SampleAttributesDS.txt"
_BUCKETS = "https://storage.googleapis.com/adult-gtex", "https://storage.googleapis.com/gtex_analysis_v8"
_SAMPLE, _ORGAN, _SITE = "SAMPID", "SMTS", "SMTSD"
# Quality of the RNA, and whether GTEx uses the sample in its own analysis; both are kept.
_KEPT = ("SMRIN", "SMAFRZE")
_GENE, _SYMBOL = "Name", "Description"
# Lines of a GCT file above the numbers: version, sizes, header.
_HEADER_LINES = 3
# Sites that are cells in culture, in GTEx's words.
_CULTURE = "Cells - "

TISSUES = tuple(
    "adipose_subcutaneous adipose_visceral_omentum adrenal_gland artery_aorta artery_coronary artery_tibial bladder "
    "brain_amygdala brain_anterior_cingulate_cortex_ba24 brain_caudate_basal_ganglia brain_cerebellar_hemisphere "
    "brain_cerebellum brain_cortex brain_frontal_cortex_ba9 brain_hippocampus brain_hypothalamus "
    "brain_nucleus_accumbens_basal_ganglia brain_putamen_basal_ganglia brain_spinal_cord_cervical_c-1 "
    "brain_substantia_nigra breast_mammary_tissue cells_cultured_fibroblasts cells_ebv-transformed_lymphocytes "
    "cervix_ectocervix cervix_endocervix colon_sigmoid colon_transverse esophagus_gastroesophageal_junction "
    "esophagus_mucosa esophagus_muscularis fallopian_tube heart_atrial_appendage heart_left_ventricle kidney_cortex "
    "kidney_medulla liver lung minor_salivary_gland muscle_skeletal nerve_tibial ovary pancreas pituitary prostate "
    "skin_not_sun_exposed_suprapubic skin_sun_exposed_lower_leg small_intestine_terminal_ileum spleen stomach testis "
    "thyroid uterus vagina whole_blood".split()
)


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the table of samples, and the expression of each tissue that is asked for."""
    folders = f"{_BUCKETS[0]}/annotations/v8/metadata-files", f"{_BUCKETS[1]}/annotations"
    attributes = RemoteFile(ATTRIBUTES, tuple(f"{folder}/{ATTRIBUTES}" for folder in folders), about_size=11_000_000)
    return [attributes, *map(_expression, _tissues(request))]


def write_output(paths: Paths, request: Request, output: Path, record: Mapping[str, Any]) -> None:
    """Write GTEx's TPM as ``X``, some samples at a time.

    Raises
    ------
    InputError
        A file is damaged, or not of the same genes as the others.
    """
    tissues = _tissues(request)
    attributes = read_table(paths[ATTRIBUTES], required=(_SAMPLE, _ORGAN, _SITE)).drop_duplicates(_SAMPLE)
    attributes = attributes.set_index(_SAMPLE)
    first = _read(paths[_expression(tissues[0]).name], request)
    genes = _genes(first)
    names: list[str] = []

    def blocks() -> Iterator[dict[str, np.ndarray]]:
        for tissue in tissues:
            path = paths[_expression(tissue).name]
            table = first if tissue == tissues[0] else _read(path, request)
            if not _genes(table).index.equals(genes.index):
                raise InputError(f"{path}: has other genes than the file of {tissues[0]}; load all anew")
            chosen = first_by_name(table.columns, request.limit)
            names.extend(table.columns[at] for at in chosen)
            for values in table.samples(chosen):
                yield {"X": values}

    def describe() -> AnnData:
        if not attributes.index.isin(names).any():
            raise InputError(f"{paths[ATTRIBUTES]}: names none of the samples ({', '.join(names[:3])}); load it anew")
        return described(gtex_samples(names, attributes), genes, request.label_map, "tpm", record)

    write_blocks(output, blocks(), len(genes), describe)


def gtex_samples(names: list[str], attributes: pd.DataFrame) -> pd.DataFrame:
    """Return samples by name, with what becomes their labels.

    Parameters
    ----------
    names
        As GTEx calls its samples.
    attributes
        GTEx's own words by name: SMTS (organ), SMTSD (site), and maybe SMRIN and SMAFRZE.
    """
    known = [name for name in (_ORGAN, _SITE, *_KEPT) if name in attributes]
    own = attributes.reindex(names)[known].fillna("")
    columns = {
        STUDY: "GTEx",
        TISSUE: own[_SITE],
        SAMPLE_CATEGORY: np.where(own[_SITE].str.startswith(_CULTURE), "cell_line", "normal"),
        DONOR: ["-".join(name.split("-")[:2]) for name in names],
    }
    return pd.DataFrame(columns, index=own.index).join(own)


def _tissues(request: Request) -> tuple[str, ...]:
    return chosen_projects(request, TISSUES, SOURCE.name)


def _expression(tissue: str) -> RemoteFile:
    name = f"gene_tpm_2017-06-05_v8_{tissue}.gct.gz"
    folders = f"{_BUCKETS[0]}/bulk-gex/v8/rna-seq/tpms-by-tissue", f"{_BUCKETS[1]}/rna_seq_data/gene_tpm"
    return RemoteFile(name, tuple(f"{folder}/{name}" for folder in folders))


def _read(path: Path, request: Request) -> GeneLines:
    lines = read_header(path, Layout(_HEADER_LINES, columns_line=_HEADER_LINES - 1)).lines
    header = lines[-1]
    if not lines[0][0].startswith("#1.") or not {_GENE, _SYMBOL} <= set(header[:3]):
        raise InputError(f"{path}: is not a GCT file with columns {_GENE} and {_SYMBOL}; its form is new")
    layout = Layout(_HEADER_LINES, header.index(_SYMBOL) + 1, columns_line=_HEADER_LINES - 1)
    table = read_gene_lines(path, layout, request.threads, request.scratch / "turned")
    if lines[1][0].isdecimal() and len(table.names) < int(lines[1][0]):
        raise InputError(f"{path}: has {len(table.names)} genes of the {lines[1][0]} that it tells of; load it anew")
    return table


def _genes(table: GeneLines) -> pd.DataFrame:
    """Return the genes; the files of single tissues number them in a column more, before the name."""
    fields = [name.split("\t")[-2:] for name in table.names]
    ids = [field[0] for field in fields]
    columns = {"symbol": [field[1] for field in fields], "ensembl_id": [name.split(".")[0] for name in ids]}
    genes = pd.DataFrame(columns, index=ids)
    if not genes.index.is_unique:
        raise InputError("gtex: a file names genes twice; it is damaged, load all anew")
    return genes


SOURCE = Source(
    name="gtex",
    title="Normal tissues: RNA-Seq of 54 sites of 948 donors (GTEx)",
    version="v8",
    licence="open access (no protected data); GTEx Portal's terms",
    citation="The GTEx Consortium, Science 2020, doi:10.1126/science.aaz1776; GTEx Portal, dbGaP phs000424.v8.p2",
    documentation=(
        "https://gtexportal.org/home/downloads/adult-gtex/bulk_tissue_expression (gene TPM by tissue)",
        "https://gtexportal.org/home/downloads/adult-gtex/metadata (sample attributes)",
    ),
    files=files,
    write_output=write_output,
    samples=17_382,
    genes=56_200,
    units="TPM",
    about_size=1_500_000_000,
    projects=TISSUES,
    has_projects=True,
)
