"""What ``clrna-fetch`` does: load the files of a source, convert them, note where they came from."""

import argparse
import hashlib
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from clrna.cores import available_cores
from clrna.errors import ClrnaError, InputError, RemoteError, UsageError
from clrna.fetch import registry
from clrna.fetch.address import check_address
from clrna.fetch.assemble import to_anndata
from clrna.fetch.checksum_file import write_checksums
from clrna.fetch.modac import BASE
from clrna.fetch.remote_file import Checksum, RemoteFile, safe_name
from clrna.fetch.session import FetchedFile, Session
from clrna.fetch.source import MODEL, Request, Source
from clrna.fetch.transfer import transfer_from
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.output.atomic import replacing, write_text
from clrna.io.output.standard_output import say
from clrna.io.provenance import make_record
from clrna.quoted import reason_of

logger = logging.getLogger("clrna")

_SHOWN = ("name", "samples", "genes", "units", "size", "account", "licence")
# More files than this are told by one digest of all their digests: a record is to stay readable.
_MOST_NAMED = 50
_SUFFIXES = {True: ".safetensors", False: ".h5ad"}


def list_sources(output: Path | None) -> None:
    """Print what there is, or write all that is known of it to ``output`` as tab-separated text."""
    rows = registry.list_rows()
    if output is not None:
        write_text(output, _as_tsv(rows, registry.LIST_COLUMNS))
        return
    marked = [{**row, "name": row["name"] + ("*" if row["status"] != "verified" else "")} for row in rows]
    lines = [_aligned(marked, _SHOWN), "* not confirmed against a published source:"]
    lines += [f"  {row['name']}: {row['status']}" for row in rows if row["status"] != "verified"]
    say("\n".join([*lines, ""]))


def list_files(args: argparse.Namespace) -> None:
    """Print where each file of a source is, for people who load them by hand."""
    source = registry.find_source(args.name)
    with _session(args, f"{source.name}/{safe_name(source.version)}") as (session, scratch):
        files = source.files(_request(args, source, session, scratch))
    table = _as_tsv(registry.file_rows(files, f"{BASE}/api/v2/dataObject"), registry.FILE_COLUMNS)
    if args.output is None:
        sys.stdout.write(table)
    else:
        write_text(args.output, table)


def fetch(args: argparse.Namespace) -> None:
    """Fetch what ``args.name`` names to ``args.output``.

    Raises
    ------
    UsageError
        There is nothing of that name, or the output's name does not fit.
    """
    if args.output is None:
        raise UsageError("say with -o where to write")
    if re.match(r"(https?|file):", args.name, re.IGNORECASE):
        _fetch_url(args)
        return
    source = registry.find_source(args.name)
    if args.checksum:
        raise UsageError("--checksum is for one file at a URL; for a named data set give a list to --checksums")
    suffix = _SUFFIXES[source.kind == MODEL]
    if args.output.suffix != suffix:
        raise UsageError(f"--output {args.output}: {source.name} is a {source.kind}, name a file that ends in {suffix}")
    with _session(args, f"{source.name}/{safe_name(source.version)}") as (session, scratch):
        request = _request(args, source, session, scratch)
        paths = session.obtain(source.files(request))
        _report(session.fetched.values(), args)
        record = _record(args, source, session.fetched)
        if source.write_output is not None:
            source.write_output(paths, request, args.output, record)
        elif source.read is not None:
            with _explained(source):
                adata = to_anndata(source.read(paths, request), request.label_map, record)
            write_h5ad(adata, args.output)
    logger.info("%s: licence: %s; cite %s", source.name, source.licence, source.citation)


def _fetch_url(args: argparse.Namespace) -> None:
    """Load one file as it is."""
    check_address(args.name, "NAME")
    name = safe_name(PurePosixPath(urlsplit(args.name).path).name)
    checksum = Checksum(*args.checksum) if args.checksum else None
    label = f"url/{hashlib.sha256(args.name.encode()).hexdigest()[:16]}"
    with _session(args, label) as (session, _):
        path = session.obtain([RemoteFile(name, (args.name,), checksum=checksum, given=True)])[name]
        _report(session.fetched.values(), args)
        with replacing(args.output) as temporary:
            shutil.copyfile(path, temporary)
    logger.info("wrote %s", args.output)


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    """Tell what the block stumbles over as a fault of the source's files: nothing else is worked on in it."""
    try:
        yield
    except ClrnaError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"{type(error).__name__}: {reason_of(error)}"
        raise InputError(
            f"{source.name}: its files are not in the form that it documents ({reason}); load them anew, -v shows where"
        ) from error


@contextmanager
def _session(args: argparse.Namespace, label: str) -> Any:
    bars = sys.stderr.isatty() and not args.quiet
    transfer = transfer_from(args, os.environ, bars)
    with tempfile.TemporaryDirectory(prefix="clrna-fetch-") as scratch, Session(transfer, Path(scratch), label) as one:
        with _named_by_address(one):
            yield one, Path(scratch)


@contextmanager
def _named_by_address(session: Session) -> Iterator[None]:
    """Tell a fault of a file that the network brought and no cache keeps as that of its source, by its address."""
    try:
        yield
    except InputError as error:
        text, transfer = str(error), session.transfer
        brought = [] if transfer.cache or transfer.from_folder else session.fetched.values()
        file = next((file for file in brought if str(file.path) in text), None)
        if file is None:
            raise
        raise RemoteError(text.replace(str(file.path), file.came_from)) from error


def _request(args: argparse.Namespace, source: Source, session: Session, scratch: Path) -> Request:
    for option, value in (("--projects", args.projects), ("--limit", args.limit)):
        if value and not source.has_projects:
            some = ", ".join(one.name for one in registry.SOURCES.values() if one.has_projects)
            raise UsageError(f"{option}: {source.name} has no projects; {some} have")
    return Request(
        projects=tuple(dict.fromkeys(args.projects)) if args.projects else None,
        limit=args.limit,
        label_map=args.label_map,
        threads=args.threads or available_cores(),
        scratch=scratch,
        listing=session.listing,
    )


def _report(fetched: Iterable[FetchedFile], args: argparse.Namespace) -> None:
    files = [file for file in fetched if not file.listing]
    unchecked = [file.name for file in files if not file.checked]
    if unchecked:
        some = ", ".join(unchecked[:5]) + (f" and {len(unchecked) - 5} more" if len(unchecked) > 5 else "")
        logger.warning("no checksum is published of %s; --write-checksums and --checksums make a later run sure", some)
    if args.write_checksums:
        write_checksums(args.write_checksums, {file.name: file.sha256 for file in files})


def _record(args: argparse.Namespace, source: Source, fetched: Mapping[str, FetchedFile]) -> dict[str, Any]:
    """Return the provenance record: what was asked, from where it came, what it was held against; no folders."""
    files = [file for file in fetched.values() if not file.listing]
    asked = {name: getattr(args, name) for name in ("name", "projects", "limit", "label_map")}
    record = make_record(
        "fetch",
        asked,
        [args.label_map] if args.label_map else [],
        source=source.title,
        version=source.version,
        licence=source.licence,
        citation=source.citation,
        unverified=source.unverified or None,
        files=[{"name": file.name, "from": file.came_from, "checked": list(file.checked)} for file in files]
        if len(files) <= _MOST_NAMED
        else [{"name": f"{len(files)} files", "checked": [f"{sum(bool(f.checked) for f in files)} of them"]}],
    )
    record["inputs"] += _digests(files)
    return record


def _digests(files: Sequence[FetchedFile]) -> list[dict[str, str]]:
    if len(files) <= _MOST_NAMED:
        return [{"name": file.name, "sha256": file.sha256} for file in files]
    lines = "".join(sorted(f"{file.sha256}  {file.name}\n" for file in files))
    return [{"name": f"{len(files)} files", "sha256": hashlib.sha256(lines.encode()).hexdigest()}]


def _aligned(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Return a table with aligned columns and a header."""
    lines = [list(columns), *([row[name] for name in columns] for row in rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _as_tsv(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Return a table as tab-separated text with a header."""
    lines = [list(columns), *([row[name].replace("\t", " ") for name in columns] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)
