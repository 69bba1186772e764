"""The executables as setup.cfg names them, and ways to run one."""

import configparser
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def console_scripts() -> dict[str, str]:
    """Module of each executable, by the executable's name."""
    config = configparser.ConfigParser()
    config.read(REPOSITORY / "setup.cfg")
    lines = config["options.entry_points"]["console_scripts"].split("\n")
    pairs = (line.split("=") for line in lines if line.strip())
    return {name.strip(): target.split(":")[0].strip() for name, target in pairs}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes ``module`` once for each step, and one that takes ``command`` also for ``clrna``."""
    scripts = console_scripts()
    if "command" in metafunc.fixturenames:
        metafunc.parametrize("command", list(scripts.values()), ids=list(scripts))
    if "module" in metafunc.fixturenames:
        del scripts["clrna"]
        metafunc.parametrize("module", list(scripts.values()), ids=list(scripts))


def run_python(*words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run this Python with ``words`` in a clean process."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **settings.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=300, check=False, env=environment, **settings
    )


@pytest.fixture
def scripts() -> dict[str, str]:
    """Module of each executable, by the executable's name."""
    return console_scripts()


@pytest.fixture
def python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python words in a clean process: ``python('-m', 'clrna.cli.encode', '--help')``."""
    return run_python
