"""The provenance chain as a reader follows it: which step, from which files, by which options."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clrna.io.provenance import sha256_of
from clrna.plural import enumerated

_WHAT = {
    "fetch": "Brought the data or the model here and checked it.",
    "normalize": "Brought values to stated units, genes to HGNC symbols, labels to one vocabulary; split by donor.",
    "train": "Learned the model from the training samples; how is said under Training.",
    "encode": "Encoded the samples with the model, and predicted their labels.",
    "baseline": "Computed the embeddings to compare with.",
    "score": "Scored all embeddings side by side.",
    "match": "Found the reference samples that each sample is most like.",
    "explain": "Listed the genes for and against each label.",
    "plot": "Drew this report.",
}
_SHORT_HASH = 12
# Facts: what made the training data is in the chain, what was read has a table of its own.
_SHOWN_ELSEWHERE = ("data", "found")
# Parameters: shown with every step already, or of no interest to a reader of results.
_NOT_SHOWN = frozenset(("seed", "threads", "input", "device"))


@dataclass(frozen=True)
class File:
    """A file that a step read."""

    name: str
    sha256: str
    short: str


@dataclass(frozen=True)
class Step:
    """One run of one executable."""

    number: int
    name: str
    what: str
    version: str
    seed: str
    files: list[File]
    parameters: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    versions: list[tuple[str, str]]


def steps(records: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Turn provenance records, oldest first, into what the report shows of them."""
    return [_step(number, record) for number, record in enumerate(_without_extracts(records), start=1)]


def with_table_step(records: Sequence[Mapping[str, Any]], step: str, tables: Sequence[Path]) -> list[Mapping[str, Any]]:
    """Return the chain with a step for tables, which cannot carry a record of their own.

    Parameters
    ----------
    records
        The chain so far, oldest first; returned as it is where it has the step, or there is no table.
    step
        ``score``, ``match`` or ``explain``.
    tables
        What it wrote.
    """
    if not tables or any(record.get("step") == step for record in records):
        return list(records)
    more = "; files that clrna-score --output-h5ad writes do" if step == "score" else ""
    facts = {
        "wrote": "; ".join(f"{table.name}, SHA-256 {sha256_of(table)}" for table in tables),
        "options": f"a table does not record them{more}",
    }
    return [*records, {"step": step, "facts": facts}]


def _without_extracts(records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out records that only repeat a part of another: a model keeps such an extract of what made its data."""

    def is_extract(record: Mapping[str, Any]) -> bool:
        return any(record.items() <= other.items() for other in map(_comparable, records) if len(other) > len(record))

    return [record for record in records if not is_extract(_comparable(record))]


def _comparable(record: Mapping[str, Any]) -> dict[str, str]:
    return {key: json.dumps(value, sort_keys=True) for key, value in record.items()}


def _step(number: int, record: Mapping[str, Any]) -> Step:
    name = str(record.get("step", "unknown step"))
    seed = record.get("seed")
    facts = {key: value for key, value in _mapping(record, "facts").items() if key not in _SHOWN_ELSEWHERE}
    parameters = {key: value for key, value in _mapping(record, "parameters").items() if key not in _NOT_SHOWN}
    return Step(
        number=number,
        name=name,
        what=_WHAT.get(name, ""),
        version=str(record.get("clrna", "")),
        seed="" if seed is None else str(seed),
        files=[_file(item) for item in record.get("inputs") or [] if isinstance(item, Mapping)],
        parameters=[
            (f"--{key.replace('_', '-')}", _text(value)) for key, value in parameters.items() if _is_set(value)
        ],
        facts=[pair for key, value in facts.items() for pair in _pairs(key, value)],
        versions=[(key, _text(value)) for key, value in _mapping(record, "versions").items()],
    )


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """Return a fact as rows, one for each entry of a mapping within it."""
    label = name.replace("_", " ")
    if isinstance(value, Mapping) and value:
        return [(f"{label}, {key}", _text(item)) for key, item in value.items()]
    return [(label, _text(value))]


def _mapping(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}


def _file(item: Mapping[str, Any]) -> File:
    digest = str(item.get("sha256", ""))
    return File(str(item.get("name", "")), digest, digest[:_SHORT_HASH])


def _is_set(value: Any) -> bool:
    return value is not None and value is not False and value != []


def _text(value: Any) -> str:
    """Return a value as one line: lists by their elements, mappings as ``key: value``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        text = "; ".join(f"{key}: {_text(item)}" for key, item in value.items()) or "none"
    elif isinstance(value, list | tuple):
        text = enumerated([_text(item) for item in value], at_most=12)
    elif isinstance(value, float):
        text = f"{value:.6g}"
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text
