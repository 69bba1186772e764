"""Projections that a file keeps, so that another picture of the same samples need not compute them again."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from clrna import __version__
from clrna.constants import UNS, UNS_PROJECTIONS
from clrna.errors import InputError
from clrna.plot.projections import NAMES, Projection, axes_of, projected_at_once
from clrna.quoted import in_quotes
from clrna.results.samples import DrawnSamples

# PCA takes no time, and ``X_pca`` is the name of an embedding.
_KEPT = tuple(name for name in NAMES if name != "pca")


def drawing_key(name: str, key: str) -> str:
    """Return the ``obsm`` key of a projection: ``X_umap_clrna`` of ``X_clrna``, for scanpy ``umap_clrna``."""
    return f"X_{name}_{key.removeprefix('X_')}"


class KeptProjections:
    """Those that a file came with, each good for the very values that it was computed from.

    Parameters
    ----------
    samples
        Of the file, and which of them are drawn.
    """

    def __init__(self, samples: DrawnSamples) -> None:
        self._found: dict[str, Projection] = {}
        for key, record in _records(samples.adata).items():
            projection = _read(samples.adata.obsm.get(key), record, samples.shown)
            if projection is not None:
                self._found[str(record["fingerprint"])] = projection

    def of(self, values: NDArray[np.float64], name: str, seed: int) -> Projection | None:
        """Return the projection ``name`` of ``values``; None where it is not there.

        Parameters
        ----------
        values
            As :func:`clrna.plot.projections.projected_at_once` returns them, shape (samples, features).
        name, seed
            As for :func:`clrna.plot.projections.project`.
        """
        if not self._found or name not in _KEPT:  # nothing that could be there: the values need not be gone over
            return None
        found = self._found.get(_fingerprint(values, name, seed))
        if found is None or len(found.coordinates) + len(found.reference) != len(values):
            return None
        return found


def refuse_foreign(adata: AnnData, keys: Iterable[str], names: Iterable[str], path: Path) -> None:
    """Raise InputError where an entry that would be written is there and is not clrna-plot's."""
    own = _records(adata)
    kept = [name for name in names if name in _KEPT]
    for key in (drawing_key(name, key) for key in keys for name in kept):
        if key in adata.obsm and key not in own:
            raise InputError(
                f"{path}: has obsm[{in_quotes(key)}], which clrna-plot did not write; rename it, or leave "
                "--output-h5ad out"
            )


def keep(
    samples: DrawnSamples,
    projections: Mapping[str, Mapping[str, Projection]],
    embeddings: Mapping[str, NDArray],
    reference: Mapping[str, NDArray] | None,
    seed: int,
) -> None:
    """Put projections into ``obsm`` and ``uns`` of the samples' AnnData.

    Parameters
    ----------
    samples
        Those that are not drawn get NaN.
    projections, embeddings, reference, seed
        What :func:`clrna.plot.projections.project_all` returned, and what it was given.
    """
    adata = samples.adata
    records = _records(adata)
    for key, found in projections.items():
        values = projected_at_once(embeddings[key], (reference or {}).get(key))
        for name, projection in found.items():
            if name not in _KEPT or projection.note:
                continue
            coordinates = np.full((adata.n_obs, 2), np.nan, dtype=np.float32)
            coordinates[samples.shown] = projection.coordinates
            adata.obsm[drawing_key(name, key)] = coordinates
            records[drawing_key(name, key)] = {
                "projection": name,
                "fingerprint": _fingerprint(values, name, seed),
                "reference": projection.reference,
            }
    adata.uns[UNS] = {**adata.uns.get(UNS, {}), UNS_PROJECTIONS: records}


def _fingerprint(values: NDArray[np.float64], name: str, seed: int) -> str:
    """Return what changes with all that a projection depends on, this version of the program included."""
    told = hashlib.sha256(f"{__version__} {name} {seed} {values.shape}".encode())
    told.update(np.ascontiguousarray(values).data)
    return told.hexdigest()


def _records(adata: AnnData) -> dict[str, Mapping[str, Any]]:
    own = adata.uns.get(UNS)
    found = own.get(UNS_PROJECTIONS) if isinstance(own, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    return {str(key): record for key, record in found.items() if isinstance(record, Mapping)}


def _read(coordinates: Any, record: Mapping[str, Any], shown: NDArray[np.intp]) -> Projection | None:
    """Return a projection as it was kept; None where anything is not as :func:`keep` makes it."""
    name, reference = record.get("projection"), record.get("reference")
    if name not in _KEPT or not isinstance(record.get("fingerprint"), str):
        return None
    for points in (coordinates, reference):
        if not isinstance(points, np.ndarray) or points.dtype.kind != "f" or points.shape[1:] != (2,):
            return None
    drawn = np.asarray(coordinates[shown], dtype=np.float32)
    behind = np.asarray(reference, dtype=np.float32)
    if not (np.isfinite(drawn).all() and np.isfinite(behind).all()):
        return None
    return Projection(drawn, axes_of(name), reference=behind)
