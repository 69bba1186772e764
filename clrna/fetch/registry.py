"""All sources, and the tables that tell of them."""

import difflib
from collections.abc import Sequence

from clrna.errors import UsageError
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Source
from clrna.fetch.sources import (
    ccle,
    ccle_later,
    clrna_published,
    coderdata,
    ctrp,
    gcsi,
    gdc,
    gdsc,
    gdsc_array,
    gtex,
    modac_combined,
    nci60,
    pan_cancer_small,
    pdmr,
    recount3,
)

_MODULES = (
    pan_cancer_small,
    modac_combined,
    clrna_published,
    ccle,
    ccle_later,
    ctrp,
    gcsi,
    gdsc,
    gdsc_array,
    nci60,
    gdc,
    gtex,
    recount3,
    pdmr,
    coderdata,
)
SOURCES: dict[str, Source] = {module.SOURCE.name: module.SOURCE for module in _MODULES}

LIST_COLUMNS = (
    "name", "kind", "samples", "genes", "units", "size", "licence", "account", "version", "status", "title",
    "documentation", "citation",
)  # fmt: skip
FILE_COLUMNS = ("file", "size", "checksum", "address")


def find_source(name: str) -> Source:
    """Return a source by its name.

    Raises
    ------
    UsageError
        There is none of that name.
    """
    if name in SOURCES:
        return SOURCES[name]
    if "@" in name:
        raise UsageError("what is given is no data set, model, or http, https or file address; --list names all")
    near = difflib.get_close_matches(name.lower(), SOURCES, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{name}: no such data set or model; {hint}--list names all: {', '.join(SOURCES)}")


def list_rows() -> list[dict[str, str]]:
    """Return what is known of each source, a row each, by :data:`LIST_COLUMNS`."""
    return [
        {
            "name": source.name,
            "kind": source.kind,
            "samples": _number(source.samples),
            "genes": _number(source.genes),
            "units": source.units or "?",
            "size": human_size(source.about_size),
            "licence": source.licence,
            "account": source.account or "none",
            "version": source.version,
            "status": f"unverified: {source.unverified}" if source.unverified else "verified",
            "title": source.title,
            "documentation": " | ".join(source.documentation),
            "citation": source.citation,
        }
        for source in SOURCES.values()
    ]


def file_rows(files: Sequence[RemoteFile], modac: str) -> list[dict[str, str]]:
    """Return name, size, checksum and address of files, a row for each address, by :data:`FILE_COLUMNS`.

    Parameters
    ----------
    files
        Of one source.
    modac
        Address before MoDaC's paths.
    """
    rows = []
    for file in files:
        addresses = [*([f"{modac}{file.modac_path}"] if file.modac_path else []), *file.urls]
        for address in addresses or ["by hand"]:
            size = str(file.size) if file.size else f"about {file.about_size}" if file.about_size else "?"
            rows.append({"file": file.name, "size": size, "checksum": str(file.checksum or "none"), "address": address})
    return rows


def human_size(size: int | None) -> str:
    """Return a number of bytes as people read it."""
    if size is None:
        return "?"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size = round(size / 1000)
    return f"{size} {unit}"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)
