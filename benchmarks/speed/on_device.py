"""Training of the published network on a device, beside the arithmetic's bound: products of large matrices, no more.

A step multiplies each weight with each sample three times, forwards and twice backwards, two operations each. What the
device reaches in one large product of the same precision is measured in the same run; no data sheet is believed.
"""

import time
from dataclasses import dataclass
from typing import Final

import torch

from clrna.model.device import arithmetic
from clrna.model.network import new_network
from clrna.model.settings import ModelSettings
from clrna.train.batches import Disturbance
from clrna.train.labelled_rows import LabelledRows
from clrna.train.precision import settle_precision
from clrna.train.trainer import Trainer

COLUMNS: Final = (
    "device", "precision", "samples", "genes", "epochs", "TFLOP", "s", "s at the rate of one product", "share reached",
)  # fmt: skip
N_CLASSES: Final = 20
_OPERATIONS: Final = 6
_SIDE: Final = {"cpu": 1024}
_REPEATS: Final = 5


@dataclass(frozen=True)
class Trained:
    """What some epochs took.

    Attributes
    ----------
    operations
        Of all products with the network's weights.
    seconds
        On the wall, the device having finished.
    rate
        Operations a second in one large product.
    precision
        What it was computed in.
    """

    operations: float
    seconds: float
    rate: float
    precision: str

    @property
    def bound(self) -> float:
        """Seconds that the operations would take at that rate."""
        return self.operations / self.rate

    @property
    def share(self) -> float:
        """Part of the rate that was reached."""
        return self.bound / self.seconds


def train_on(device: torch.device, precision: str, n_samples: int, n_genes: int, epochs: int, preset: str) -> Trained:
    """Train a network of ``preset`` on random expression and say what it took; one epoch before is not counted.

    Parameters
    ----------
    device, precision
        From :mod:`clrna.model.device`.
    n_samples, n_genes
        Size of the data.
    epochs
        How many are counted.
    preset
        One with layers.
    """
    settings = ModelSettings.preset(preset)
    trainer = new_trainer(settings, n_samples, n_genes, device, precision)
    steps = -(-n_samples // settings.batch_size)
    settle_precision(trainer)
    precision = trainer.cost.precision
    _steps(trainer, steps)
    _wait(device)
    start = time.perf_counter()
    _steps(trainer, steps * epochs)
    _wait(device)
    seconds = time.perf_counter() - start
    n_weights = sum(weight.numel() for weight in trainer.network.parameters() if weight.ndim == 2)
    operations = float(_OPERATIONS) * n_weights * steps * settings.batch_size * epochs
    return Trained(operations, seconds, rate_of(device, precision), precision)


def rate_of(device: torch.device, precision: str) -> float:
    """Return operations a second of the best of some products of square matrices."""
    side = _SIDE.get(device.type, 8192)
    left, right = (torch.randn(side, side, device=device) for _ in range(2))
    taken = []
    with arithmetic(device, precision), torch.no_grad():
        for _ in range(_REPEATS):
            _wait(device)
            start = time.perf_counter()
            left @ right
            _wait(device)
            taken.append(time.perf_counter() - start)
    return 2.0 * side**3 / min(taken)


def cells_of(device: torch.device, size: tuple[int, int], epochs: int, trained: Trained) -> list[str]:
    """Return a row of the table under ``COLUMNS``."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    amounts = [f"{number:,}" for number in (*size, epochs)]
    told = [
        f"{trained.operations / 1e12:.3g}",
        f"{trained.seconds:.3g}",
        f"{trained.bound:.3g}",
        f"{trained.share:.0%}",
    ]
    return [name, trained.precision, *amounts, *told]


def new_trainer(settings: ModelSettings, n_samples: int, n_genes: int, device: torch.device, precision: str) -> Trainer:
    """Return a training on random expression that has not begun."""
    generator = torch.Generator().manual_seed(0)
    genes = 10 * torch.rand(n_samples, n_genes, generator=generator)
    labels = torch.randint(0, N_CLASSES, (n_samples,), generator=generator)
    return Trainer(
        new_network(settings, n_genes, N_CLASSES, generator), settings,
        LabelledRows.from_arrays(genes.numpy(), labels.numpy(), device),
        LabelledRows.from_arrays(genes[:0].numpy(), labels[:0].numpy(), device),
        Disturbance(0.0, 0.0, torch.zeros(n_genes, device=device), torch.ones(n_genes, device=device)),
        n_classes=N_CLASSES, seed=0, device=device, precision=precision,
    )  # fmt: skip


def _steps(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        trainer._step()


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
