"""Layers of expression scored beside embeddings: their principal components take part as one."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from clrna.baselines.principal_components import pca
from clrna.errors import InputError, UsageError
from clrna.io.hdf5.h5ad import matrix_of
from clrna.io.plausible import LARGEST, fault_beyond
from clrna.quoted import in_quotes, listed

logger = logging.getLogger("clrna")

N_COMPS = 50
_PREFIX = "X_"


def embedding_of_layer(name: str) -> str:
    """Return the ``obsm`` key that the components of a layer are scored under."""
    return _PREFIX + name


def layer_components(adata: AnnData, layers: Sequence[str], path: Path, seed: int) -> dict[str, NDArray[np.float32]]:
    """Return the components of layers by the ``obsm`` key that they are scored under.

    Parameters
    ----------
    adata, path
        The samples, and how errors call them.
    layers
        Names of layers. Genes that have no value in some sample are left out of a layer.
    seed
        Of the axes.

    Raises
    ------
    InputError
        A layer is not there, holds a value beyond what any expression data hold, or no gene of it has a value in all
        samples.
    UsageError
        An embedding has the name already.
    """
    found = {}
    for name in dict.fromkeys(layers):
        key = embedding_of_layer(name)
        if name not in adata.layers:
            raise InputError(
                f"{path}: has no layer {in_quotes(name)}; there are {listed(list(adata.layers), 20) or 'none'}"
            )
        if key in adata.obsm:
            raise UsageError(
                f"--layers {name}: the embedding {key} is there already, and would be scored under that name"
            )
        values = matrix_of(adata, name, path)
        fault = fault_beyond(values, LARGEST, adata.var_names, adata.obs_names)
        if fault:
            raise InputError(f"{path}: layer {in_quotes(name)}: {fault}")
        there = np.isfinite(values).all(axis=0)
        if there.sum() < 2:
            raise InputError(f"{path}: in layer {in_quotes(name)} {there.sum()} genes have a value in all samples")
        if not there.all():
            logger.info("layer %s: %d of %d genes lack values and are left out", name, (~there).sum(), len(there))
        found[key] = pca(values[:, there], N_COMPS, seed)
    return found
