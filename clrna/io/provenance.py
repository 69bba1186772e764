"""The record that each step leaves in ``uns['clrna']['provenance']``.

An array of JSON texts, oldest first: strings are what every anndata version, Galaxy and R read alike.
A record holds no time and no folder, so the same run on the same files gives the same bytes.
"""

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clrna import __version__
from clrna.constants import CONTRACT_VERSION, UNS, UNS_CONTRACT, UNS_MODELS, UNS_PROVENANCE
from clrna.errors import InputError
from clrna.io.output.together import standing
from clrna.io.unchanged import digest_of, refuse_changed
from clrna.io.user_info import without_user_info
from clrna.quoted import reason_of

if TYPE_CHECKING:
    from anndata import AnnData

_PACKAGES = ("torch", "numpy", "scipy", "pandas", "scikit-learn", "anndata")
# Options that do not change what comes out, and those that only say where it goes.
_NOT_RECORDED = frozenset(
    "config verbose quiet print_config print_completion output output_h5ad history card checkpoint checkpoint_every "
    "resume json mqc gene_report label_report study_report design_report compression".split()
)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal; of an output also where it waits for others.

    Raises
    ------
    InputError
        It is gone, may not be read any more, or was changed since the run began.
    """
    at = standing(path)
    if at.exists() and not at.is_file():  # a pipe in its place would never end
        raise InputError(f"{path}: is no file any more; leave inputs where they are until the run has ended")
    try:
        digest = digest_of(at)
        refuse_changed(path, digest)
    except OSError as error:
        text = f"cannot be read any more ({reason_of(error)}); leave inputs where they are until the run has ended"
        raise InputError(f"{path}: {text}") from error
    return digest


def make_record(
    step: str,
    args: argparse.Namespace | Mapping[str, Any],
    inputs: Iterable[Path],
    *,
    digests: Mapping[Path, str] | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Return the provenance record of one run.

    Parameters
    ----------
    step
        ``normalize``, ``train`` and so on.
    args
        The options, as parsed. Paths are reduced to file names.
    inputs
        Files that were read; their names and SHA-256 are recorded.
    digests
        The SHA-256 of those of them that was computed already.
    facts
        What the step found out and a reader should know, e.g. ``adapt={'GDSC': 'own statistics'}``;
        anything that JSON can hold.
    """
    given = dict(args) if isinstance(args, Mapping) else vars(args)
    known = digests or {}
    return {
        "step": step,
        "clrna": __version__,
        "parameters": {key: _plain(value) for key, value in sorted(given.items()) if key not in _NOT_RECORDED},
        "seed": given.get("seed"),
        "inputs": [{"name": Path(path).name, "sha256": known.get(path) or sha256_of(path)} for path in inputs],
        "versions": {name: _version_of(name) for name in _PACKAGES},
        "facts": _plain(facts),
    }


def read_records(adata: "AnnData") -> list[dict[str, Any]]:
    """Return the provenance records of ``adata``, oldest first; an empty list if it has none."""
    return records_of(adata.uns.get(UNS, {}))


def records_of(own: Any) -> list[dict[str, Any]]:
    """Return the provenance records in what stands under ``uns['clrna']``, oldest first."""
    fault = records_fault(own)
    if fault:
        raise InputError(fault)
    texts = own.get(UNS_PROVENANCE, []) if isinstance(own, Mapping) else []
    return [json.loads(text) for text in np.atleast_1d(np.asarray(texts, dtype=object)).tolist() if text]


def records_fault(own: Any) -> str:
    """Return what is wrong with what stands under ``uns['clrna']``, '' where nothing is.

    It is to be a mapping, each record in it a JSON text of a mapping that says its step and its inputs, and what it
    says of a model a mapping too, whose texts are text.
    """
    if not isinstance(own, Mapping):
        return f"uns['{UNS}'] is {type(own).__name__}, not the mapping that CLRNA writes; remove it from the file"
    try:
        array = np.atleast_1d(np.asarray(own.get(UNS_PROVENANCE, []), dtype=object))
        whole = array.ndim == 1 and all(is_record(json.loads(text)) for text in array.tolist() if text != "")
    except (ValueError, TypeError, RecursionError):
        whole = False
    if not whole:
        return f"uns['{UNS}']['{UNS_PROVENANCE}'] is no list of CLRNA's records; remove it, or make the file anew"
    models = own.get(UNS_MODELS, {})
    are_models = isinstance(models, Mapping) and all(isinstance(model, Mapping) for model in models.values())
    if not are_models or _has_bytes(models):
        return f"uns['{UNS}']['{UNS_MODELS}'] is not the mapping that CLRNA writes; remove it, or make the file anew"
    return ""


def _has_bytes(value: Any) -> bool:
    """Whether bytes stand in a mapping where CLRNA writes text: what they mean nobody says."""
    if isinstance(value, Mapping):
        return any(map(_has_bytes, value.values()))
    return any(isinstance(item, bytes) for item in np.asarray(value, dtype=object).reshape(-1))


def is_record(item: Any) -> bool:
    """Whether ``item`` is a record as :func:`make_record` makes it, with those in it: of its data, and of its start."""
    if not isinstance(item, dict) or not isinstance(item.get("step"), str):
        return False
    facts, inputs = item.get("facts", {}), item.get("inputs", [])
    parts = (inputs, list), (item.get("parameters", {}), dict), (facts, dict)
    if not all(isinstance(part, kind) for part, kind in parts):
        return False
    data, start = facts.get("data", []), facts.get("start", {})
    if not isinstance(data, list) or not _is_start(start):
        return False
    behind = [*data, *([start["made"]] if start.get("made") else [])]
    named = all(isinstance(file, dict) and _has_texts(file, "name", "sha256") for file in inputs)
    return named and isinstance(facts.get("embeddings", []), list | dict) and all(map(is_record, behind))


def _is_start(start: Any) -> bool:
    if not isinstance(start, dict):
        return False
    studies = start.get("studies")
    if not start or not isinstance(studies, list):
        return not start
    return _has_texts(start, "name", "sha256") and all(isinstance(study, str) for study in studies)


def _has_texts(mapping: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(mapping.get(name), str) for name in names)


def add_record(adata: "AnnData", record: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Append ``record`` to the chain in ``adata.uns``, in place.

    Parameters
    ----------
    adata
        The file about to be written; other entries of ``uns['clrna']`` are kept.
    record
        From :func:`make_record`.
    earlier
        The records that come before it, where they are not those that ``adata`` itself holds, e.g.
        of several merged files. A record that stands there twice is kept once.
    """
    chain = read_records(adata) if earlier is None else list(earlier)
    adata.uns[UNS] = with_records(dict(adata.uns.get(UNS, {})), [*chain, record])


def with_records(own: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what stands under ``uns['clrna']`` with ``records`` as its whole chain, each kept once."""
    texts = [json.dumps(item, sort_keys=True) for item in records]
    return {**own, UNS_PROVENANCE: np.array(list(dict.fromkeys(texts)), dtype=object), UNS_CONTRACT: CONTRACT_VERSION}


def _version_of(package: str) -> str:
    try:
        told = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return "not installed"
    # To parse all of it, with a description of many pages, takes 10 ms a package.
    headers = (told.read_text("METADATA") or "").split("\n\n", 1)[0]
    version = re.search(r"^Version: *(\S+)", headers, re.MULTILINE)
    return version[1] if version else told.version


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON can hold it, paths as file names."""
    if isinstance(value, Path):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str):
        return without_user_info(value)
    return value
