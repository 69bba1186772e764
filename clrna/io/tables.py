"""Read one expression file of any kind into AnnData: samples in rows, genes in columns."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clrna.errors import InputError, UsageError
from clrna.io.gene_map import GeneMap, refuse_probes
from clrna.io.hdf5.h5ad import is_h5ad, matrix_of, read_h5ad
from clrna.io.matrix.cuffdiff import of_conditions
from clrna.io.matrix.gene_pairs import refuse_gene_pairs
from clrna.io.matrix.gene_sets import refuse_gene_set_file, refuse_gene_set_scores
from clrna.io.matrix.long_table import of_long_table
from clrna.io.matrix.orientation import orient, turned
from clrna.io.matrix.parquet_matrix import is_parquet, read_parquet_matrix
from clrna.io.matrix.proteins import (
    refuse_antibodies,
    refuse_antibody_names,
    refuse_phosphosites,
    refuse_proteins,
)
from clrna.io.matrix.quantification import as_one_sample
from clrna.io.matrix.signal_columns import signals_alone
from clrna.io.matrix.text_matrix import read_text_matrix
from clrna.io.matrix.unit_columns import of_one_unit, without_unit
from clrna.io.plausible import LARGEST, fault_beyond
from clrna.plural import plural
from clrna.quoted import listed

if TYPE_CHECKING:
    from anndata import AnnData

logger = logging.getLogger("clrna")


def read_expression(
    path: Path,
    *,
    orientation: str = "auto",
    layer: str | None = None,
    quantity: str | None = None,
    gene_map: GeneMap | None = None,
) -> "AnnData":
    """Read an expression file.

    Parameters
    ----------
    path
        ``.h5ad``, parquet, GCT, or a table of text separated by tab, comma, semicolon or |, plain or
        compressed with gzip or zstd. The content decides, not the name.
    orientation
        How a table lies: ``samples-in-rows``, ``samples-in-columns``, or ``auto``, which looks where
        gene identifiers stand. AnnData with genes in ``obs`` is refused, or turned with ``samples-in-columns``.
    layer
        Layer of an h5ad file to take for ``X``.
    quantity
        Unit to take from a file that holds several of one sample (GDC, RSEM).
    gene_map
        Genes of a table's probes or transcripts.

    Returns
    -------
    ``X`` dense float32. Of a table, ``var_names`` are the identifiers as they stand there and other
    columns of text are in ``obs`` or ``var``.

    Raises
    ------
    InputError
        The file is missing, empty, damaged, cut short or no expression matrix, has no gene identifiers
        on either side, or a sample's name twice.
    UsageError
        ``layer`` is given for a file that has none.
    """
    if is_h5ad(path):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*names are not unique.*")
            adata = read_h5ad(path)
        return as_expression(adata, layer, path, orientation)
    if layer is not None:
        raise UsageError(f"--layer {layer}: {path} is a table, which has no layers; leave the option out")
    parquet = is_parquet(path)
    if not parquet:
        refuse_gene_set_file(path)
    table = read_parquet_matrix(path) if parquet else read_text_matrix(path)
    if table.values.size == 0:
        raise InputError(f"{path}: has a header but no lines below it")
    table = of_conditions(table, quantity)
    refuse_proteins(table)
    table = of_long_table(table)
    refuse_gene_pairs(table)
    refuse_antibodies(table)
    refuse_gene_set_scores(table)
    table = signals_alone(of_one_unit(as_one_sample(table, quantity), quantity))
    if gene_map is None:
        refuse_probes(table)
    adata = orient(table if gene_map is None else gene_map.apply(table), orientation)
    without_unit(adata, table)
    return _checked(adata, path)


def as_expression(adata: "AnnData", layer: str | None, path: Path, orientation: str = "auto") -> "AnnData":
    """Return ``adata`` as :func:`read_expression` gives a file: ``X``, or the layer, dense float32 and checked.

    It is changed in place, unless it is turned. Errors call it ``path``.
    """
    if layer is None:
        _tell_raw(adata, path)
    adata.X = matrix_of(adata, layer, path)
    adata = turned(adata, orientation, path)
    refuse_antibody_names(adata.var_names.tolist(), path)
    return _checked(adata, path)


def _tell_raw(adata: "AnnData", path: Path) -> None:
    """Warn where ``raw`` holds more than ``X``, in which scanpy and Seurat leave few genes, or standardized ones."""
    if adata.raw is None or adata.X is None:
        return
    standardized = adata.X.min() < 0 <= adata.raw.X.min()
    if standardized or adata.raw.n_vars > adata.n_vars:
        logger.warning(
            "%s: X is read (%d genes%s), and raw is not (%d genes); to have that, write adata.raw.to_adata() as h5ad",
            path, adata.n_vars, ", some values below 0" if standardized else "", adata.raw.n_vars,
        )  # fmt: skip


def _checked(adata: "AnnData", path: Path) -> "AnnData":
    _refuse_double_samples(adata.obs_names, path)
    refuse_phosphosites(adata.var_names.tolist(), path)
    _refuse_implausible(adata, path)
    return adata


def _refuse_implausible(adata: "AnnData", path: Path) -> None:
    fault = fault_beyond(adata.X, LARGEST, adata.var_names, adata.obs_names)
    if fault:
        raise InputError(f"{path}: {fault}")


def _refuse_double_samples(names: pd.Index, path: Path) -> None:
    if not names.is_unique:
        double = names[names.duplicated()].unique()
        what = plural(len(double), "sample name stands", "sample names stand")
        raise InputError(f"{path}: {what} twice ({listed(double, marks=True)}); give each sample its own name")
