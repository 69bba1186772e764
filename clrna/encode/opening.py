"""Open an ``.h5ad`` for encoding: its matrix, genes, studies, donors and units, matched with the model's."""

import dataclasses
import logging
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from clrna.constants import DONOR, SCALE, STUDY, UNLABELLED
from clrna.encode import elements
from clrna.encode.alignment import GeneAlignment, align_genes, check_coverage
from clrna.encode.conversion import Conversion
from clrna.encode.matrix import Matrix, open_matrix
from clrna.encode.normal_tissue import warn_of_normals
from clrna.encode.options import EncodeOptions
from clrna.encode.plan import StudyPlan, plan_studies
from clrna.encode.source import DiskSource
from clrna.encode.units import conversions_of_studies
from clrna.errors import InputError
from clrna.io.contract import named_columns, require_obs_columns, study_column, text_column
from clrna.io.hdf5.anndata_errors import element_of, why_not_read
from clrna.io.hdf5.element_shapes import misfit
from clrna.io.hdf5.frame_check import check_frame
from clrna.io.hdf5.measured import measured_by_study
from clrna.io.matrix.gene_names import column_of_genes, names_in
from clrna.io.matrix.orientation import refuse_transposed
from clrna.io.matrix.own_lengths import own_lengths
from clrna.model.model import Model
from clrna.quoted import in_quotes

logger = logging.getLogger("clrna")

# Share of its genes that a model needs which takes missing ones for their training mean.
_LEAST_COVERAGE = 0.8
# With so many of the model's genes in var, these are not the samples; looking names up takes longer than one sample.
_MATCHED = 0.5


@dataclasses.dataclass(frozen=True)
class OpenInput:
    """An input that fits the model.

    Attributes
    ----------
    matrix
        The expression values on disk.
    sample_names, studies, donors
        Text, shape (samples,) each, '' where unknown.
    alignment
        Which columns hold the model's genes.
    plan
        How each study is standardized.
    conversions
        How the values of each study become the model's.
    """

    matrix: Matrix
    sample_names: np.ndarray
    studies: np.ndarray
    donors: np.ndarray
    alignment: GeneAlignment
    plan: StudyPlan
    conversions: list[Conversion]

    def source(self, chunk_size: int) -> DiskSource:
        """Return the samples in the model's genes and units, to be read in blocks."""
        return DiskSource(self.matrix, self.alignment, self.plan, self.conversions, self.sample_names, chunk_size)


def open_input(file: h5py.File, path: Path, model: Model, options: EncodeOptions, scratch: Path) -> OpenInput:
    """Match an open file with a model.

    Parameters
    ----------
    file, path
        The open file and its name.
    model
        The model that is to encode it.
    options
        How.
    scratch
        Folder for temporary files.

    Raises
    ------
    InputError
        The file is damaged, lacks too many of the model's genes, or is in another unit.
    """
    obs, var = _frame(file, "obs", path), _frame(file, "var", path)
    fault = misfit(file, len(obs), len(var))
    if fault:
        raise InputError(f"{path}: {fault}")
    return match_input(obs, var, open_matrix(file, options.layer, scratch), path, model, options)


def _aligned(var: pd.DataFrame, path: Path, model: Model, options: EncodeOptions) -> tuple[list[str], GeneAlignment]:
    """Return the genes' names, of a column where their own are row numbers or probes, and where the model's are."""
    genes = [str(name) for name in var.index]
    alignment = align_genes(genes, model.genes, options.gene_id)
    column = column_of_genes(var) if alignment.coverage < _MATCHED else None
    if column is None:
        return genes, alignment
    others = names_in(var[column])
    better = align_genes(others, model.genes, options.gene_id)
    if better.coverage <= alignment.coverage:
        return genes, alignment
    logger.info("%s: genes are named by column %s of var", path, in_quotes(column))
    return others, better


def match_input(
    obs: pd.DataFrame, var: pd.DataFrame, matrix: Matrix, path: Path, model: Model, options: EncodeOptions
) -> OpenInput:
    """Match samples, wherever they lie, with a model.

    Parameters
    ----------
    obs, var
        What is known of the samples and of the genes.
    matrix
        Their expression.
    path
        How errors call the input; its stem is the study where no column names one.
    model, options
        As for :func:`open_input`.

    Raises
    ------
    InputError
        The input lacks too many of the model's genes, or is in another unit.
    """
    if matrix.shape != (len(obs), len(var)):
        raise InputError(f"{path}: X has {matrix.shape} values, obs and var {(len(obs), len(var))}; make the file anew")
    if 0 in matrix.shape:
        raise InputError(f"{path}: holds {len(obs)} samples x {len(var)} genes, nothing to work on")
    require_obs_columns(obs, named_columns((options.study_key, STUDY), (options.donor_key, DONOR)), path)
    if not obs.index.is_unique:
        logger.warning("%s: sample names are not unique, other steps will refuse the file", path)
    genes, alignment = _aligned(var, path, model, options)
    if alignment.coverage < _MATCHED:
        refuse_transposed([str(name) for name in obs.index], genes, path)
    least = options.min_coverage
    if least is None:
        least = 0.0 if model.settings.places_samples else _LEAST_COVERAGE
    check_coverage(alignment, genes, least, path)
    studies = _studies(obs, options.study_key, path)
    plan = plan_studies(studies, model.settings.standardize, options.adapt, options.adapt_min_samples)
    declared = text_column(obs[SCALE]) if SCALE in obs else None
    conversions = conversions_of_studies(
        matrix,
        alignment.symbols,
        plan,
        declared,
        options.input_scale,
        model.scales,
        path,
        any_unit=model.settings.places_samples,
        measured=measured_by_study(var, path),
        lengths=lambda: own_lengths(var, lambda: alignment.symbols, str(path)),
    )
    warn_of_normals(obs, model, path)
    donors = text_column(obs[options.donor_key]) if options.donor_key in obs else np.full(len(obs), UNLABELLED, object)
    return OpenInput(matrix, obs.index.to_numpy(dtype=object), studies, donors, alignment, plan, conversions)


def _frame(file: h5py.File, name: str, path: Path) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # anndata's about files of its older versions, which are read well
            frame: Any = elements.read_elem(file[name])
    except Exception as error:  # anndata raises what h5py, pandas or its own registry happens to raise
        raise InputError(f"{path}: {element_of(error) or name} {why_not_read(error)}") from error
    if isinstance(frame, pd.DataFrame):
        check_frame(frame, name, path)
    else:
        raise InputError(f"{path}: was written by anndata before 0.7; read and write it once with a newer one")
    return frame


def _studies(obs: pd.DataFrame, study_key: str, path: Path) -> np.ndarray:
    if study_key in obs:
        return study_column(obs, study_key, path)
    logger.warning(
        "%s: obs has no column %r; all samples are taken as one study, %s (name the column with --study-key)",
        path, study_key, path.stem,
    )  # fmt: skip
    return np.full(len(obs), path.stem, dtype=object)
