"""coderdata: expression of cell lines, organoids, xenografts and tumours, brought into one form by PNNL."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import csv

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TUMOR_TYPE
from clrna.errors import InputError, RemoteError, UsageError
from clrna.fetch.json_file import read_json
from clrna.fetch.remote_file import Checksum, RemoteFile, safe_name
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.io.text_table import read_table, require_columns
from clrna.quoted import reason_of

SETS = (
    "beataml", "bladder", "ccle", "colorectal", "ctrpv2", "fimm", "gcsi", "gdscv1", "gdscv2", "hcmi", "liver", "mpnst",
    "nci60", "novartis", "pancreatic", "prism", "sarcoma",
)  # fmt: skip
_ARTICLE = "https://api.figshare.com/v2/articles/29923646"
_DOWNLOAD = "https://api.figshare.com/v2/file/download"
_SAMPLES, _EXPRESSION = "_samples.csv", "_transcriptomics.csv.gz"
_GENE, _SAMPLE, _VALUE, _STUDY, _SOURCE = "entrez_id", "improve_sample_id", "transcriptomics", "study", "source"


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the samples and the expression of the sets that are asked for."""
    listing = RemoteFile("files.json", (f"{_ARTICLE}/files?page=1&page_size=500",), listing=True)
    path = request.listing(listing, request.projects is None)
    known = _by_name(read_json(path)) if path is not None else {}
    sets = request.projects or tuple(
        sorted(name.removesuffix(_EXPRESSION) for name in known if name.endswith(_EXPRESSION))
    )
    unknown = [name for name in sets if known and f"{name}{_EXPRESSION}" not in known]
    if unknown or not sets:
        raise UsageError(f"--projects {','.join(unknown)}: coderdata has expression of {', '.join(_sets_in(known))}")
    names = [f"{name}{kind}" for name in sets for kind in (_SAMPLES, _EXPRESSION)]
    return [known.get(name) or RemoteFile(name) for name in names]


def read(paths: Paths, _request: Request) -> Expression:
    """Return the profiles of all sets; a sample that several sets share is taken once."""
    sets = sorted({name.removesuffix(_EXPRESSION) for name in paths if name.endswith(_EXPRESSION)})
    profiles: dict[tuple[str, str, str], dict[str, Any]] = {}
    for name in sets:
        described = _read_samples(paths[f"{name}{_SAMPLES}"])
        for key, genes, values in _read_profiles(paths[f"{name}{_EXPRESSION}"]):
            entry = profiles.setdefault(key, {"genes": genes, "values": values, "sets": [], "sample": described})
            entry["sets"].append(name)
    genes = np.unique(np.concatenate([entry["genes"] for entry in profiles.values()]))
    values = np.full((len(profiles), len(genes)), np.nan, dtype=np.float32)
    for row, entry in enumerate(profiles.values()):
        values[row, np.searchsorted(genes, entry["genes"])] = entry["values"]
    names = pd.DataFrame(index=pd.Index(genes.astype(str)))
    names["entrez_id"] = names.index
    return Expression(values, names, _samples(profiles), scale="")


def _samples(profiles: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> pd.DataFrame:
    rows = []
    for (sample, study, source), entry in profiles.items():
        found = entry["sample"].get(sample, {})
        rows.append(
            {
                STUDY: f"{study} {source}".strip() if source and source != study else study,
                TUMOR_TYPE: found.get("cancer_type", ""),
                SAMPLE_CATEGORY: found.get("model_type", ""),
                DONOR: found.get("common_name", ""),
                "improve_sample_id": sample,
                "coderdata_sets": ",".join(entry["sets"]),
            }
        )
    return pd.DataFrame(rows, index=["|".join(part for part in key if part) for key in profiles])


def _read_samples(path: Path) -> dict[str, dict[str, str]]:
    table = read_table(path, separator=",", required=(_SAMPLE, "common_name", "cancer_type", "model_type"))
    rows = table.drop_duplicates(_SAMPLE).to_dict(orient="records")
    return {str(row[_SAMPLE]): {str(name): str(value) for name, value in row.items()} for row in rows}


def _read_profiles(path: Path) -> list[tuple[tuple[str, str, str], np.ndarray, np.ndarray]]:
    """Return, for each sample, study and source of a long table, its genes in order and their values."""
    types = {_GENE: pyarrow.float64(), _SAMPLE: pyarrow.string(), _VALUE: pyarrow.float32()}
    try:
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types)).to_pandas()
    except (pyarrow.ArrowException, OSError, EOFError) as error:
        reason = reason_of(error)
        raise InputError(f"{path}: cannot be read as a table ({reason}); it is damaged, load it anew") from error
    require_columns(table, types, path)
    for name in (_STUDY, _SOURCE):
        table[name] = table[name].fillna("").astype(str) if name in table else ""
    table = table[np.isfinite(table[_GENE]) & np.isfinite(table[_VALUE])]
    # A gene that stands twice for one profile is two measurements of it.
    means = table.groupby([_SAMPLE, _STUDY, _SOURCE, _GENE], sort=True)[_VALUE].mean().reset_index(_GENE)
    return [
        ((str(key[0]), str(key[1]), str(key[2])), rows[_GENE].to_numpy(np.int64), rows[_VALUE].to_numpy(np.float32))
        for key, rows in means.groupby(level=[0, 1, 2], sort=True)
    ]


def _by_name(answer: Any) -> dict[str, RemoteFile]:
    """Return figshare's list of files by name; of several of one name the last that was deposited."""
    found: dict[str, RemoteFile] = {}
    try:
        for item in sorted(answer["files"] if isinstance(answer, dict) else answer, key=lambda item: int(item["id"])):
            md5 = item.get("computed_md5") or item.get("supplied_md5") or ""
            checksum = Checksum("md5", md5.lower()) if md5 else None
            urls = (f"{_DOWNLOAD}/{int(item['id'])}", str(item["download_url"]))
            found[str(item["name"])] = RemoteFile(
                safe_name(item["name"]), urls, size=int(item["size"]), checksum=checksum
            )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RemoteError(f"{_ARTICLE}/files: its list of files is not in the form that figshare documents") from error
    return found


def _sets_in(known: Mapping[str, RemoteFile]) -> list[str]:
    return sorted(name.removesuffix(_EXPRESSION) for name in known if name.endswith(_EXPRESSION)) or list(SETS)


SOURCE = Source(
    name="coderdata",
    title="coderdata: cell lines, organoids, xenografts and tumours of many studies in one form (PNNL)",
    version="2.2.1",
    licence="as on figshare; each study's own terms hold",
    citation="Jacobson et al., CoderData, https://github.com/PNNL-CompBio/coderdata",
    documentation=(
        "https://pnnl-compbio.github.io/coderdata",
        "the Python package coderdata 2.2.1 (coderdata/dataset.yml: article; coderdata/download: addresses, MD5)",
    ),
    files=files,
    read=read,
    units="as each study",
    projects=SETS,
    has_projects=True,
    unverified="units of each study (clrna-normalize looks at the values); number of samples",
)
