"""The number of threads changes sums in their last digits only."""

from pathlib import Path

import anndata
import numpy as np
import pytest

from clrna.io.hdf5.h5ad import write_h5ad
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
    kept = tmp_path / "m1.safetensors"
    for threads in ("1", "2"):
        made, encoded, again = (f"{tmp_path}/{name}{threads}" for name in ("m", "o", "e"))
        last = ["--threads", threads, "-q"]
        train = [str(data), "-o", f"{made}.safetensors", "--output-h5ad", f"{encoded}.h5ad", "--latent-dim", "8", *last]
        encode = [str(data), "-m", str(kept), "-o", f"{again}.h5ad", *last]
        # The number of threads is that of the process, so one does both.
        code = "from clrna.cli import encode, train\nraise SystemExit(train.main(%r) or encode.main(%r))"
        done = python("-c", code % (train, encode))
        assert done.returncode == 0, done.stderr
    assert differs(codes(tmp_path / "o1.h5ad"), codes(tmp_path / "o2.h5ad")) < MOST
    assert differs(codes(tmp_path / "e1.h5ad"), codes(tmp_path / "e2.h5ad")) < MOST


def test_a_difference_would_be_seen() -> None:
    one = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert differs(one, one + np.array([[0.0, 0.0], [0.0, 0.5]])) == 0.5
    assert differs(one, one + np.array([[0.5, 0.0], [0.0, 0.0]])) == 1.0
