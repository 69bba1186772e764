"""Write one model's results into an open ``.h5ad``."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from clrna.constants import UNS, UNS_MODELS, X_CLRNA
from clrna.encode import elements
from clrna.encode.alignment import GeneAlignment
from clrna.encode.encoded_block import EncodedBlock
from clrna.encode.names import ResultNames
from clrna.errors import InputError, UsageError
from clrna.io.provenance import records_fault, records_of
from clrna.quoted import reason_of

# The steps that write X_clrna and its columns.
_WRITERS = ("encode", "train")


@dataclasses.dataclass
class SampleResults:
    """What is written to ``obs``, shape (samples,) each."""

    label: np.ndarray
    confidence: np.ndarray
    second: np.ndarray
    margin: np.ndarray
    uncertain: np.ndarray
    distance: np.ndarray
    unlike_training: np.ndarray

    @classmethod
    def empty(cls, n_samples: int) -> "SampleResults":
        """Return room for the results of ``n_samples`` samples."""
        return cls(
            label=np.full(n_samples, -1),
            confidence=np.full(n_samples, np.nan, dtype=np.float32),
            second=np.full(n_samples, -1),
            margin=np.full(n_samples, np.nan, dtype=np.float32),
            uncertain=np.zeros(n_samples, dtype=bool),
            distance=np.full(n_samples, np.nan, dtype=np.float32),
            unlike_training=np.zeros(n_samples, dtype=bool),
        )

    def take(self, block: EncodedBlock) -> None:
        """Take the results of some samples over."""
        for field in dataclasses.fields(self):
            getattr(self, field.name)[block.rows] = getattr(block, field.name)


def check_free(file: h5py.File, names: ResultNames) -> None:
    """Raise UsageError where results would replace what CLRNA did not write.

    CLRNA wrote them where a model stands under their key; those of ``X_clrna`` also where the file's provenance has
    a step that writes them.
    """
    refuse_taken(names, [where for where in wanted_places(names) if where in file], read_own_uns(file))


def layers_of(file: h5py.File) -> list[str]:
    """Return the names of a file's layers."""
    return list(file["layers"]) if isinstance(file.get("layers"), h5py.Group) else []


def wanted_places(names: ResultNames) -> list[str]:
    """Return where results of these names stand in a file."""
    return [f"obsm/{names.codes}", *(f"obs/{name}" for name in names.columns.values())]


def refuse_taken(names: ResultNames, taken: Sequence[str], own: Mapping[str, Any]) -> None:
    """Raise UsageError where the places in ``taken`` hold what CLRNA, by its ``uns['clrna']``, did not write."""
    if names.codes in own.get(UNS_MODELS, {}):
        return
    if names.codes == X_CLRNA and any(record.get("step") in _WRITERS for record in records_of(own)):
        return
    if taken:
        raise UsageError(
            f"--key-added {names.codes}: the file already has {', '.join(taken)}, which CLRNA did not write; write "
            "another name"
        )


def write_matrices(
    file: h5py.File,
    names: ResultNames,
    blocks: Iterable[EncodedBlock],
    latent_dim: int,
    alignment: GeneAlignment,
    n_samples: int,
    *,
    reconstruct: bool,
    corrected_layer: str | None,
) -> SampleResults:
    """Write codes and, if asked for, reconstruction and corrected expression, as the blocks come; return the rest."""
    results = SampleResults.empty(n_samples)
    codes = elements.new_matrix(file, f"obsm/{names.codes}", (n_samples, latent_dim))
    layer = corrected = None
    shape = (n_samples, len(alignment.symbols))
    if reconstruct:
        layer = elements.new_matrix(file, f"layers/{names.reconstruction}", shape)
    if corrected_layer is not None:
        corrected = elements.new_matrix(file, f"layers/{corrected_layer}", shape)
    for block in blocks:
        codes[block.rows] = block.features
        if layer is not None and block.reconstruction is not None:
            layer[block.rows] = alignment.scatter(block.reconstruction)
        if corrected is not None and block.corrected is not None:
            corrected[block.rows] = alignment.scatter(block.corrected)
        results.take(block)
    return results


def write_columns(
    file: h5py.File, names: ResultNames, results: SampleResults, classes: list[str], seen: np.ndarray
) -> None:
    """Write label, confidence, distance, flag and what the model has seen to ``obs``."""
    elements.add_columns(file["obs"], columns_of(names, results, classes, seen))


def columns_of(
    names: ResultNames, results: SampleResults, classes: list[str], seen: np.ndarray
) -> dict[str, np.ndarray | pd.Categorical]:
    """Return the ``obs`` columns that a model's results make, in their order."""
    columns: dict[str, np.ndarray | pd.Categorical] = {
        names.unlike_training: results.unlike_training,
        names.distance: results.distance,
        names.seen: pd.Categorical(seen),
    }
    if classes:
        columns = {
            names.label: _category(classes, results.label),
            names.confidence: results.confidence,
            names.second: _category(classes, results.second),
            names.margin: results.margin,
            names.uncertain: results.uncertain,
            **columns,
        }
    return columns


def _category(classes: list[str], numbers: np.ndarray) -> pd.Categorical:
    """Return classes by number, those that occur as categories; missing where the number is -1."""
    there = sorted({classes[number] for number in np.unique(numbers) if number >= 0})
    names = np.array([*classes, None], dtype=object)[numbers]
    return pd.Categorical(names, categories=there)


def check_own_uns(file: h5py.File, path: Path) -> None:
    """Raise InputError where ``uns['clrna']`` of an input is not what CLRNA writes there."""
    where = f"uns/{UNS}"
    try:
        own = elements.read_elem(file[where]) if where in file else {}
    except Exception as error:  # anndata raises what h5py, pandas or its own registry happens to raise
        raise InputError(f"{path}: uns['{UNS}'] cannot be read ({reason_of(error)}); remove it") from error
    fault = records_fault(own)
    if fault:
        raise InputError(f"{path}: {fault}")


def write_own_uns(file: h5py.File, own: Mapping[str, Any]) -> None:
    """Write ``uns['clrna']``, leaving every other entry of ``uns`` alone."""
    if "uns" not in file:
        elements.write_elem(file, "uns", {})
    elements.replace(file["uns"], UNS, dict(own))


def read_own_uns(file: h5py.File) -> dict[str, Any]:
    """Return ``uns['clrna']``, empty where there is none."""
    where = f"uns/{UNS}"
    own = elements.read_elem(file[where]) if where in file else {}
    return dict(own) if isinstance(own, Mapping) else {}
