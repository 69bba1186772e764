"""Build a large reference model from what ``clrna-fetch`` brings without an account (``make release-model``).

Usage::

    python benchmarks/reference_model/release.py FOLDER [--mirror URL]

Which sets: ``release.tsv``. FOLDER keeps what was loaded (``downloads``), the sets as AnnData (``fetched``), the
studies together (``merged.h5ad``) and the model in 32 bits (``whole``): a run that was stopped goes on where it was.
The model in half precision and its card are written beside them. Expect tens of gigabytes of downloads, nearly all of
them the GDC's.

Normal tissues (GTEx, and TCGA's own) are samples like others: of their tissue, with the category ``normal``. So the
label of a sample is its tissue whatever it is, and a match tells whether it is a normal one.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anndata
import pandas as pd
from making import (
    GENES,
    LEAST_SAMPLES,
    asked_of_card,
    flags_of_card,
    loss_of_card,
    merge,
    run,
    sources_of_card,
    train_reference,
)

from clrna.cli import fetch
from clrna.cli.options import comma_list, whole_number
from clrna.fetch.registry import SOURCES
from clrna.fetch.remote_file import safe_name
from clrna.io.provenance import read_records
from clrna.model.model import Model
from clrna.model.model_file import load_model

NAME = "pan-cancer-large"
TABLE = Path(__file__).with_name("release.tsv")
_LICENCES = (
    "Each set has terms of its own, and GDSC's ask for consent to commercial use: they say to whom this model may be "
    "passed on."
)


def main(argv: list[str] | None = None) -> None:
    """Fetch, merge, train, store in half precision, say what that costs, write the card."""
    args = get_parser().parse_args(argv)
    table = read_sets(args.table, args.without)
    rows = [row for row in table if row["name"] not in args.without and is_there(row, args.folder)]
    files = [fetched(row, args) for row in rows]
    merged, whole = args.folder / "merged.h5ad", args.folder / "whole" / f"{args.name}.safetensors"
    half = args.folder / whole.name
    if not is_made_of(merged, files, genes=args.genes, min_class_size=args.min_class_size):
        merge(files, merged, args.genes, args.min_class_size)
    whole.parent.mkdir(exist_ok=True)
    if not is_made_of(whole, [merged], min_class_size=args.min_class_size) or is_older(half, [whole]):
        text = train_reference(merged, whole, half, args.threads, args.min_class_size)
    else:
        text = whole.with_suffix(".md").read_text().replace(f"# {whole.name}", f"# {half.stem}", 1)
    left_out = [row["name"] for row in table if row not in rows]
    text += flags_of_card(whole, half) + categories_of_card(load_model(half)) + sources(rows, left_out)
    with tempfile.TemporaryDirectory(dir=args.folder) as scratch:
        text += loss_of_card(merged, whole, half, Path(scratch))
        if args.ask:
            text += asked_of_card(args.ask, half, Path(scratch))
    half.with_suffix(".md").write_text(text)
    print(f"{half}: {half.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder for downloads, the sets, the model and its card")
    parser.add_argument("--table", type=Path, default=TABLE, help="which sets, in the form of release.tsv")
    parser.add_argument("--without", type=comma_list, default=[], metavar="NAME,...", help="sets to leave out")
    parser.add_argument("--mirror", default=None, help="as of clrna-fetch: URL/HOST/PATH in place of https://HOST/PATH")
    parser.add_argument(
        "--limit", type=whole_number(1), default=None, help="most samples of each project, to try it out"
    )
    parser.add_argument("--genes", default=GENES, help="as of clrna-normalize")
    parser.add_argument(
        "--min-class-size", type=whole_number(1), default=LEAST_SAMPLES, help="as of clrna-normalize and clrna-train"
    )
    parser.add_argument("--threads", type=whole_number(1), default=1, help="CPU threads of clrna-train")
    parser.add_argument("--ask", type=Path, nargs="+", default=[], help="cohorts to ask the model about")
    parser.add_argument("--name", default=NAME, help="what the model is called")
    return parser


def read_sets(path: Path, without: list[str]) -> list[dict[str, str]]:
    """Return the rows of the table of sets, or end where it is none or lacks a set that is to be left out."""
    table = pd.read_csv(path, sep="\t", comment="#", dtype=str, keep_default_na=False)
    lacking = [name for name in ("name", "source", "projects", "limit", "by_hand") if name not in table]
    if lacking:
        sys.exit(f"{path}: has no column {', '.join(lacking)}; it needs those of {TABLE.name}")
    unknown = sorted(set(table["source"]) - set(SOURCES)) + sorted(set(without) - set(table["name"]))
    if unknown:
        sys.exit(f"{path}: there is no {', '.join(unknown)}; see clrna-fetch --list, and the names of the table")
    return [{str(name): str(cell) for name, cell in row.items()} for row in table.to_dict("records")]


def is_there(row: Mapping[str, str], folder: Path) -> bool:
    """Return whether a set can be had; one that needs a file of a person's own is left out without it."""
    source = SOURCES[row["source"]]
    needed = folder / "downloads" / source.name / safe_name(source.version) / row["by_hand"]
    if not row["by_hand"] or needed.is_file():
        return True
    print(f"{row['name']} is left out: there is no {needed}, which a person has to export", file=sys.stderr)
    return False


def fetched(row: Mapping[str, str], args: argparse.Namespace) -> Path:
    """Return a set as AnnData, fetched unless it is there as it was asked for."""
    path = args.folder / "fetched" / f"{row['name']}.h5ad"
    path.parent.mkdir(parents=True, exist_ok=True)
    has_projects = SOURCES[row["source"]].has_projects
    limit = args.limit or (int(row["limit"]) if row["limit"] else None)
    projects = row["projects"].split(",") if row["projects"] else None
    asked = {"projects": projects, "limit": limit if has_projects else None}
    if path.is_file() and asked_for(path) == asked:
        print(f"{path} is there", file=sys.stderr)
        return path
    words: list[object] = [row["source"], "-o", path, "--cache", args.folder / "downloads"]
    words += ["--projects", row["projects"]] if projects else []
    words += ["--limit", limit] if asked["limit"] else []
    words += ["--mirror", args.mirror] if args.mirror else []
    run(fetch.main, *words)
    return path


def asked_for(path: Path) -> dict[str, object]:
    """Return which projects of a source, and how many samples of each, a fetched file was asked to hold."""
    parameters = last_record(path)["parameters"]
    return {name: parameters[name] for name in ("projects", "limit")}


def last_record(path: Path) -> dict[str, Any]:
    """Return what a file of AnnData or a model says of the step that made it."""
    if path.suffix == ".safetensors":
        return dict(load_model(path).provenance)
    adata = anndata.read_h5ad(path, backed="r")
    record = read_records(adata)[-1]
    adata.file.close()
    return record


def is_made_of(path: Path, parts: list[Path], **parameters: object) -> bool:
    """Return whether a file is there, newer than its parts, and was made of these in this way."""
    if is_older(path, parts):
        return False
    record = last_record(path)
    same = all(record["parameters"][name] == value for name, value in parameters.items())
    return same and [part["name"] for part in record["inputs"]] == [part.name for part in parts]


def is_older(path: Path, parts: list[Path]) -> bool:
    """Return whether a file is missing, or older than one of the files that it was made from."""
    return not path.is_file() or any(part.stat().st_mtime > path.stat().st_mtime for part in parts)


def sources(rows: list[dict[str, str]], left_out: list[str]) -> str:
    """Return the section of the card on the sets."""
    told = _LICENCES + (f" Left out here: {', '.join(left_out)}." if left_out else "")
    of = [(row, SOURCES[row["source"]]) for row in rows]
    cells = [
        (row["name"], source.title, source.version, row["projects"] or "all", source.licence, source.citation)
        for row, source in of
    ]
    return sources_of_card(told, ("set", "what", "version", "projects", "licence or terms", "cite"), cells)


def categories_of_card(model: Model) -> str:
    """Return the section on which kinds of samples the model holds of each label."""
    transfer = model.transfer
    if transfer is None or transfer.references is None or transfer.references.categories is None:
        return ""
    names = [*model.classes, "(unlabelled)"]
    kinds = pd.Series(transfer.references.categories).replace("", "unknown")
    counts = pd.crosstab(pd.Series([names[label] for label in transfer.labels]), kinds)
    lines = [[label, *row] for label, row in zip(counts.index, counts.to_numpy(), strict=True)]
    rows = [["label", *counts.columns], ["---"] * (1 + counts.shape[1]), *lines]
    return "\n".join(
        [
            "\n## Tumors, models of them and normal tissues\n",
            "The reference samples by their category, which `clrna-match` tells of each match. A label says the "
            "tissue, not the category.\n",
            *("| " + " | ".join(map(str, row)) + " |" for row in rows),
            "",
        ]
    )


if __name__ == "__main__":
    main()
