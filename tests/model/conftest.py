"""Small networks, data and models for the tests of clrna.model."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from clrna.model.batches import Disturbance, LabelledRows
from clrna.model.distance import fit_reference
from clrna.model.model import Model, hash_donors
from clrna.model.network import new_network
from clrna.model.settings import Settings
from clrna.model.training import Trainer

N_GENES, N_CLASSES = 30, 3
CPU = torch.device("cpu")


def labelled(n_samples: int, seed: int = 0, unlabelled: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Return expression with three well separated classes, and labels of which some are missing."""
    random = np.random.default_rng(seed)
    centers = np.random.default_rng(99).normal(0, 2, (N_CLASSES, N_GENES))
    labels = random.integers(0, N_CLASSES, n_samples)
    genes = (centers[labels] + random.normal(size=(n_samples, N_GENES))).astype(np.float32)
    return genes, np.where(random.random(n_samples) < unlabelled, -1, labels)


@pytest.fixture
def settings() -> Settings:
    """A default model that trains in a blink."""
    return Settings.preset("default").override(hidden=[16], latent_dim=5, epochs=4, batch_size=16, learning_rate=1e-3)


@pytest.fixture
def new_trainer() -> Callable[..., Trainer]:
    """Make a trainer whose state depends on its arguments only."""

    def make(settings: Settings, *, seed: int = 0, n_train: int = 50, n_valid: int = 20) -> Trainer:
        network = new_network(settings, N_GENES, N_CLASSES, torch.Generator().manual_seed(seed))
        rows = [LabelledRows.from_arrays(*labelled(size, at), CPU) for at, size in ((1, n_train), (2, n_valid))]
        shape = (N_GENES,)
        noise = Disturbance(settings.gene_dropout, settings.gene_shift, torch.zeros(shape), torch.ones(shape))
        return Trainer(network, settings, *rows, noise, n_classes=N_CLASSES, seed=seed, device=CPU, precision="fp32")

    return make


@pytest.fixture
def model(settings: Settings) -> Model:
    """A model with random weights and every field filled."""
    network = new_network(settings, N_GENES, N_CLASSES, torch.Generator().manual_seed(3))
    with torch.no_grad():
        network.linear_weight.normal_(generator=torch.Generator().manual_seed(4))
    genes, labels = labelled(40)
    names = [f"GENE{number}" for number in range(N_GENES)]
    table = pd.DataFrame({"ensembl_id": [f"ENSG{name}" for name in names], "entrez_id": ["7"] * N_GENES}, index=names)
    return Model(
        settings=settings,
        network=network.requires_grad_(False).eval(),
        genes=table,
        mean=genes.mean(axis=0),
        sd=genes.std(axis=0),
        classes=["breast", "lung", "skin"],
        label_key="tissue",
        scales=["log2_ratio", "log2_tpm1"],
        training_studies=["CCLE", "Études"],
        training_donors=hash_donors(["A549", "HeLa"]),
        reference=fit_reference(genes[:, :5], labels),
        distance_threshold=2.5,
        temperature=1.7,
        metrics={"valid_accuracy": 0.5},
        provenance={"step": "train", "inputs": [{"name": "merged.h5ad", "sha256": "ab12"}], "facts": {}},
        versions={"torch": "2"},
        seed=11,
        extras={"votes": np.arange(6, dtype=np.int32).reshape(2, 3)},
    )
