"""The benchmark's modules, which stand in folders and not in a package, and the server that stands for portals."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "transfer"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "reference_model"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fetch"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from portal import running_portal


@pytest.fixture
def portal():
    yield from running_portal()
