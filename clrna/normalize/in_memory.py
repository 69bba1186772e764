"""Studies that are in memory, as the files of ``clrna-normalize`` are once they are read."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from anndata import AnnData

from clrna.constants import UNS
from clrna.errors import InputError
from clrna.io.hdf5.frame_check import check_frame
from clrna.io.provenance import records_fault
from clrna.io.tables import as_expression
from clrna.normalize.input_file import InputFile, obeys_contract
from clrna.normalize.read_sources import describe_sources
from clrna.normalize.settings import NormalizeSettings


def sources_in_memory(
    adatas: Mapping[Path, AnnData], named: Mapping[Path, str], settings: NormalizeSettings
) -> list[InputFile]:
    """Return copies of AnnData as :func:`clrna.normalize.read_sources.read_sources` returns files.

    Parameters
    ----------
    adatas
        By the name under which errors tell of each.
    named
        Study of those whose study is named for all their samples.
    settings
        The options of the run.

    Raises
    ------
    InputError
        One has no values, or none of expression, or a named column is missing.
    """
    sources = []
    for path, given in adatas.items():
        if 0 in given.shape:
            raise InputError(f"{path}: holds {given.n_obs} samples x {given.n_vars} genes, nothing to work on")
        fault = records_fault(given.uns.get(UNS, {}))
        if fault:
            raise InputError(f"{path}: {fault}")
        adata = as_expression(_own_copy(given), settings.layer, path)
        sources.append(InputFile(path, adata, normalized=obeys_contract(adata), named=named.get(path, "")))
    describe_sources(sources, settings)
    return sources


def _own_copy(given: AnnData) -> AnnData:
    """Return a copy in memory: the values are worked on in place."""
    adata = given.to_memory() if given.isbacked else given.copy()
    for name, frame in (("obs", adata.obs), ("var", adata.var)):
        check_frame(frame, name, Path("adata"))
    adata.obs_names, adata.var_names = (
        index.astype(str).to_numpy(dtype=object) for index in (adata.obs_names, adata.var_names)
    )
    if isinstance(adata.X, np.ndarray) and not adata.X.flags.c_contiguous:
        adata.X = np.ascontiguousarray(adata.X)
    return adata
