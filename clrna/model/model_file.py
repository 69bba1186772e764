"""The model file: one ``.safetensors`` whose metadata holds, as JSON, all that is no tensor. Nothing is unpickled."""

import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clrna.constants import ENSEMBL_ID, ENTREZ_ID
from clrna.errors import InputError
from clrna.io.provenance import is_record
from clrna.model.distance import Reference
from clrna.model.linear_network import LinearNetwork
from clrna.model.model import Model
from clrna.model.names_check import check_names
from clrna.model.reference_samples import ReferenceSamples
from clrna.model.settings import ModelSettings
from clrna.model.tensor_file import read_tensor_file, write_tensor_file
from clrna.model.transfer import TransferStatistics
from clrna.quoted import reason_of
from clrna.stages import stage

if TYPE_CHECKING:  # imported only where a network has layers, or is to compute elsewhere than on a CPU
    import torch

    from clrna.model.network import Autoencoder

logger = logging.getLogger("clrna")

KIND = "model"
# Layout 2 has the transfer statistics beside what layout 1 had; a model without them is written as 1, as before.
FORMAT_VERSION = 2
_WITHOUT_TRANSFER = 1

_NETWORK = "network."
_EXTRAS = "extras."
_TRANSFER = "transfer."
_REFERENCE_SAMPLES = "reference_samples"

# Most of a file: what has a value for each gene and axis or feature. These may be stored in half precision.
_WIDE = (_NETWORK + "linear_weight", _NETWORK + "linear_decoder_weight", _TRANSFER + "space.axes")

# Of logarithms, weights, variances and numbers of samples the largest known are hundreds; with far larger ones matrices
# cannot be inverted.
_LARGEST = 1e7


@stage("writing")
def save_model(model: Model, path: Path, *, half_precision: bool = False) -> None:
    """Write a model to a file, whole or not at all; the same model gives the same bytes.

    Parameters
    ----------
    model
        To write.
    path
        File to write.
    half_precision
        Store axes and linear maps, most of the file, in 16 bits: half the size, and codes that differ in the third or
        fourth digit.
    """
    tensors = {
        "mean": model.mean.astype(np.float32),
        "sd": model.sd.astype(np.float32),
        "reference.centers": model.reference.centers,
        "reference.deviation": model.reference.deviation,
    }
    for name, array in model.network.to_arrays().items():
        tensors[_NETWORK + name] = array
    for name, array in model.extras.items():
        tensors[_EXTRAS + name] = np.ascontiguousarray(array)
    version = _WITHOUT_TRANSFER
    if model.transfer is not None:
        version = FORMAT_VERSION
        tensors |= {_TRANSFER + name: array for name, array in model.transfer.to_arrays().items()}
    if half_precision:
        tensors |= {name: tensors[name].astype(np.float16) for name in _WIDE if name in tensors}
    write_tensor_file(path, KIND, version, tensors, _description(model))


@stage("loading the model")
def load_model(path: Path, device: "torch.device | str" = "cpu", precision: str = "fp32") -> Model:
    """Read a model from ``path``.

    Parameters
    ----------
    path
        File written by :func:`save_model`.
    device, precision
        Where and how the model is to compute: names as :func:`clrna.model.device.choose_device` takes them, or what
        it returned. A model without layers computes by numpy on a CPU, unless another device or arithmetic is named.

    Raises
    ------
    InputError
        The file is missing, empty, truncated, damaged, of another program or of a newer CLRNA.
    DeviceError
        A device was named that is not there.
    """
    tensors, description = read_tensor_file(path, KIND, (_WITHOUT_TRANSFER, FORMAT_VERSION))
    try:
        model = _build(tensors, description, device, precision)
        _check_levels(model)
        return model
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (LookupError, TypeError, ValueError, RuntimeError, AttributeError, OverflowError, MemoryError) as error:
        reason = reason_of(error)
        raise InputError(f"{path}: is not a complete CLRNA model ({reason}); train or fetch it anew") from error


def _description(model: Model) -> dict[str, Any]:
    references = None if model.transfer is None else model.transfer.references
    known = {} if references is None else {_REFERENCE_SAMPLES: references.to_columns()}
    return {
        **known,
        "settings": model.settings.to_dict(),
        "genes": {
            "symbol": model.genes.index.astype(str).tolist(),
            ENSEMBL_ID: model.genes[ENSEMBL_ID].astype(str).tolist(),
            ENTREZ_ID: model.genes[ENTREZ_ID].astype(str).tolist(),
        },
        "classes": model.classes,
        "label_key": model.label_key,
        "scales": model.scales,
        "training_studies": model.training_studies,
        "training_donors": sorted(model.training_donors),
        "temperature": model.temperature,
        "distance_threshold": model.distance_threshold,
        "metrics": model.metrics,
        "provenance": model.provenance,
        "versions": model.versions,
        "seed": model.seed,
    }


def _record_of(provenance: Any) -> dict[str, Any]:
    """Return the record of the training, {} where there is none.

    Published models that were fetched before 2026-11-30 hold it in a list of one.
    """
    if isinstance(provenance, dict) and isinstance(provenance.get("records"), list) and len(provenance["records"]) == 1:
        provenance = provenance["records"][0]
    if provenance and not is_record(provenance):
        raise InputError("its provenance is no record of CLRNA's; train or fetch it anew")
    return dict(provenance or {})


def _build(
    tensors: dict[str, np.ndarray], description: dict[str, Any], device: "torch.device | str", precision: str
) -> Model:
    settings = ModelSettings.from_dict(description["settings"])
    tensors |= {name: tensors[name].astype(np.float32, copy=False) for name in _WIDE if name in tensors}
    check_names(description, description.get(_REFERENCE_SAMPLES))
    provenance = _record_of(description["provenance"])
    genes = _genes(description["genes"])
    classes = [str(name) for name in description["classes"]]
    for name, array in tensors.items():
        _check_numbers(name, array)
    for name, width in (
        ("mean", len(genes)),
        ("sd", len(genes)),
        ("reference.deviation", settings.latent_dim),
    ):
        if tensors[name].shape != (width,):
            raise InputError(f"tensor {name} has shape {tensors[name].shape}, not ({width},)")
    shape = tensors["reference.centers"].shape
    if len(shape) != 2 or shape[0] == 0 or shape[1] != settings.latent_dim:
        raise InputError(f"tensor reference.centers has shape {shape}, not (classes, {settings.latent_dim})")
    network: Autoencoder | LinearNetwork
    if settings.has_layers or str(device) not in ("auto", "cpu") or precision not in ("auto", "fp32"):
        from clrna.model.device import choose_device, choose_precision

        device = choose_device(device) if isinstance(device, str) else device
        precision = choose_precision("fp32" if precision == "auto" else precision, device)
        network = _network(settings, tensors, len(genes), len(classes)).to(device)
    else:
        chosen = "device auto: cpu" if str(device) == "auto" else "device cpu"
        logger.info("%s by numpy, because a model without layers needs no other", chosen)
        network, device, precision = _linear_network(settings, tensors, len(genes), len(classes)), "cpu", "fp32"
    return Model(
        settings=settings,
        network=network,
        genes=genes,
        mean=tensors["mean"],
        sd=tensors["sd"],
        classes=classes,
        label_key=str(description["label_key"]),
        scales=[str(name) for name in description["scales"]],
        training_studies=[str(name) for name in description["training_studies"]],
        training_donors=frozenset(description["training_donors"]),
        reference=Reference(tensors["reference.centers"], tensors["reference.deviation"]),
        distance_threshold=float(description["distance_threshold"]),
        temperature=float(description["temperature"]),
        metrics=dict(description["metrics"]),
        provenance=provenance,
        versions=dict(description["versions"]),
        seed=int(description["seed"]),
        transfer=_transfer(tensors, settings, len(genes), len(classes), description.get(_REFERENCE_SAMPLES)),
        extras={name.removeprefix(_EXTRAS): array for name, array in tensors.items() if name.startswith(_EXTRAS)},
        device=device,
        precision=precision,
    )


def _check_numbers(name: str, array: np.ndarray) -> None:
    """Raise InputError where a tensor holds what no training makes."""
    if array.dtype.kind not in "fiub":
        raise InputError(f"tensor {name} holds {array.dtype}, no real numbers; train the model anew")
    if name.startswith(_NETWORK) and array.dtype != np.float32:
        raise InputError(f"tensor {name} holds {array.dtype}, float32 is needed; train the model anew")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"tensor {name} holds values that are not finite; train the model anew")
    if array.size and max(float(array.max()), -float(array.min())) > _LARGEST:
        raise InputError(f"tensor {name} holds values beyond {_LARGEST:,.0f}; train the model anew")


def _transfer(
    tensors: dict[str, np.ndarray],
    settings: ModelSettings,
    n_genes: int,
    n_classes: int,
    samples: dict[str, list[str]] | None,
) -> TransferStatistics | None:
    if not settings.places_samples:
        return None
    own = {name.removeprefix(_TRANSFER): array for name, array in tensors.items() if name.startswith(_TRANSFER)}
    transfer = TransferStatistics.from_arrays(own)
    widths = (len(transfer.space.mean), transfer.codes.shape[1])
    if widths != (n_genes, settings.latent_dim) or transfer.classes.n_classes < n_classes:
        raise InputError(f"its transfer statistics are of {widths[0]} genes and {widths[1]} features, not its own")
    if samples is None:
        return transfer
    return dataclasses.replace(transfer, references=ReferenceSamples.from_columns(samples, len(transfer.codes)))


def _check_levels(model: Model) -> None:
    levels = None if model.transfer is None else model.transfer.levels
    if levels is not None and levels.studies.max() >= len(model.training_studies):
        raise InputError("it holds levels of studies that it was not trained on")


def _genes(columns: dict[str, list[str]]) -> pd.DataFrame:
    index = pd.Index([str(name) for name in columns["symbol"]], name="symbol", dtype=object)
    if not index.is_unique or len(index) == 0:
        raise InputError("its genes are missing or not unique")
    return pd.DataFrame({name: columns[name] for name in (ENSEMBL_ID, ENTREZ_ID)}, index=index, dtype=object)


def _linear_network(
    settings: ModelSettings, tensors: dict[str, np.ndarray], n_genes: int, n_classes: int
) -> LinearNetwork:
    arrays = {name.removeprefix(_NETWORK): array for name, array in tensors.items() if name.startswith(_NETWORK)}
    network = LinearNetwork(arrays, settings.output_activation == "relu")
    if (arrays["linear_weight"].shape, network.n_classes) != ((n_genes, settings.latent_dim), n_classes):
        raise ValueError(f"the network is of {len(arrays['linear_weight'])} genes and {network.n_classes} classes")
    return network


def _network(settings: ModelSettings, tensors: dict[str, np.ndarray], n_genes: int, n_classes: int) -> "Autoencoder":
    import torch

    from clrna.model.network import empty_network

    network = empty_network(settings, n_genes, n_classes)
    state = {
        name.removeprefix(_NETWORK): torch.from_numpy(array)
        for name, array in tensors.items()
        if name.startswith(_NETWORK)
    }
    network.load_state_dict(state, assign=True)
    return network.requires_grad_(False).eval()
