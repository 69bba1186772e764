"""Read what researchers hold into AnnData."""

import os
from pathlib import Path
from typing import Any

import anndata
import pandas as pd
from anndata import AnnData

from clrna.api.parameters import check_choice, check_path
from clrna.api.python_words import speaks_python
from clrna.constants import STUDY
from clrna.errors import UsageError
from clrna.normalize.read_sources import read_sources
from clrna.normalize.settings import NormalizeSettings


@speaks_python
def read(
    path: str | os.PathLike[str],
    *,
    study: str | None = None,
    metadata: str | os.PathLike[str] | None = None,
    sample_column: str | None = None,
    orientation: str = "auto",
    layer: str | None = None,
    gene_map: str | os.PathLike[str] | None = None,
    unit: str | None = None,
) -> AnnData:
    """Read an expression file of any kind into AnnData.

    Parameters
    ----------
    path
        ``.h5ad``, a matrix of text (tab, comma or semicolon; plain, gzip or zstd), parquet, GCT, a GEO series matrix,
        the file of a quantifier, or a folder of these, one a sample.
    study
        Name of the study; by default the study column, else the file's name.
    metadata
        File with a table of what is known of the samples, joined on their names.
    sample_column
        Column of ``metadata`` that holds the sample name; by default its first.
    orientation
        ``'auto'``, ``'samples-in-rows'`` or ``'samples-in-columns'``, which turns AnnData with genes in ``obs`` too.
    layer
        Layer of an ``.h5ad`` to read in place of ``X``.
    gene_map
        Table with the genes of a matrix's probes or transcripts.
    unit
        What to take from a file that holds several units of one sample, such as ``'tpm'``.

    Returns
    -------
    Samples x genes, ``X`` dense float32 as it stands in the file, identifiers as they stand there, and in
    ``obs['study']`` the study. :func:`clrna.pp.normalize` brings units, genes and labels to one form.

    Raises
    ------
    clrna.errors.InputError
        The file is missing, damaged, or no expression matrix.
    clrna.errors.UsageError
        A parameter has a value that makes no sense.

    Examples
    --------
    >>> clrna.read("counts.tsv", study="MINE")
    AnnData object with n_obs × n_vars = 36 × 300
        obs: 'study'
    """
    check_path("path", path)
    if isinstance(metadata, pd.DataFrame):
        raise UsageError("metadata: is a DataFrame, not the path of a file; use adata.obs = adata.obs.join(metadata)")
    if metadata is not None:
        check_path("metadata", metadata)
    check_choice("orientation", orientation, ("auto", "samples-in-rows", "samples-in-columns"))
    settings: dict[str, Any] = {"sample_column": sample_column, "orientation": orientation, "layer": layer}
    settings |= {"studies": (study,) if study else (), "metadata": (Path(metadata),) if metadata else ()}
    settings |= {"gene_map": Path(gene_map) if gene_map else None, "input_scale": (unit or "auto",)}
    parts = []
    for source in read_sources([Path(path)], NormalizeSettings(**settings)):
        source.adata.obs[STUDY] = source.study
        parts.append(source.adata)
    return parts[0] if len(parts) == 1 else anndata.concat(parts, join="outer", merge="same")
