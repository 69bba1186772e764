"""The number of threads changes sums in their last digits only."""

from pathlib import Path

import anndata
import numpy as np
import pytest

from clrna.io.h5ad import write_h5ad
from clrna.simulate import simulate

MOST = 1e-4


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Studies large enough that libraries share the work on them."""
    path = tmp_path_factory.mktemp("threads") / "merged.h5ad"
    write_h5ad(simulate(n_tissues=3, n_studies=3, n_genes=300, samples_per=12), path)
    return path


def codes(path: Path) -> np.ndarray:
    return anndata.read_h5ad(path).obsm["X_clrna"]


def differs(one: np.ndarray, two: np.ndarray) -> float:
    """Return the largest difference, in standard deviations of the feature where it has any."""
    deviation = one.std(axis=0)
    return float((np.abs(one - two) / np.where(deviation > 0, deviation, 1.0)).max())


def test_the_default_model_and_a_kept_one_do_not_depend_on_threads(data: Path, tmp_path: Path, python) -> None:
    for name, threads in (("one/m", 1), ("two/m", 2)):
        (tmp_path / name).parent.mkdir()
        words = ["-o", f"{tmp_path}/{name}.safetensors", "--output-h5ad", f"{tmp_path}/{name}.h5ad", "-q"]
        done = python("-m", "clrna.cli.train", str(data), *words, "--latent-dim", "8", "--threads", str(threads))
        assert done.returncode == 0, done.stderr
    assert differs(codes(tmp_path / "one/m.h5ad"), codes(tmp_path / "two/m.h5ad")) < MOST
    for threads in (1, 2):
        words = ["-m", f"{tmp_path}/one/m.safetensors", "-o", f"{tmp_path}/e{threads}.h5ad", "-q"]
        done = python("-m", "clrna.cli.encode", str(data), *words, "--threads", str(threads))
        assert done.returncode == 0, done.stderr
    assert differs(codes(tmp_path / "e1.h5ad"), codes(tmp_path / "e2.h5ad")) < MOST


def test_a_difference_would_be_seen() -> None:
    one = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert differs(one, one + np.array([[0.0, 0.0], [0.0, 0.5]])) == 0.5
    assert differs(one, one + np.array([[0.5, 0.0], [0.0, 0.0]])) == 1.0
