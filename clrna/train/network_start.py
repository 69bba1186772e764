"""The network before its first step of training."""

import numpy as np
import torch

from clrna.model.linear_path import LinearPath
from clrna.model.network import Autoencoder, new_network
from clrna.model.products import BY_NUMPY, Products
from clrna.model.settings import ModelSettings
from clrna.train.linear_classifier import fit_linear_classifier
from clrna.train.linear_decoder import fit_linear_decoder
from clrna.train.linear_encoder import LinearEncoder


def network_to_start_from(
    train: np.ndarray,
    path: LinearPath | None,
    start: LinearEncoder | None,
    labels: np.ndarray,
    classes: list[str],
    settings: ModelSettings,
    seed: int,
    products: Products = BY_NUMPY,
) -> Autoencoder:
    """Return the network before its first step: random, but for what the closed form gives.

    Parameters
    ----------
    train
        What it is fed, shape (samples, genes).
    path
        The linear path, if there is one.
    start
        The encoder whose classifier it begins with; one is fitted to the codes where it is not given.
    labels
        Class of each sample from 0, -1 where it has none.
    classes
        Their names.
    settings
        Of the model.
    seed
        Of what is random.
    products
        Where matrices of the size of ``train`` are multiplied.
    """
    # Without a cost the classifier would stay random: better none.
    n_outputs = len(classes) if settings.classification_weight else 0
    network = new_network(settings, train.shape[1], n_outputs, torch.Generator().manual_seed(seed))
    if settings.linear_path and path is not None:
        network.linear_weight.copy_(torch.from_numpy(path.weight))
        network.linear_bias.copy_(torch.from_numpy(path.bias))
        codes = products.times(train, path.weight) + path.bias
        _start_decoder(network, codes, train, products)
        if start is not None:
            _start_classifier(network, start.class_weight.T, start.class_bias)
        elif network.n_classes:
            _start_classifier(network, *fit_linear_classifier(codes, labels, network.n_classes))
    return network


def _start_decoder(network: Autoencoder, codes: np.ndarray, train: np.ndarray, products: Products) -> None:
    weight, bias = fit_linear_decoder(codes, train, products)
    network.get_buffer("linear_decoder_weight").copy_(torch.from_numpy(weight))
    network.get_buffer("linear_decoder_bias").copy_(torch.from_numpy(bias))


def _start_classifier(network: Autoencoder, weight: np.ndarray, bias: np.ndarray) -> None:
    if network.classifier is not None:
        with torch.no_grad():
            network.classifier.weight.copy_(torch.from_numpy(weight))
            network.classifier.bias.copy_(torch.from_numpy(bias))
