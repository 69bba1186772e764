"""Memory does not grow with the number of samples, and neither does the table before it is written."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData

from clrna.genes import load_gene_table
from clrna.model.model_file import save_model
from tests.encode.conftest import make_model
from tests.encode.test_memory import CHUNK, FEW, GENES, write_study

MANY = 5 * FEW
# The matrix grows by 31 MiB and the table by some 5; what may grow are a few names for each sample.
ALLOWED_MIB = 12

MEASURE = """
import sys
from pathlib import Path
from clrna.cli import explain
status = explain.main(sys.argv[1:])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(status, int(peak.split()[1]) / 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_five_times_the_samples_take_hardly_more_memory(tmp_path):
    symbols = load_gene_table().symbol[:GENES].tolist()
    generator = np.random.default_rng(0)
    training = AnnData(generator.gamma(4, 1, (60, GENES)).astype(np.float32))
    training.var_names = symbols
    training.obs["tissue"] = ["a", "b", "c"] * 20
    for name, value in (("study", "T"), ("donor", "D"), ("scale", "log2_tpm1")):
        training.obs[name] = value
    for name in ("ensembl_id", "entrez_id"):
        training.var[name] = ""
    save_model(make_model(training, standardize="none"), tmp_path / "m.safetensors")
    peaks = []
    for n_samples in (FEW, MANY):
        write_study(tmp_path / "in.h5ad", n_samples, symbols, "dense")
        words = [
            tmp_path / "m.safetensors",
            tmp_path / "in.h5ad",
            "-o",
            tmp_path / "g.tsv",
            "--chunk-size",
            CHUNK,
            "-q",
        ]
        ended = subprocess.run(
            [sys.executable, "-c", MEASURE, *map(str, words)], capture_output=True, text=True, check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        status, peak = ended.stdout.split()
        assert status == "0", ended.stderr
        peaks.append(float(peak))
        assert (tmp_path / "g.tsv").read_text().count("\n") > 9 * n_samples
    assert peaks[1] - peaks[0] < ALLOWED_MIB, peaks
