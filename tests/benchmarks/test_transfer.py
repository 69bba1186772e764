"""The benchmark of transfer runs on any h5ad with studies, tissues and donors."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from clrna.io.hdf5.h5ad import write_h5ad
from clrna.simulate import simulate

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "transfer"


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Three simulated studies that share donors."""
    path = tmp_path_factory.mktemp("transfer") / "studies.h5ad"
    write_h5ad(simulate(n_tissues=3, n_studies=3, n_genes=80, seed=1), path)
    return path


def run(*words):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    call = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(call, capture_output=True, text=True, check=False, env=environment)


def test_rows_are_printed_and_written_for_each_study_and_seed(studies, tmp_path):
    rows = "standardized-pca,lda,linear-path-alone"
    done = run(studies, "--rows", rows, "--seeds", 2, "-o", tmp_path / "table.tsv")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "table.tsv", sep="\t")
    assert table.groupby("row").size().to_dict() == {"standardized-pca": 3, "lda": 3, "linear-path-alone": 6}
    for row, means in table.groupby(["row", "seed"]).f1.mean().groupby("row"):
        line = next(line for line in done.stdout.splitlines() if line.startswith(f"| {row} |"))
        assert f"{means.mean():.3f}" in line
    assert (table.n > 0).all() and table.f1.between(0, 1).all()
    assert table[table.row == "linear-path-alone"].f1.mean() > 0.8


def test_an_unknown_row_is_named(studies):
    done = run(studies, "--rows", "nonsense")
    assert done.returncode != 0 and "nonsense" in done.stderr and "Traceback" not in done.stderr
