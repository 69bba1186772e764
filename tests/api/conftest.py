"""What the tests of the Python functions share: simulated studies, merged, and a model of two of them."""

from pathlib import Path

import pytest
from anndata import AnnData

import clrna
from clrna.cli import train as train_command
from clrna.io.hdf5.h5ad import write_h5ad


@pytest.fixture(scope="session")
def merged() -> AnnData:
    return clrna.pp.normalize(clrna.datasets.demo())


@pytest.fixture(scope="session")
def folder(merged: AnnData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with ``merged.h5ad``, and ``model.safetensors`` that clrna-train made of it without SIM3."""
    place = tmp_path_factory.mktemp("api")
    write_h5ad(merged.copy(), place / "merged.h5ad")
    words = [str(place / "merged.h5ad"), "-o", str(place / "model.safetensors"), "--exclude-study", "SIM3"]
    assert train_command.main([*words, "--device", "cpu", "--quiet"]) == 0
    return place
