"""recount3: RNA-Seq of GTEx, TCGA and thousands of studies of the SRA, all processed alike."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from anndata import AnnData

from clrna.errors import InputError
from clrna.fetch.assemble import described, first_by_name
from clrna.fetch.projects import unknown_project
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Paths, Request, Source
from clrna.fetch.sources.gdc import PROJECTS as TCGA_PROJECTS
from clrna.fetch.sources.recount3_tables import (
    ACCESSION,
    GTEX,
    SRA,
    TCGA,
    RecountSamples,
    read_annotation,
    read_samples,
)
from clrna.fetch.turned import GeneLines, read_gene_lines
from clrna.io.hdf5.chunked_h5ad import write_blocks
from clrna.io.matrix.modac_text import Layout

_BASES = (
    "https://recount-opendata.s3.amazonaws.com/recount3/release/human",
    "https://data.idies.jhu.edu/recount3/data/human",
)
# Gencode v26, the gene model that recount3 takes where none is asked for.
_MODEL = "G026"
ANNOTATION = f"human.gene_sums.{_MODEL}.gtf.gz"
# Two lines of comments, then the names of the samples.
_LAYOUT = Layout(header_lines=3, columns_line=2)
_PER_MILLION = 1e6

_TCGA_NAMES = tuple(name.removeprefix("TCGA-") for name in TCGA_PROJECTS)
_GTEX_NAMES = tuple(
    "ADIPOSE_TISSUE ADRENAL_GLAND BLADDER BLOOD BLOOD_VESSEL BONE_MARROW BRAIN BREAST CERVIX_UTERI COLON ESOPHAGUS "
    "FALLOPIAN_TUBE HEART KIDNEY LIVER LUNG MUSCLE NERVE OVARY PANCREAS PITUITARY PROSTATE SALIVARY_GLAND SKIN "
    "SMALL_INTESTINE SPLEEN STOMACH TESTIS THYROID UTERUS VAGINA".split()
)
PROJECTS = (*_TCGA_NAMES, *_GTEX_NAMES)


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the gene model, and for each project the coverage of genes and what is known of the samples."""
    chosen = [(project, home_of(project)) for project in request.projects or PROJECTS]
    return [
        _remote_file(f"annotations/gene_sums/{ANNOTATION}"),
        *(_remote_file(path) for project, home in chosen for path in _paths(project, home)),
    ]


def write_output(paths: Paths, request: Request, output: Path, record: Mapping[str, Any]) -> None:
    """Write read counts as ``X`` and TPM as layer ``tpm``, some samples at a time.

    Raises
    ------
    InputError
        A file is damaged, or not of the genes of the gene model.
    """
    genes, lengths = read_annotation(paths[ANNOTATION])
    written: list[RecountSamples] = []

    def blocks() -> Iterator[dict[str, np.ndarray]]:
        for project in request.projects or PROJECTS:
            home = home_of(project)
            sums, own, quality = (paths[path.rsplit("/", 1)[-1]] for path in _paths(project, home))
            table = read_gene_lines(sums, _LAYOUT, request.threads, request.scratch / "turned")
            if table.names != list(genes.index):
                raise InputError(f"{sums}: has other genes than {ANNOTATION}; load all anew")
            samples = read_samples(home, project, own, quality, table.columns)
            chosen = first_by_name(samples.names, request.limit)
            written.append(samples.of(chosen))
            yield from _counted(table, written[-1], lengths)

    def describe() -> AnnData:
        if not sum(len(part.names) for part in written):
            raise InputError("recount3: none of the samples has reads that were mapped; choose other --projects")
        return described(RecountSamples.table_of(written), genes, request.label_map, "counts", record)

    write_blocks(output, blocks(), len(genes), describe)


def home_of(project: str) -> str:
    """Return the part of recount3 that a project lies in.

    Raises
    ------
    UsageError
        recount3 has no project of this name.
    """
    if project in _TCGA_NAMES:
        return TCGA
    if project in _GTEX_NAMES:
        return GTEX
    if ACCESSION.fullmatch(project):
        return SRA
    raise unknown_project(project, PROJECTS, SOURCE.name)


def reads_of(coverage: np.ndarray, read_lengths: np.ndarray) -> np.ndarray:
    """Return counts of reads from sums of coverage, as recount3's ``compute_read_counts`` does.

    Parameters
    ----------
    coverage
        Sum over a gene's bases of the reads that cover it, shape (samples, genes).
    read_lengths
        Mean length of a sample's mapped reads, or pairs of reads, shape (samples,), positive.
    """
    return np.round(coverage / read_lengths[:, None]).astype(np.float32)


def tpm_of(coverage: np.ndarray, gene_lengths: np.ndarray) -> np.ndarray:
    """Return transcripts per million from sums of coverage; the length of reads cancels out.

    Parameters
    ----------
    coverage
        As for :func:`reads_of`.
    gene_lengths
        Bases that a gene's coverage was summed over, shape (genes,), positive.
    """
    depth = coverage / gene_lengths
    total = depth.sum(axis=1, keepdims=True)
    return (_PER_MILLION * np.divide(depth, total, out=np.zeros_like(depth), where=total > 0)).astype(np.float32)


def _counted(table: GeneLines, samples: RecountSamples, lengths: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    start = 0
    for block in table.samples(samples.columns):
        coverage = block.astype(np.float64)
        reads = samples.read_lengths[start : start + len(block)]
        start += len(block)
        yield {"X": reads_of(coverage, reads), "layers/tpm": tpm_of(coverage, lengths)}


def _paths(project: str, home: str) -> tuple[str, str, str]:
    """Return where coverage, recount3's copy of the source's metadata, and quality control of a project lie."""
    folder, metadata = (f"data_sources/{home}/{kind}/{project[-2:]}/{project}" for kind in ("gene_sums", "metadata"))
    return (
        f"{folder}/{home}.gene_sums.{project}.{_MODEL}.gz",
        f"{metadata}/{home}.{home}.{project}.MD.gz",
        f"{metadata}/{home}.recount_qc.{project}.MD.gz",
    )


def _remote_file(path: str) -> RemoteFile:
    return RemoteFile(path.rsplit("/", 1)[-1], tuple(f"{base}/{path}" for base in _BASES))


SOURCE = Source(
    name="recount3",
    title="TCGA, GTEx and any study of the SRA, all processed alike (recount3)",
    version="release 1",
    licence="open; terms of TCGA, GTEx and of each study of the SRA",
    citation="Wilks et al., Genome Biol 2021, doi:10.1186/s13059-021-02533-6; and each study's own",
    documentation=(
        "https://rna.recount.bio/docs/raw-files.html",
        "https://github.com/LieberInstitute/recount3 (R/locate_url.R: addresses; R/transform_counts.R: counts; "
        "R/read_metadata.R: form of the metadata)",
        "https://registry.opendata.aws/recount",
    ),
    files=files,
    write_output=write_output,
    genes=63_856,
    units="counts; TPM as layer",
    projects=PROJECTS,
    has_projects=True,
    unverified="which attributes of the SRA's samples name tissue and disease, which each study words as it likes",
)
