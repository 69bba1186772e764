"""From expression and what is known of the samples to a model."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from clrna import __version__
from clrna.constants import TISSUE
from clrna.encode.matrix import Matrix
from clrna.errors import UsageError
from clrna.model.device import memory_errors
from clrna.model.distance import Reference
from clrna.model.linear_path import LinearPath, fit_linear_path
from clrna.model.memberships import adaptation_arrays
from clrna.model.model import Model, hash_donors
from clrna.model.products import Products, products_on
from clrna.model.settings import MIN_CLASS_SIZE, ModelSettings
from clrna.stages import stage
from clrna.train.batches import Disturbance
from clrna.train.checkpoint import CheckpointFile, fingerprint_of, train_with_checkpoints
from clrna.train.finish import finish_model
from clrna.train.inputs import TrainingInput, prepare_input
from clrna.train.labelled_rows import LabelledRows
from clrna.train.linear_encoder import LinearEncoder
from clrna.train.network_start import network_to_start_from
from clrna.train.placed import place_training, with_transfer
from clrna.train.precision import settle_precision
from clrna.train.samples import TrainingSamples, check_trainable, classes_to_learn
from clrna.train.start import Start
from clrna.train.trainer import Trainer

logger = logging.getLogger("clrna")

_PACKAGES = ("numpy", "torch", "safetensors", "scikit-learn", "scipy")


@dataclasses.dataclass(frozen=True)
class Fit:
    """A trained model and how it came about.

    Attributes
    ----------
    model
        Ready to be saved and used.
    history
        A row an epoch, see :class:`clrna.train.trainer.TrainingProgress`.
    best_epoch
        The epoch whose state was kept; None if it is the last, as without validation.
    samples
        The samples with the split that was used.
    """

    model: Model
    history: list[dict[str, Any]]
    best_epoch: int | None
    samples: TrainingSamples


def fit_model(
    values: np.ndarray,
    genes: pd.DataFrame,
    samples: TrainingSamples,
    settings: ModelSettings,
    *,
    label_key: str = TISSUE,
    exclude_studies: Sequence[str] = (),
    min_class_size: int = MIN_CLASS_SIZE,
    seed: int = 0,
    device: torch.device | None = None,
    precision: str = "fp32",
    checkpoint: CheckpointFile | None = None,
    record: dict[str, Any] | None = None,
    reserve_test: bool = False,
    measured: Mapping[str, NDArray[np.bool_]] | None = None,
    keep_names: bool = False,
    start: Start | None = None,
    stored: Matrix | None = None,
) -> Fit:
    """Train a model.

    Parameters
    ----------
    values
        Expression, float32 of shape (samples, genes), finite.
    genes
        Index symbols, columns ``ensembl_id`` and ``entrez_id``.
    samples
        What is known of the samples.
    settings
        What to train and how.
    label_key
        Where the labels came from, kept in the model.
    exclude_studies
        Studies that nothing is learned from.
    min_class_size
        Labels of fewer training samples are trained without label.
    seed
        Of all random numbers.
    device, precision
        From :mod:`clrna.model.device`; the CPU and fp32 if not given. ``auto`` is settled when training begins, and
        ``record`` is kept with what it came to.
    checkpoint
        Where to save the state on the way, if anywhere.
    record
        Provenance record of this run, kept in the model.
    reserve_test
        Whether nothing is learned from the test split. Settings that place samples learn from all splits else,
        since whole studies that are left out in turn tell what the model is worth; all others never do.
    measured
        Of studies that lack genes, by name, which they measured, shape (genes,). Settings that place samples treat
        the others' values as missing, and so what is constant over a study; all others take them for data.
    keep_names
        Whether the model tells which its reference samples are, see
        :class:`clrna.model.reference_samples.ReferenceSamples`.
    start
        The model that the restored samples are from, see :func:`clrna.train.beside.begin_from`.
    stored
        Where ``values`` can be read again, as they are needed at the end. They are overwritten then by what is made
        of them, so that there is one matrix of that size. Where not given there are two.

    Raises
    ------
    InputError
        The samples cannot be trained on, the cost is not finite any more, or the checkpoint is of
        another training.
    UsageError
        A study to exclude is not there, or names are to be kept by a model that holds no reference samples.
    """
    if keep_names and not settings.places_samples:
        raise UsageError("--keep-names: a model holds reference samples with --standardize sample only")
    if settings.places_samples and not reserve_test:
        samples = samples.all_used(valid=not settings.has_layers)
    samples = samples.excluding(exclude_studies)
    check_trainable(samples, values, settings)
    classes, labels = classes_to_learn(samples, min_class_size, settings)
    device = device or torch.device("cpu")
    products = products_on(device)
    with memory_errors(device):
        placed = None
        path: LinearPath | None
        if settings.places_samples:
            placed = place_training(
                values, samples, labels, len(classes), settings.latent_dim, seed, measured or {}, start,
                reuse=stored is not None, products=products,
            )  # fmt: skip
            given, path = placed.given, placed.path
        else:
            given = prepare_input(values, samples, labels, len(classes), settings.standardize)
            path = _linear_path(given, labels[samples.of_split("train")], settings, seed, products)
        encoder = None if placed is None else placed.fit.encoder
        trainer = _trainer(given, path, encoder, samples, labels, classes, settings, seed, products, device, precision)
        with stage("training"):
            if checkpoint is None:
                settle_precision(trainer)
                trainer.run()
            else:
                train_with_checkpoints(trainer, checkpoint, _fingerprint(trainer, labels, classes, samples, genes))
        model = _model(trainer, given, path, genes, classes, samples, label_key, record or {})
        model = model if start is None else start.added_to(model)
        if placed is not None:
            model = with_transfer(model, placed, samples, labels, seed, keep_names, start)
        model = finish_model(model, values if stored is None or placed is None else stored, samples, labels)
    return Fit(model, trainer.progress.history, trainer.progress.best_epoch, samples)


def _linear_path(
    given: TrainingInput, labels: np.ndarray, settings: ModelSettings, seed: int, products: Products
) -> LinearPath | None:
    """Return the linear path; adapting to other studies takes it too, whether or not the network holds it."""
    if not settings.linear_path and given.studies is None:
        return None
    return fit_linear_path(given.train, labels, settings.latent_dim, given.gene_scale, seed, products)


def _trainer(
    given: TrainingInput,
    path: LinearPath | None,
    start: LinearEncoder | None,
    samples: TrainingSamples,
    labels: np.ndarray,
    classes: list[str],
    settings: ModelSettings,
    seed: int,
    products: Products,
    device: torch.device,
    precision: str,
) -> Trainer:
    own = {name: labels[samples.of_split(name)] for name in ("train", "valid")}
    network = network_to_start_from(given.train, path, start, own["train"], classes, settings, seed, products)
    standardized = settings.standardize != "none"
    mean = np.zeros_like(given.mean) if standardized else given.mean
    deviation = np.ones_like(given.sd) if standardized else given.sd
    return Trainer(
        network,
        settings,
        LabelledRows.from_arrays(given.train, own["train"], device),
        LabelledRows.from_arrays(given.valid, own["valid"], device),
        Disturbance(
            settings.gene_dropout,
            settings.gene_shift,
            torch.from_numpy(mean).to(device),
            torch.from_numpy(deviation).to(device),
        ),
        n_classes=len(classes),
        seed=seed,
        device=device,
        precision=precision,
    )


def _model(
    trainer: Trainer,
    given: TrainingInput,
    path: LinearPath | None,
    genes: pd.DataFrame,
    classes: list[str],
    samples: TrainingSamples,
    label_key: str,
    record: dict[str, Any],
) -> Model:
    used = samples.of_split("train", "valid")
    latent_dim = trainer.settings.latent_dim
    return Model(
        settings=trainer.settings,
        network=trainer.network.requires_grad_(False).eval(),
        genes=genes,
        mean=given.mean,
        sd=given.sd,
        classes=classes if trainer.network.n_classes else [],
        label_key=label_key,
        scales=sorted(set(samples.scales[used])),
        training_studies=sorted(set(samples.studies[used])),
        training_donors=hash_donors(samples.donors[used].tolist()),
        # Found out in finish_model, which needs the codes.
        reference=Reference(np.zeros((1, latent_dim), np.float32), np.ones(latent_dim, np.float32)),
        distance_threshold=float("inf"),
        provenance=_with_precision(record, trainer.cost.precision),
        versions={"clrna": __version__} | {name: metadata.version(name) for name in _PACKAGES},
        seed=trainer.seed,
        extras=adaptation_arrays(given.studies, path),
        # Codes are computed in fp32 whatever the training used: it takes a moment, and they are kept.
        device=trainer.device,
        precision="fp32",
    )


def _with_precision(record: dict[str, Any], precision: str) -> dict[str, Any]:
    return {**record, "facts": {**record["facts"], "precision": precision}} if "facts" in record else record


def _fingerprint(
    trainer: Trainer, labels: np.ndarray, classes: list[str], samples: TrainingSamples, genes: pd.DataFrame
) -> dict[str, Any]:
    """Return what a checkpoint has to agree in, by the name under which an error tells of it."""
    data = {
        "genes": genes.index.to_numpy(dtype=object),
        "train": trainer.train.genes.cpu().numpy(),
        "valid": trainer.valid.genes.cpu().numpy(),
        "labels": labels,
        "split": samples.split,
    }
    return {
        **trainer.settings.to_dict(),
        "data": fingerprint_of(data),
        "classes": ", ".join(classes),
        "seed": trainer.seed,
        "device": trainer.device.type,
    }
