"""The network: an autoencoder with a classifier on its latent layer, and a linear path beside the encoder."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from clrna.model.settings import ModelSettings

# Value that SELU approaches for large negative input; what alpha dropout puts in place of an activation.
_SELU_FLOOR = -1.7580993408473766


class Autoencoder(nn.Module):
    """Encoder, mirrored decoder and a dense classifier on the codes.

    ``codes = linear path(x) + encoder(x)``, and back the same way, the first term only where the settings
    ask for it. The linear path is computed in closed form, so it is held in buffers and is not trained.

    Parameters
    ----------
    settings
        Widths and activations.
    n_genes
        Width of input and output.
    n_classes
        Labels that the classifier knows; 0 leaves it out.

    Notes
    -----
    All random numbers come from generators that the caller owns, so a run is repeated by restoring
    their states.
    """

    def __init__(self, settings: ModelSettings, n_genes: int, n_classes: int) -> None:
        super().__init__()
        self.dropout = settings.dropout
        self.latent_is_selu = settings.latent_activation == "selu"
        self.output_is_relu = settings.output_activation == "relu"
        widths = [n_genes, *settings.hidden, settings.latent_dim]
        layers = settings.has_layers
        self.encoder = _dense_layers(widths) if layers else nn.Sequential()
        self.decoder = _dense_layers(widths[::-1]) if layers else nn.Sequential()
        self.classifier = nn.Linear(settings.latent_dim, n_classes) if n_classes else None
        shape = (n_genes, settings.latent_dim) if settings.linear_path else (0, 0)
        self.linear_weight: torch.Tensor
        self.linear_bias: torch.Tensor
        self.register_buffer("linear_weight", torch.zeros(shape))
        self.register_buffer("linear_bias", torch.zeros(shape[1]))
        self.linear_decoder_weight: torch.Tensor | None
        self.linear_decoder_bias: torch.Tensor | None
        back = settings.linear_path
        self.register_buffer("linear_decoder_weight", torch.zeros(shape[::-1]) if back else None)
        self.register_buffer("linear_decoder_bias", torch.zeros(n_genes) if back else None)

    @property
    def has_linear_path(self) -> bool:
        """Whether a linear path is added to the encoder."""
        return self.linear_weight.numel() > 0

    @property
    def n_classes(self) -> int:
        """Number of labels that the classifier knows."""
        return 0 if self.classifier is None else self.classifier.out_features

    def to_arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return all that is to be kept, by name."""
        return {name: tensor.detach().cpu().numpy() for name, tensor in self.state_dict().items()}

    def encode(self, genes: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        """Return codes of shape (samples, latent) for input of shape (samples, genes).

        Parameters
        ----------
        genes
            Expression, standardized as the settings say.
        generator
            Source of the dropout masks; None, as when encoding, drops nothing.
        """
        if not len(self.encoder):
            return genes @ self.linear_weight + self.linear_bias
        hidden = genes
        for layer in list(self.encoder)[:-1]:
            hidden = self._drop(torch.selu(layer(hidden)), generator)
        codes = self.encoder[-1](hidden)
        if self.latent_is_selu:
            codes = torch.selu(codes)
        if self.has_linear_path:
            codes = codes + genes @ self.linear_weight + self.linear_bias
        return codes

    def decode(self, codes: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        """Return expression of shape (samples, genes), in the units of the input, for codes."""
        hidden = codes
        for layer in list(self.decoder)[:-1]:
            hidden = self._drop(torch.selu(layer(hidden)), generator)
        genes = self.decoder[-1](hidden) if len(self.decoder) else codes.new_zeros(())
        if self.linear_decoder_weight is not None and self.linear_decoder_bias is not None:
            genes = genes + codes @ self.linear_decoder_weight + self.linear_decoder_bias
        return torch.relu(genes) if self.output_is_relu else genes

    def classify(self, codes: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (samples, classes), no columns where there is no classifier."""
        return codes.new_zeros((len(codes), 0)) if self.classifier is None else self.classifier(codes)

    def _drop(self, activations: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
        if generator is None or self.dropout == 0:
            return activations
        return alpha_dropout(activations, self.dropout, generator)


def alpha_dropout(activations: torch.Tensor, rate: float, generator: torch.Generator) -> torch.Tensor:
    """Set a share ``rate`` of SELU activations to SELU's floor, keeping their mean and variance.

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, arXiv:1706.02515.
    """
    keep = 1 - rate
    mask = torch.rand(activations.shape, generator=generator, device=activations.device) < keep
    scale = (keep + _SELU_FLOOR**2 * keep * rate) ** -0.5
    return scale * (torch.where(mask, activations, _SELU_FLOOR) - rate * _SELU_FLOOR)


def new_network(settings: ModelSettings, n_genes: int, n_classes: int, generator: torch.Generator) -> Autoencoder:
    """Return a network with the weights drawn as the published one's were, with zero biases.

    Dense layers: normal with variance 1 / inputs, cut at two deviations (variance scaling of
    TensorFlow 1, whose deviation is not corrected for the cut). Classifier: Glorot uniform. The
    linear path is 0 until it is set; the last layers of encoder and decoder start at 0 where there is
    one, so that the codes of a new network are the linear path's.

    Parameters
    ----------
    settings, n_genes, n_classes
        As for :class:`Autoencoder`.
    generator
        Source of all random numbers; on the CPU.
    """
    network = empty_network(settings, n_genes, n_classes).to_empty(device="cpu")
    for layer in [*network.encoder, *network.decoder]:
        _draw_cut_normal(layer.weight, 1 / math.sqrt(layer.in_features), generator)
        nn.init.zeros_(layer.bias)
    if network.classifier is not None:
        nn.init.xavier_uniform_(network.classifier.weight, generator=generator)
        nn.init.zeros_(network.classifier.bias)
    if network.has_linear_path and settings.has_layers:
        nn.init.zeros_(network.encoder[-1].get_parameter("weight"))
        nn.init.zeros_(network.decoder[-1].get_parameter("weight"))
    for buffer in network.buffers():
        buffer.zero_()
    return network


@torch.no_grad()
def _draw_cut_normal(weight: torch.Tensor, deviation: float, generator: torch.Generator) -> None:
    """Fill with draws from a normal distribution about 0 that is cut at two deviations.

    By the inverse of the distribution function, in place: an eighth of the time of :func:`torch.nn.init.trunc_normal_`,
    which draws again, for all entries, until none lies beyond, and copies them each time.

    References
    ----------
    Devroye 1986, Non-Uniform Random Variate Generation, chapter II.2, doi:10.1007/978-1-4613-8643-8.
    """
    # P(|x| < 2 deviations) = erf(2 / sqrt 2)
    inside = math.erf(math.sqrt(2))
    weight.uniform_(-inside, inside, generator=generator).erfinv_().mul_(math.sqrt(2) * deviation)
    weight.clamp_(-2 * deviation, 2 * deviation)  # rounding


def empty_network(settings: ModelSettings, n_genes: int, n_classes: int) -> Autoencoder:
    """Return a network without memory for its weights: nothing is drawn only to be overwritten."""
    with torch.device("meta"):
        return Autoencoder(settings, n_genes, n_classes)


def _dense_layers(widths: Sequence[int]) -> nn.Sequential:
    return nn.Sequential(*(nn.Linear(before, after) for before, after in itertools.pairwise(widths)))
