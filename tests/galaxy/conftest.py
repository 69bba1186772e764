"""Make the helpers of this folder importable by name, and the script of the data manager."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).parent))
REPOSITORY = Path(__file__).resolve().parents[2]


def load(path: Path) -> ModuleType:
    """Load a script that is no module of the package."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def add_model() -> ModuleType:
    folder = REPOSITORY / "tools" / "data_managers" / "data_manager_clrna_models" / "data_manager"
    return load(folder / "add_model.py")
