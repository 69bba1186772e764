"""Runs of the pipeline that several tests look at."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from engine import Nextflow, nextflow_command


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if nextflow_command() is None:
        pytest.skip("nextflow is neither on the PATH nor among the engine scripts")
    return tmp_path_factory.mktemp("nextflow")


@pytest.fixture(scope="session")
def nextflow(root: Path) -> Nextflow:
    return Nextflow(root / "runs", root / "home")


@pytest.fixture(scope="session")
def finished(nextflow: Nextflow) -> Path:
    """A run that was killed while it trained, then resumed to its end."""
    nextflow.run_until("CLRNA_TRAIN", "--hold_out", "SIM3")
    nextflow.run("--hold_out", "SIM3", "-resume")
    return nextflow.folder / "out"
