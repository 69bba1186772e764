"""Fixtures that all tests share."""

import importlib.util
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# A shell script that runs pytest in the background (`make test &`) has it ignore Ctrl-C, and so do the programs that
# tests start. Those tests that press it need it heard.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _caches_of_libraries(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give libraries one folder for their caches: they remember that of the first executable run inside pytest.

    The processes of one run share it, since numba takes half a minute to compile umap-learn anew.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "caches"
    folder.mkdir(exist_ok=True)
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        os.environ.setdefault(name, str(folder / name.lower()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow modules, which ``make test-fast`` leaves out."""
    lines = (REPOSITORY / "tests" / "slow_modules.txt").read_text().splitlines()
    slow = {REPOSITORY / "tests" / line for line in lines if not line.startswith("#")}
    for item in items:
        if item.path in slow:
            item.add_marker("slow")


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


@pytest.fixture(scope="session")
def load_script() -> Callable[[Path], ModuleType]:
    """What loads a script that is no module of the package, by its path."""

    def load(path: Path) -> ModuleType:
        specification = importlib.util.spec_from_file_location(path.stem, path)
        assert specification is not None and specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        return module

    return load


_LOGGER = logging.getLogger("clrna")
_LOGGER_AT_FIRST = _LOGGER.handlers[:], _LOGGER.level, _LOGGER.propagate


def _log_as_at_first() -> None:
    _LOGGER.handlers[:], level, _LOGGER.propagate = _LOGGER_AT_FIRST
    _LOGGER.setLevel(level)


@pytest.fixture(autouse=True)
def _undo_process_settings() -> Iterator[None]:
    """An executable run inside pytest sets up the whole process (log, signal, environment): take that back."""
    environment, handler = dict(os.environ), signal.getsignal(signal.SIGTERM)
    # A fixture of the whole module may have run an executable before this.
    _log_as_at_first()
    yield
    signal.signal(signal.SIGTERM, handler)
    _log_as_at_first()
    for name in set(os.environ) - set(environment):
        if name != "NUMBA_NUM_THREADS" or "numba" not in sys.modules:  # numba, once loaded, takes no other number
            del os.environ[name]
    os.environ.update(environment)
