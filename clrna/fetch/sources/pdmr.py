"""Patient-derived xenografts: RNA-Seq of NCI's Patient-Derived Models Repository."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.fetch.assemble import unique_names
from clrna.fetch.remote_file import RemoteFile, safe_name
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.io.text_table import read_table

SHEET = "pdmr_samples.csv"
_HOST = "https://pdmdb.cancer.gov"
_PATIENT, _SPECIMEN, _SAMPLE, _KIND, _FILE = "Patient ID", "Specimen ID", "Sample ID", "PDM Type", "RSEM(genes)"
_DIAGNOSES = ("CTEP SDC Description", "SDC Description", "Diagnosis", "Medra Description")
_LOCATIONS = ("Disease Body Location", "Body Location", "Primary Site", "Disease Location")
_CATEGORIES = {
    "pdx": "xenograft",
    "patient/originator specimen": "tumor",
    "pdc": "cell_line",
    "pdorg": "organoid",
    "organoid": "organoid",
}
_GENE, _TPM, _COUNT = "gene_id", "TPM", "expected_count"


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the sheet of samples and the gene table of each."""
    sheet = request.listing(RemoteFile(SHEET), True)
    return [RemoteFile(SHEET), *(_remote_file(address) for address in _sheet(sheet)[_FILE])]


def read(paths: Paths, request: Request) -> Expression:
    """Return the profiles of all samples of the sheet: TPM, and expected counts as layer ``counts``."""
    sheet = _sheet(paths[SHEET])
    tables = [read_gene_table(paths[_remote_file(address).name]) for address in sheet[_FILE]]
    genes = tables[0].index
    for table, address in zip(tables, sheet[_FILE], strict=True):
        if not table.index.equals(genes):
            raise InputError(f"{safe_name(address)}: has other genes than the first file; load all anew")
    names = [safe_name(address).split("~RSEM", 1)[0] for address in sheet[_FILE]]
    columns = {
        STUDY: "PDMR",
        TISSUE: _first_of(sheet, _LOCATIONS),
        TUMOR_TYPE: _first_of(sheet, _DIAGNOSES),
        SAMPLE_CATEGORY: [_CATEGORIES.get(kind.strip().lower(), "") for kind in sheet[_KIND]],
        DONOR: "PDMR-" + sheet[_PATIENT].str.upper(),
    }
    samples = pd.DataFrame(columns).assign(**{name: sheet[name] for name in (_PATIENT, _SPECIMEN, _SAMPLE, _KIND)})
    samples.index = pd.Index(unique_names(names))
    values = np.stack([table[_TPM].to_numpy(dtype=np.float32) for table in tables])
    counts = np.stack([table[_COUNT].to_numpy(dtype=np.float32) for table in tables])
    described = pd.DataFrame({"symbol": genes, "original_id": genes}, index=genes)
    return Expression(values, described, samples, scale="tpm", layers={"counts": counts})


def read_gene_table(path: Path) -> pd.DataFrame:
    """Return RSEM's table of one sample by gene."""
    table = read_table(path, required=(_GENE, _TPM, _COUNT))
    try:
        numbers = table[[_TPM, _COUNT]].astype(np.float64)
    except ValueError as error:
        raise InputError(f"{path}: {error}; it is damaged, load it anew") from error
    numbers.index = pd.Index(table[_GENE])
    return numbers


def _sheet(path: Path | None) -> pd.DataFrame:
    if path is None:
        raise InputError(f"pdmr: {SHEET} is missing; export it at {_HOST} and give its folder to --from")
    sheet = read_table(path, separator=",", required=(_PATIENT, _SPECIMEN, _SAMPLE, _KIND, _FILE))
    sheet = sheet[sheet[_FILE] != ""].reset_index(drop=True)
    if sheet.empty:
        raise InputError(f"{path}: names no file in its column {_FILE!r}; export the samples that have RNA-Seq")
    return sheet


def _remote_file(address: str) -> RemoteFile:
    return RemoteFile(safe_name(address), (f"{_HOST}/{address.lstrip('/')}",))


def _first_of(sheet: pd.DataFrame, names: Iterable[str]) -> pd.Series:
    found = next((name for name in names if name in sheet), None)
    return sheet[found] if found else pd.Series("", index=sheet.index)


SOURCE = Source(
    name="pdmr",
    title="Patient-derived xenografts and their models (NCI Patient-Derived Models Repository)",
    version="current",
    licence="open; NCI PDMR's terms of use",
    citation="The NCI Patient-Derived Models Repository, NCI-Frederick, https://pdmr.cancer.gov",
    documentation=(
        "https://pdmr.cancer.gov/database/default.htm (what is published, names of models)",
        f"{_HOST} (the table of samples with RNA-Seq is exported there by hand as {SHEET}; its column {_FILE!r} has "
        "the address of each table)",
    ),
    files=files,
    read=read,
    units="TPM; counts as layer",
    unverified="form of the sheet and of the tables (from third-party code); a person has to export the sheet",
)
