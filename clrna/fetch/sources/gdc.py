"""Patients' tumours: STAR gene counts of the NCI Genomic Data Commons, project by project."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import RemoteError, UsageError
from clrna.fetch.assemble import described, unique_names
from clrna.fetch.json_file import read_json
from clrna.fetch.remote_file import Checksum, RemoteFile, safe_name
from clrna.fetch.source import Paths, Request, Source
from clrna.fetch.sources.gdc_counts import read_counts, read_genes
from clrna.io.hdf5.chunked_h5ad import write_blocks

_API = "https://api.gdc.cancer.gov"
_MOST_FILES = 20_000
_FILES_AT_A_TIME = 64
_NORMAL = "normal"
_FIELDS = (
    "file_id", "file_name", "md5sum", "file_size", "cases.submitter_id", "cases.project.project_id",
    "cases.primary_site", "cases.disease_type", "cases.samples.submitter_id", "cases.samples.sample_type",
    "cases.samples.portions.analytes.aliquots.submitter_id",
)  # fmt: skip
_TCGA = (
    "ACC BLCA BRCA CESC CHOL COAD DLBC ESCA GBM HNSC KICH KIRC KIRP LAML LGG LIHC LUAD LUSC MESO OV PAAD PCPG PRAD "
    "READ SARC SKCM STAD TGCT THCA THYM UCEC UCS UVM"
)
PROJECTS = tuple(f"TCGA-{name}" for name in _TCGA.split())


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the counts of every sample of the projects that are asked for."""
    return [_remote_file(hit) for hit in _hits(request)]


def write_output(paths: Paths, request: Request, output: Path, record: Mapping[str, Any]) -> None:
    """Write counts as ``X`` and the GDC's own TPM as layer ``tpm``, some samples at a time.

    Raises
    ------
    InputError
        A file is damaged, or not of the same genes as the others.
    """
    hits = _hits(request)
    tables = [paths[_remote_file(hit).name] for hit in hits]
    genes = read_genes(tables[0])

    def blocks() -> Iterator[dict[str, np.ndarray]]:
        with ThreadPoolExecutor(request.threads) as pool:
            for start in range(0, len(tables), _FILES_AT_A_TIME):
                some = tables[start : start + _FILES_AT_A_TIME]
                read = list(pool.map(lambda table: read_counts(table, genes), some))
                yield {"X": np.stack([pair[0] for pair in read]), "layers/tpm": np.stack([pair[1] for pair in read])}

    def describe() -> AnnData:
        return described(_samples(hits), genes, request.label_map, "counts", record)

    write_blocks(output, blocks(), len(genes), describe)


def _hits(request: Request) -> list[dict[str, Any]]:
    """Return what the GDC says of each file, projects in the order asked for, samples by name."""
    found: list[dict[str, Any]] = []
    for project in request.projects or PROJECTS:
        answer = read_json(request.listing(_listing(project), True))
        try:
            hits, total = answer["data"]["hits"], int(answer["data"]["pagination"]["total"])
            hits = sorted(hits, key=lambda hit: (_sample_name(hit), hit["file_id"]))
            # What is made of the list later is made once here, where a fault in it has a name.
            _samples(hits)
            for hit in hits:
                _remote_file(hit)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise RemoteError(f"{_API}/files: its list of {project} is not in the form that it documents") from error
        if not hits:
            raise UsageError(f"--projects {project}: the GDC has no open STAR counts of it; see {_API}/projects")
        if len(hits) < total:
            raise RemoteError(f"{_API}/files: listed {len(hits)} of {total} files of {project}")
        found += hits[: request.limit]
    return found


def _listing(project: str) -> RemoteFile:
    wanted = {
        "cases.project.project_id": project,
        "data_type": "Gene Expression Quantification",
        "experimental_strategy": "RNA-Seq",
        "analysis.workflow_type": "STAR - Counts",
        "access": "open",
    }
    content = [{"op": "in", "content": {"field": field, "value": [value]}} for field, value in wanted.items()]
    query = {
        "filters": json.dumps({"op": "and", "content": content}, separators=(",", ":")),
        "fields": ",".join(_FIELDS),
        "format": "JSON",
        "size": _MOST_FILES,
    }
    return RemoteFile(f"{safe_name(project)}.files.json", (f"{_API}/files?{urlencode(query)}",), listing=True)


def _remote_file(hit: dict[str, Any]) -> RemoteFile:
    return RemoteFile(
        safe_name(hit["file_name"]),
        (f"{_API}/data/{hit['file_id']}",),
        size=int(hit["file_size"]),
        checksum=Checksum("md5", hit["md5sum"].lower()),
    )


def _samples(hits: list[dict[str, Any]]) -> pd.DataFrame:
    cases = [hit["cases"][0] for hit in hits]
    samples = [(case.get("samples") or [{}])[0] for case in cases]
    projects = [case["project"]["project_id"] for case in cases]
    kinds = [sample.get("sample_type") or "" for sample in samples]
    columns = {
        STUDY: [project.split("-")[0] for project in projects],
        TISSUE: [case.get("primary_site") or "" for case in cases],
        # A normal sample has the tissue of its project, not its tumour.
        TUMOR_TYPE: ["" if _NORMAL in kind.lower() else name for kind, name in zip(kinds, projects, strict=True)],
        SAMPLE_CATEGORY: kinds,
        DONOR: [case.get("submitter_id") or "" for case in cases],
        "project_id": projects,
        "disease_type": [case.get("disease_type") or "" for case in cases],
        "sample_type": kinds,
        "file_id": [hit["file_id"] for hit in hits],
    }
    return pd.DataFrame(columns, index=unique_names([_sample_name(hit) for hit in hits]))


def _sample_name(hit: dict[str, Any]) -> str:
    """Return the aliquot's barcode, which names a sequenced sample, else the sample's."""
    sample = (hit["cases"][0].get("samples") or [{}])[0]
    for portion in sample.get("portions") or []:
        for analyte in portion.get("analytes") or []:
            for aliquot in analyte.get("aliquots") or []:
                if aliquot.get("submitter_id"):
                    return str(aliquot["submitter_id"])
    return str(sample.get("submitter_id") or hit["file_id"])


SOURCE = Source(
    name="gdc",
    title="Patients' tumours and normal tissues: STAR counts of TCGA and other projects (NCI GDC)",
    version="current release",
    licence="open access; NIH Genomic Data Sharing policy",
    citation="Grossman et al., N Engl J Med 2016, doi:10.1056/NEJMp1607591; TCGA Research Network",
    documentation=(
        "https://docs.gdc.cancer.gov/API/Users_Guide/Search_and_Retrieval",
        "https://docs.gdc.cancer.gov/Data/Bioinformatics_Pipelines/Expression_mRNA_Pipeline",
    ),
    files=files,
    write_output=write_output,
    genes=60_660,
    units="counts; TPM as layer",
    projects=PROJECTS,
    has_projects=True,
    unverified="number of samples and size, which change with the release",
)
