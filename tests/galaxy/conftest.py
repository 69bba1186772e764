"""Make the helpers of this folder importable by name, and the script of the data manager."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).parent))
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def add_model(load_script: Callable[[Path], ModuleType]) -> ModuleType:
    folder = REPOSITORY / "tools" / "data_managers" / "data_manager_clrna_models" / "data_manager"
    return load_script(folder / "add_model.py")
