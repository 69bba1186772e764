"""The ``obsm`` entries of a file: which there are, their values once checked, and what readers call them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from clrna.constants import X_CLRNA, X_COMBAT, X_HARMONY, X_LIMMA, X_PCA, X_STANDARDIZED
from clrna.errors import InputError
from clrna.plural import plural
from clrna.quoted import in_quotes

_NAMES = {
    X_CLRNA: "CLRNA",
    X_COMBAT: "ComBat",
    X_HARMONY: "Harmony",
    X_LIMMA: "removeBatchEffect",
    X_PCA: "PCA",
    X_STANDARDIZED: "Per-study z-scores",
}
_ORDER = (X_CLRNA, X_COMBAT, X_LIMMA, X_STANDARDIZED, X_HARMONY, X_PCA)
# obsm entries that other tools drew: already in the plane, nothing to project.
DRAWINGS = ("X_umap", "X_tsne", "X_draw_graph", "X_spatial")


def embedding_name(key: str) -> str:
    """Return how an ``obsm`` key is called in figures: ``X_combat`` is ComBat."""
    return _NAMES.get(key, key.removeprefix("X_").replace("_", " "))


def reading_order(keys: list[str]) -> list[str]:
    """Sort ``obsm`` keys: CLRNA's models, then ComBat, the other baselines, and what nobody knows by name."""
    ranks = {key: _ORDER.index(key) + 1 if key in _ORDER else len(_ORDER) + 1 for key in keys}
    return sorted(keys, key=lambda key: (0 if key.startswith(X_CLRNA) else ranks[key], key))


def embedding_keys(
    adata: AnnData, wanted: Sequence[str] | None, path: Path, *, leave_out: tuple[str, ...] = ()
) -> list[str]:
    """Return the ``obsm`` keys that were asked for, each once.

    Parameters
    ----------
    adata
        The file.
    wanted
        The keys of ``--embeddings``; None for every one that starts with ``X_``, in the order of the file.
    path
        Its name, for the error.
    leave_out
        How keys start that are taken only when they are asked for.

    Raises
    ------
    InputError
        One of them is not there, or there is none at all; the error lists those that are there.
    """
    there = list(adata.obsm)
    usual = [key for key in there if key.startswith("X_") and not key.startswith(leave_out)]
    keys = usual if wanted is None else list(dict.fromkeys(wanted))
    missing = [key for key in keys if key not in there]
    if missing or not keys:
        what = f"--embeddings {','.join(missing)}: no such" if missing else "there is no"
        raise InputError(
            f"{path}: {what} embedding in obsm, which has {', '.join(there) or 'nothing'}; "
            "clrna-encode and clrna-baseline make them"
        )
    return keys


def embedding_matrix(adata: AnnData, key: str, path: Path) -> NDArray[np.float32]:
    """Return one ``obsm`` entry as a dense array of shape (samples, features).

    Parameters
    ----------
    adata
        The file.
    key
        An ``obsm`` key that is there.
    path
        Its name, for the error.

    Raises
    ------
    InputError
        The entry holds something else than numbers, is no table with a column, or is not finite.
    """
    stored = adata.obsm[key]
    try:
        values = np.asarray(stored.toarray() if sparse.issparse(stored) else stored)
        if np.iscomplexobj(values):  # numpy would drop a part of each
            raise TypeError("complex numbers")
        matrix = values.astype(np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: obsm[{in_quotes(key)}] does not hold numbers; make it anew or remove it") from error
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise InputError(
            f"{path}: obsm[{in_quotes(key)}] has shape {matrix.shape}, samples x features are needed; "
            "make it anew or remove it"
        )
    broken = ~np.isfinite(matrix)
    if broken.any():
        first = adata.obs_names[broken.any(axis=1)][0]
        raise InputError(
            f"{path}: obsm[{in_quotes(key)}] holds {plural(int(broken.sum()), 'value that is', 'values that are')} not "
            f"finite (first in sample {in_quotes(first)}); "
            "make it anew or remove it"
        )
    return matrix
