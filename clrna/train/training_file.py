"""The file that a model is trained on, read and given back: the edge between AnnData and arrays."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import ENSEMBL_ID, ENTREZ_ID, SAMPLE_CATEGORY, SCALE, SEEN, SEEN_SAMPLE
from clrna.encode.elements import add_columns, read_elem
from clrna.encode.files import EncodeOptions, encode_file
from clrna.errors import InputError
from clrna.io import contract
from clrna.io.hdf5.h5ad import matrix_of, read_h5ad, without_values
from clrna.io.hdf5.measured import measured_by_study
from clrna.io.name_length import check_lengths
from clrna.io.output.atomic import replacing
from clrna.io.provenance import read_records
from clrna.model.settings import STUDY_MIN_SAMPLES
from clrna.quoted import in_quotes
from clrna.stages import stage
from clrna.train.fit import Fit
from clrna.train.samples import TrainingSamples
from clrna.train.stored import StoredMatrix


@dataclasses.dataclass(frozen=True)
class TrainingFile:
    """What is taken from the input of ``clrna-train``.

    Attributes
    ----------
    values
        float32 of shape (samples, genes).
    genes
        Index symbols, columns ``ensembl_id`` and ``entrez_id``, '' where not known.
    samples
        Label, study, donor, scale and split of each sample.
    records
        Provenance of the file, oldest first.
    measured
        Of studies that lack genes, by name, which they measured, shape (genes,).
    stored
        Where ``values`` can be read again, so that they may be overwritten; None where they may not.
    """

    values: np.ndarray
    genes: pd.DataFrame
    samples: TrainingSamples
    records: list[dict[str, Any]]
    measured: dict[str, NDArray[np.bool_]]
    stored: StoredMatrix | None = None


@stage("reading")
def read_training_file(
    path: Path, *, label_columns: Sequence[str], study: str, donor: str, split: str, layer: str | None
) -> TrainingFile:
    """Read an ``.h5ad`` that follows the contract.

    Parameters
    ----------
    path
        The file.
    label_columns
        ``obs`` columns that make the label.
    study, donor, split
        ``obs`` columns.
    layer
        To read in place of X.

    Raises
    ------
    InputError
        The file is damaged, lacks columns, or has values that are not finite; all faults in one line.
    """
    backed = read_h5ad(path, backed=True)
    adata = without_values(backed)
    backed.file.close()
    del backed  # with the layers, which are in memory
    stored = StoredMatrix(path, layer)
    if stored.shape != adata.shape:
        what = "X" if layer is None else f"layer {in_quotes(layer)}"
        raise InputError(f"{path}: {what} has the shape {stored.shape}, obs and var {adata.shape}; make the file anew")
    given = _training_data_of(
        adata, stored.read(), path, label_columns=label_columns, study=study, donor=donor, split=split
    )
    return dataclasses.replace(given, stored=stored)


def training_data_of(
    adata: AnnData, path: Path, *, label_columns: Sequence[str], study: str, donor: str, split: str, layer: str | None
) -> TrainingFile:
    """Take what is trained on from an AnnData; parameters and errors as of :func:`read_training_file`."""
    values = matrix_of(adata, layer, path)
    return _training_data_of(adata, values, path, label_columns=label_columns, study=study, donor=donor, split=split)


def _training_data_of(
    adata: AnnData, values: np.ndarray, path: Path, *, label_columns: Sequence[str], study: str, donor: str, split: str
) -> TrainingFile:
    contract.check(adata, path, columns=[*label_columns, study, donor, split], values=values, scale=True)
    check_lengths(f"{path}: genes", map(str, adata.var_names), "give shorter names")
    columns = {name: contract.text_column(adata.obs[key]) for name, key in _columns(study, donor, split).items()}
    if not values.any():
        raise InputError(f"{path}: every value is 0; nothing can be learned from it")
    return TrainingFile(
        values=values,
        genes=_genes(adata),
        samples=TrainingSamples(
            labels=contract.labels_of(adata, label_columns[0], list(label_columns), path),
            **columns,
            origin=str(path),
            names=adata.obs_names.to_numpy(dtype=object),
            categories=_categories(adata),
        ),
        records=read_records(adata),
        measured=measured_by_study(adata.var, path),
    )


@stage("encoding the input")
def write_encoded_input(
    source: Path,
    target: Path,
    fit: Fit,
    model_path: Path,
    *,
    study: str,
    donor: str,
    split: str,
    layer: str | None,
) -> None:
    """Write the input with the split that was used and what ``clrna-encode`` finds with the new model.

    Encoding another file can tell that the study of a sample was trained on; here the samples themselves are known,
    and those of the train and valid splits are marked so.

    Parameters
    ----------
    source
        The file that the model was trained on.
    target
        The file to write, whole or not at all.
    fit
        The trained model.
    model_path
        The file in which it is saved.
    study, donor, split, layer
        As in :func:`read_training_file`.
    """
    options = EncodeOptions(study_key=study, donor_key=donor, layer=layer, adapt_min_samples=STUDY_MIN_SAMPLES)
    with replacing(target) as temporary:
        encode_file(source, temporary, fit.model, model_path, options)
        with h5py.File(temporary, "r+") as file:
            seen = np.asarray(read_elem(file[f"obs/{SEEN}"])).astype(object)
            own = fit.samples.of_file
            seen[fit.samples.of_split("train", "valid")[own]] = SEEN_SAMPLE
            columns = {split: pd.Categorical(fit.samples.split[own]), SEEN: pd.Categorical(seen)}
            add_columns(file["obs"], columns)


def _columns(study: str, donor: str, split: str) -> dict[str, str]:
    return {"studies": study, "donors": donor, "split": split, "scales": SCALE}


def _categories(adata: AnnData) -> np.ndarray | None:
    return contract.text_column(adata.obs[SAMPLE_CATEGORY]) if SAMPLE_CATEGORY in adata.obs else None


def _genes(adata: AnnData) -> pd.DataFrame:
    def column(name: str) -> np.ndarray:
        return contract.text_column(adata.var[name]) if name in adata.var else np.full(adata.n_vars, "", dtype=object)

    return pd.DataFrame({name: column(name) for name in (ENSEMBL_ID, ENTREZ_ID)}, index=adata.var_names, dtype=object)
