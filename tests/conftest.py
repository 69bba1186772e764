"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def real_data_folder() -> Path:
    """Where the real expression data lies, whether or not it is there."""
    return Path(os.environ.get("CLRNA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the three real studies; skips where they are absent."""
    folder = real_data_folder()
    if not (folder / "native").is_dir():
        pytest.skip("real expression data not found: set CLRNA_REAL_DATA to the folder that holds native/*.h5ad")
    return folder


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The small files that the repository carries."""
    return REPOSITORY / "test-data"
