"""The cost of a batch: each term, and their weighted sum."""

import dataclasses

import torch

from clrna.model.device import arithmetic
from clrna.model.network import Autoencoder
from clrna.model.settings import ModelSettings
from clrna.train.batches import Disturbance
from clrna.train.losses import CenterLoss, contrast, cross_entropy, rmse

# Divisor of the cosine similarities in the contrast: the best of those that Chen et al. 2020 tried.
_CONTRAST_TEMPERATURE = 0.1


@dataclasses.dataclass(frozen=True)
class BatchCost:
    """What a batch costs.

    Attributes
    ----------
    total
        Sum of the terms, each times its share.
    terms
        Cost by term; those of weight 0 are not computed and are 0.
    logits
        Shape (samples, classes).
    features, classes
        What moves the centers, from :meth:`CenterLoss.features`.
    """

    total: torch.Tensor
    terms: dict[str, torch.Tensor]
    logits: torch.Tensor
    features: torch.Tensor
    classes: torch.Tensor

    def values(self) -> dict[str, float]:
        """Return the total as ``cost`` and each term, fetched from the device at once."""
        names = ["cost", *self.terms]
        return dict(zip(names, torch.stack([self.total, *self.terms.values()]).tolist(), strict=True))


class Cost:
    """Compute what batches cost.

    Parameters
    ----------
    settings
        Weights of the terms.
    center_loss
        Holds the centers.
    class_weights
        Shape (classes,).
    disturbance
        What is done to the input of a training step.
    precision
        Arithmetic of the network; the terms themselves are computed in float32.
    """

    def __init__(
        self,
        settings: ModelSettings,
        center_loss: CenterLoss,
        class_weights: torch.Tensor,
        disturbance: Disturbance,
        precision: str,
    ) -> None:
        self.shares = settings.shares
        self.center_loss = center_loss
        self.class_weights = class_weights
        self.disturbance = disturbance
        self.precision = precision

    def of(
        self,
        network: Autoencoder,
        genes: torch.Tensor,
        labels: torch.Tensor,
        noise: torch.Generator,
        *,
        learning: bool,
    ) -> BatchCost:
        """Return the cost of a batch.

        Parameters
        ----------
        network
            The network as it is.
        genes
            Shape (samples, genes). What is rebuilt is always this, undisturbed.
        labels
            Shape (samples,), -1 for none. Samples without a label count for reconstruction and contrast.
        noise
            Source of disturbance and dropout.
        learning
            Whether input and hidden layers are disturbed; only the views that are contrasted are
            disturbed otherwise.
        """
        dropout = noise if learning else None
        with arithmetic(genes.device, self.precision):
            codes = network.encode(self.disturbance.apply(genes, noise) if learning else genes, dropout).float()
            logits = network.classify(codes).float()
            rebuilt = network.decode(codes, dropout).float() if self.shares["reconstruction"] else None
            views = self._views(network, genes, codes, noise, learning) if self.shares["contrast"] else None
        features, classes = self.center_loss.features(codes, labels)
        zero = codes.new_zeros(())
        weights = self.class_weights if len(self.class_weights) else None
        terms = {
            "center": self.center_loss.cost(features, classes) if self.shares["center"] else zero,
            "reconstruction": zero if rebuilt is None else rmse(rebuilt, genes),
            "classification": cross_entropy(logits, labels, weights) if self.shares["classification"] else zero,
            "contrast": zero if views is None else contrast(*views, _CONTRAST_TEMPERATURE),
        }
        total = torch.stack([self.shares[name] * term for name, term in terms.items()]).sum()
        return BatchCost(total, terms, logits, features, classes)

    def _views(
        self, network: Autoencoder, genes: torch.Tensor, codes: torch.Tensor, noise: torch.Generator, learning: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        dropout = noise if learning else None
        first = codes if learning else network.encode(self.disturbance.apply(genes, noise)).float()
        return first, network.encode(self.disturbance.apply(genes, noise), dropout).float()


def balanced_weights(labels: torch.Tensor, n_classes: int) -> torch.Tensor:
    """Return for each class ``labelled samples / (classes * samples of the class)``, shape (classes,)."""
    counts = torch.bincount(labels[labels >= 0].cpu(), minlength=n_classes).float()
    return counts.sum() / (max(n_classes, 1) * counts.clamp_min(1))
