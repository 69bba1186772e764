"""Small networks, data and models for the tests of clrna.model."""

import numpy as np
import pandas as pd
import pytest
import torch

from clrna.model.distance import fit_reference
from clrna.model.model import Model, hash_donors
from clrna.model.network import new_network
from clrna.model.settings import ModelSettings

N_GENES, N_CLASSES = 30, 3

# A network with layers, trained on genes that each study standardizes by itself.
STUDY_SETTINGS = ModelSettings.preset("default").override(standardize="study", epochs=20)


def labelled(n_samples: int, seed: int = 0, unlabelled: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Return expression with three well separated classes, and labels of which some are missing."""
    random = np.random.default_rng(seed)
    centers = np.random.default_rng(99).normal(0, 2, (N_CLASSES, N_GENES))
    labels = random.integers(0, N_CLASSES, n_samples)
    genes = (centers[labels] + random.normal(size=(n_samples, N_GENES))).astype(np.float32)
    return genes, np.where(random.random(n_samples) < unlabelled, -1, labels)


@pytest.fixture
def settings() -> ModelSettings:
    """Of a network that trains in a blink."""
    return STUDY_SETTINGS.override(hidden=[16], latent_dim=5, epochs=4, batch_size=16, learning_rate=1e-3)


@pytest.fixture
def model(settings: ModelSettings) -> Model:
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
