"""Simulated studies, and models with and without layers of two of them."""

import numpy as np
import pytest
import torch
from anndata import AnnData

from clrna.constants import STUDY
from clrna.model.model import Model
from clrna.simulate import simulate
from tests.encode.conftest import make_model
from tests.encode.placed_models import fit_default


@pytest.fixture(scope="session")
def studies() -> AnnData:
    """Four studies of 36 samples, log2(TPM + 1), 240 genes."""
    return simulate(n_tissues=3, n_studies=4, n_genes=240, samples_per=12, seed=3)


@pytest.fixture(scope="session")
def training(studies: AnnData) -> AnnData:
    """Two of the studies."""
    return studies[studies.obs[STUDY].isin(["SIM1", "SIM2"])].copy()


@pytest.fixture(scope="session")
def query(studies: AnnData) -> AnnData:
    """The other two."""
    return studies[studies.obs[STUDY].isin(["SIM3", "SIM4"])].copy()


@pytest.fixture(scope="session")
def linear(training: AnnData) -> Model:
    """The default model, which has no layers."""
    return fit_default(training).model


@pytest.fixture(scope="session")
def deep(training: AnnData) -> Model:
    """A default model with layers, trained for a moment, its studies placed by their samples."""
    return fit_default(training, epochs=3, hidden=[16], learning_rate=0.01).model


@pytest.fixture(scope="session")
def original(training: AnnData) -> Model:
    """A network as the published ones are: expression as it is, several layers, SELU at the end, no linear path."""
    model = make_model(
        training, standardize="none", linear_path=False, latent_activation="selu", output_activation="relu"
    )
    classifier = model.network.classifier
    center = torch.from_numpy(model.encode(np.asarray(training.X)).mean(axis=0))
    classifier.bias.copy_(-classifier.weight @ center)  # so that not all samples are of one label
    return model


@pytest.fixture(scope="session")
def by_study(training: AnnData) -> Model:
    """A network whose samples are standardized by study."""
    return fit_default(training, standardize="study", epochs=2, hidden=[16]).model
