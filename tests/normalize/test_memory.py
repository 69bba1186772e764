"""Memory of clrna-normalize: a few times the matrix, whatever it holds."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.genes import load_gene_table

RUN = """
import resource, sys
from clrna.cli.normalize import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
sys.exit(status)
"""


def peak_of(*words: object) -> int:
    """Return the peak of a run in MB."""
    done = subprocess.run([sys.executable, "-c", RUN, *map(str, words)], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def write(path, n_samples: int) -> float:
    """Write two studies of 10,000 genes with missing values; return the size of the matrix in MB."""
    rng = np.random.default_rng(0)
    symbols = load_gene_table().symbol[:10_000]
    values = rng.gamma(2.0, 2.0, (n_samples, 10_000)).astype(np.float32)
    values[0, :100] = np.nan
    studies = np.where(np.arange(n_samples) % 2, "A", "B")
    obs = pd.DataFrame({"study": studies}, index=[f"s{number}" for number in range(n_samples)])
    AnnData(values, obs=obs, var=pd.DataFrame(index=symbols)).write_h5ad(path)
    return values.nbytes / 2**20


@pytest.mark.slow
def test_memory_is_a_few_times_the_matrix(tmp_path):
    write(tmp_path / "small.h5ad", 40)
    size = write(tmp_path / "large.h5ad", 1500)
    small = peak_of(tmp_path / "small.h5ad", "-o", tmp_path / "out.h5ad", "--copy-correlation", 1)
    large = peak_of(tmp_path / "large.h5ad", "-o", tmp_path / "out.h5ad", "--copy-correlation", 1)
    assert large - small < 4.0 * size, f"{large} MB against {small} MB for a matrix of {size:.0f} MB"
