"""The published network, its cost and its training written plainly in float32, as a reference for that of the package.

A test holds its costs against those of the package's, step by step.
"""

import itertools
from collections.abc import Sequence

import torch
from torch import nn

# Of original-943, from the first hidden layer to the codes.
WIDTHS = (5000, 3000, 2000, 943)
BATCH_SIZE = 1000
CENTER_RATE = 0.8
LEARNING_RATE = 1e-4


class PlainNetwork(nn.Module):
    """Encoder, mirrored decoder and a classifier on the codes.

    Parameters
    ----------
    widths
        Of the layers, from genes to codes.
    n_classes
        Labels.
    """

    def __init__(self, widths: Sequence[int], n_classes: int) -> None:
        super().__init__()
        back = widths[::-1]
        self.encoder = nn.Sequential(*(part for pair in itertools.pairwise(widths) for part in _layer(*pair)))
        decoder = [part for pair in itertools.pairwise(back) for part in _layer(*pair)]
        self.decoder = nn.Sequential(*decoder[:-1], nn.ReLU())
        self.classifier = nn.Linear(widths[-1], n_classes)
        self.register_buffer("centers", torch.zeros(n_classes, widths[-1]))


def train_plainly(
    network: PlainNetwork, genes: torch.Tensor, labels: torch.Tensor, *, batch_size: int, epochs: int
) -> list[float]:
    """Train and return the cost before each step.

    Parameters
    ----------
    network
        Trained in place.
    genes, labels
        Shapes (samples, genes) and (samples,). Batches follow their order; the last is filled up from the beginning.
    batch_size, epochs
        Samples a step, and passes.
    """
    optimizer = plain_optimizer(network)
    costs = []
    for _ in range(epochs):
        for start in range(0, len(genes), batch_size):
            rows = torch.arange(start, start + batch_size) % len(genes)
            costs.append(plain_step(network, optimizer, genes[rows], labels[rows]))
    return costs


def plain_optimizer(network: PlainNetwork) -> torch.optim.Optimizer:
    """Return Adam as PyTorch has it where nothing else is said."""
    return torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)


def plain_step(
    network: PlainNetwork, optimizer: torch.optim.Optimizer, genes: torch.Tensor, labels: torch.Tensor
) -> float:
    """Take a step on a batch and return its cost before: center loss + RMSE + 2 x cross entropy, divided by 4."""
    codes = network.encoder(genes)
    features = codes / codes.norm(dim=0)
    center = (features - network.centers[labels]).pow(2).sum(dim=1).mean()
    rmse = nn.functional.mse_loss(network.decoder(codes), genes).sqrt()
    cost = (center + rmse + 2 * nn.functional.cross_entropy(network.classifier(codes), labels)) / 4
    optimizer.zero_grad()
    cost.backward()
    optimizer.step()
    _move_centers(network.centers, features.detach(), labels)
    return cost.item()


def _layer(before: int, after: int) -> tuple[nn.Module, nn.Module]:
    return nn.Linear(before, after), nn.SELU()


def _move_centers(centers: torch.Tensor, features: torch.Tensor, classes: torch.Tensor) -> None:
    for number in classes.unique():
        members = features[classes == number]
        centers[number] -= CENTER_RATE * (centers[number] - members).sum(dim=0) / (1 + len(members))
