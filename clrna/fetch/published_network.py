"""The published network: from the variables of its TensorFlow checkpoint to ours."""

import itertools
import re
from pathlib import Path

import numpy as np
import torch

from clrna.errors import InputError
from clrna.fetch.checkpoint.bundle import Bundle
from clrna.model.network import Autoencoder
from clrna.model.settings import PRESETS, ModelSettings

_ENCODER, _DECODER, _CLASSIFIER = "fc", "de_fc", "dense"


def read_network(index: Path, data: Path) -> tuple[ModelSettings, Autoencoder]:
    """Return the settings and the network of a published checkpoint.

    Its dense layers are ``fc1``, ``fc2``... (encoder, the last is the latent layer), ``de_fc1``... (decoder) and
    ``dense`` (classifier), each with ``kernel`` of shape (inputs, outputs) and ``bias``.

    Parameters
    ----------
    index, data
        The two files of the checkpoint.

    Raises
    ------
    InputError
        The checkpoint is damaged, or of another network.
    """
    bundle = Bundle(index, {0: data})
    encoder = _layers(bundle, _ENCODER)
    decoder = _layers(bundle, _DECODER)
    classifier = _layer(bundle, _CLASSIFIER)
    widths = [encoder[0][0].shape[0], *(kernel.shape[1] for kernel, _ in encoder)]
    _check_chain(bundle, encoder, widths)
    _check_chain(bundle, decoder, widths[::-1])
    _check_chain(bundle, [classifier], [widths[-1], classifier[0].shape[1]])
    settings = _settings(tuple(widths[1:-1]), widths[-1])
    with torch.device("meta"):
        network = Autoencoder(settings, widths[0], classifier[0].shape[1])
    state = {"linear_weight": torch.zeros(0, 0), "linear_bias": torch.zeros(0)}
    for part, layers in (("encoder", encoder), ("decoder", decoder)):
        for number, layer in enumerate(layers):
            state |= _state(f"{part}.{number}", *layer)
    state |= _state("classifier", *classifier)
    network.load_state_dict(state, assign=True)
    return settings, network.requires_grad_(False).eval()


def _layers(bundle: Bundle, prefix: str) -> list[tuple[np.ndarray, np.ndarray]]:
    found = [re.fullmatch(rf"{prefix}(\d+)/kernel", name) for name in bundle.entries]
    numbers = sorted(int(match[1]) for match in found if match)
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        raise InputError(f"{bundle.path}: is not CLRNA's network: its layers {prefix}1, {prefix}2... are missing")
    return [_layer(bundle, f"{prefix}{number}") for number in numbers]


def _layer(bundle: Bundle, name: str) -> tuple[np.ndarray, np.ndarray]:
    kernel, bias = bundle.read(f"{name}/kernel"), bundle.read(f"{name}/bias")
    if kernel.ndim != 2 or bias.shape != kernel.shape[1:] or kernel.dtype != np.float32 or bias.dtype != np.float32:
        raise InputError(f"{bundle.path}: layer {name} is no dense layer ({kernel.shape}, {bias.shape})")
    if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
        raise InputError(f"{bundle.path}: layer {name} holds values that are not finite")
    return kernel, bias


def _check_chain(bundle: Bundle, layers: list[tuple[np.ndarray, np.ndarray]], widths: list[int]) -> None:
    shapes = [kernel.shape for kernel, _ in layers]
    if shapes != [(before, after) for before, after in itertools.pairwise(widths)]:
        raise InputError(f"{bundle.path}: is not CLRNA's network: layers of {shapes} where widths are {widths}")


def _settings(hidden: tuple[int, ...], latent_dim: int) -> ModelSettings:
    """Return the published settings with the widths of the checkpoint, the preset itself where it has them."""
    published = [preset for name, preset in PRESETS.items() if name.startswith("original-")]
    for preset in published:
        if (preset.hidden, preset.latent_dim) == (hidden, latent_dim):
            return preset
    return published[0].override(preset_name=f"original-{latent_dim}", hidden=hidden, latent_dim=latent_dim)


def _state(name: str, kernel: np.ndarray, bias: np.ndarray) -> dict[str, torch.Tensor]:
    # Both frameworks compute x W + b; torch keeps W transposed.
    return {
        f"{name}.weight": torch.from_numpy(np.ascontiguousarray(kernel.T)),
        f"{name}.bias": torch.from_numpy(bias.copy()),
    }
