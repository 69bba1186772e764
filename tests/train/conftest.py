"""Small trainers for the tests of clrna.train; networks, data and models are those of clrna.model's tests."""

from collections.abc import Callable

import pytest
import torch

from clrna.model.network import new_network
from clrna.model.settings import ModelSettings
from clrna.train.batches import Disturbance
from clrna.train.labelled_rows import LabelledRows
from clrna.train.trainer import Trainer
from tests.model.conftest import N_CLASSES, N_GENES, labelled, model, settings

__all__ = ["model", "settings"]

CPU = torch.device("cpu")


@pytest.fixture
def new_trainer() -> Callable[..., Trainer]:
    """Make a trainer whose state depends on its arguments only."""

    def make(
        settings: ModelSettings,
        *,
        seed: int = 0,
        n_train: int = 50,
        n_valid: int = 20,
        streamed: bool = False,
        precision: str = "fp32",
    ) -> Trainer:
        network = new_network(settings, N_GENES, N_CLASSES, torch.Generator().manual_seed(seed))
        splits = [labelled(size, at) for at, size in ((1, n_train), (2, n_valid))]
        rows = [LabelledRows.from_arrays(*arrays, CPU, streamed=streamed) for arrays in splits]
        shape = (N_GENES,)
        noise = Disturbance(settings.gene_dropout, settings.gene_shift, torch.zeros(shape), torch.ones(shape))
        return Trainer(network, settings, *rows, noise, n_classes=N_CLASSES, seed=seed, device=CPU, precision=precision)

    return make
