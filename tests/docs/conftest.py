"""What makes the documentation site, loaded without Sphinx."""

from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "docs" / "site"


@pytest.fixture(scope="session")
def site(load_script):
    """What loads a module of the site by its name."""
    return lambda name: load_script(SITE / f"{name}.py")
