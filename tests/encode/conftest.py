"""Simulated studies, a small model of two of them, and files to encode."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from anndata import AnnData

from clrna.constants import DONOR, ENSEMBL_ID, ENTREZ_ID, SCALE, STUDY, TISSUE
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.distance import fit_reference
from clrna.model.model import Model, hash_donors
from clrna.model.model_file import save_model
from clrna.model.network import new_network
from clrna.model.standardize import standardize
from clrna.simulate import simulate
from tests.encode.placed_models import N_GENES, fit_default
from tests.model.conftest import STUDY_SETTINGS

LATENT = 6


def make_model(adata: AnnData, **settings: object) -> Model:
    """Return a model with statistics of ``adata`` and random weights that depend on every gene."""
    chosen = STUDY_SETTINGS.override(hidden=[16], latent_dim=LATENT, **settings)
    classes = sorted(adata.obs[TISSUE].astype(str).unique())
    generator = torch.Generator().manual_seed(5)
    network = new_network(chosen, adata.n_vars, len(classes), generator)
    if network.has_linear_path:
        network.linear_weight.normal_(0, 1 / np.sqrt(adata.n_vars), generator=generator)
    values = np.asarray(adata.X, dtype=np.float64)
    codes = np.random.default_rng(0).normal(size=(adata.n_obs, LATENT))
    return Model(
        settings=chosen,
        network=network.requires_grad_(False).eval(),
        genes=adata.var[[ENSEMBL_ID, ENTREZ_ID]].astype(object),
        mean=values.mean(axis=0).astype(np.float32),
        sd=values.std(axis=0).astype(np.float32),
        classes=classes,
        label_key=TISSUE,
        scales=sorted(adata.obs[SCALE].astype(str).unique()),
        training_studies=sorted(adata.obs[STUDY].astype(str).unique()),
        training_donors=hash_donors(adata.obs[DONOR].astype(str)),
        reference=fit_reference(codes, adata.obs[TISSUE].astype("category").cat.codes.to_numpy()),
        distance_threshold=1.5,
        temperature=1.3,
        provenance={"step": "train", "seed": 2, "facts": {}},
    )


@pytest.fixture(scope="session")
def studies() -> AnnData:
    """Four studies of 36 samples, log2(TPM + 1), 240 genes."""
    return simulate(n_tissues=3, n_studies=4, n_genes=240, samples_per=12, seed=3)


@pytest.fixture
def training(studies: AnnData) -> AnnData:
    """Two of the studies."""
    return studies[studies.obs[STUDY].isin(["SIM1", "SIM2"])].copy()


@pytest.fixture
def query(studies: AnnData) -> AnnData:
    """The other two, their samples shuffled."""
    adata = studies[studies.obs[STUDY].isin(["SIM3", "SIM4"])]
    return adata[np.random.default_rng(1).permutation(adata.n_obs)].copy()


@pytest.fixture
def model(training: AnnData) -> Model:
    """A model that standardizes each study."""
    return make_model(training)


@pytest.fixture
def model_path(model: Model, tmp_path: Path) -> Path:
    """Its file."""
    path = tmp_path / "model.safetensors"
    save_model(model, path)
    return path


@pytest.fixture
def query_path(query: AnnData, tmp_path: Path) -> Path:
    """The query on disk."""
    path = tmp_path / "query.h5ad"
    write_h5ad(query.copy(), path)
    return path


class PlainAdapter:
    """A study standardized by its plain mean and deviation: the simplest thing an adapter can be."""

    n_passes = 2

    def __init__(self, model: Model) -> None:
        self._model = model
        self._sums = np.zeros(model.n_genes)
        self._squares = np.zeros(model.n_genes)
        self._count = 0
        self.finished: list[int] = []

    def update(self, number: int, values: np.ndarray) -> None:
        assert number == len(self.finished)
        assert np.isfinite(values).all()
        if number == 0:
            self._sums += values.sum(axis=0, dtype=np.float64)
            self._count += len(values)
        else:
            self._squares += ((values - self.mean) ** 2).sum(axis=0, dtype=np.float64)

    def finish(self, number: int) -> None:
        self.finished.append(number)

    def encode(self, values: np.ndarray) -> np.ndarray:
        assert self.finished == [0, 1]
        return self._model.encode(standardize(values, self.mean, self.sd))

    @property
    def mean(self) -> np.ndarray:
        return self._sums / self._count

    @property
    def sd(self) -> np.ndarray:
        return np.sqrt(self._squares / self._count)


@pytest.fixture
def plain_adapter() -> type[PlainAdapter]:
    """What to give to ``Encoder(make_adapter=...)``."""
    return PlainAdapter


@pytest.fixture(scope="session", name="make_model")
def _make_model() -> Callable[..., Model]:
    """Make a model with the statistics of an AnnData."""
    return make_model


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run this Python with some words in a clean process."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, env=environment)

    return call


@pytest.fixture(scope="module")
def many():
    """Four studies of five tissues."""
    return simulate(n_tissues=5, n_studies=4, n_genes=N_GENES, samples_per=9, seed=3)


@pytest.fixture(scope="module")
def placed(many):
    """A default model of three of the studies."""
    return fit_default(many[many.obs[STUDY] != "SIM4"].copy()).model


@pytest.fixture(scope="module")
def values(many):
    """Expression of the fourth."""
    return np.asarray(many[many.obs[STUDY] == "SIM4"].X)


@pytest.fixture(scope="module")
def tissues(many):
    """What its samples are."""
    return many.obs[TISSUE][many.obs[STUDY] == "SIM4"].astype(str).to_numpy()
