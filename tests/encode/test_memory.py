"""Memory does not grow with the number of samples: ten times as many take hardly more."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from clrna.genes import load_gene_table
from clrna.model.model_file import save_model
from tests.encode.placed_models import fit_default

FEW, MANY, GENES = 1_000, 10_000, 2_000
CHUNK = 500
# The matrix grows by 9,000 x 2,000 x 4 bytes = 69 MiB; what may grow are a few numbers and names for each sample.
ALLOWED_MIB = 20

# Not getrusage: its maximum is at least what the parent, this pytest, had when it forked.
MEASURE = """
import sys
from pathlib import Path
from clrna.cli import encode
status = encode.main(sys.argv[1:])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(status, int(peak.split()[1]) / 1024)
"""


def write_study(path, n_samples, symbols, form):
    """Write samples of four studies without ever holding them all."""
    obs = pd.DataFrame(
        {
            "study": pd.Categorical([f"S{row % 4}" for row in range(n_samples)]),
            "scale": pd.Categorical(["log2_tpm1"] * n_samples),
        },
        index=[f"sample{row}" for row in range(n_samples)],
    )
    AnnData(obs=obs, var=pd.DataFrame(index=symbols)).write_h5ad(path)
    generator = np.random.default_rng(n_samples)
    block = generator.gamma(4, 1, (FEW, GENES)).astype(np.float32)
    with h5py.File(path, "r+") as file:
        if "X" in file:
            del file["X"]
        if form == "dense":
            file.create_dataset("X", (n_samples, GENES), np.float32, chunks=(100, 500))
            for start in range(0, n_samples, FEW):
                file["X"][start : start + FEW] = block
            file["X"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
        else:
            write_sparse(file, block, n_samples, form)


def write_sparse(file, block, n_samples, form):
    """Write the block again and again, a tenth of its values."""
    part = sparse.csr_matrix(np.where(block > 6.7, block, 0))
    whole = sparse.vstack([part] * (n_samples // FEW)).asformat(form)
    group = file.create_group("X")
    group.attrs.update({"encoding-type": f"{form}_matrix", "encoding-version": "0.1.0", "shape": whole.shape})
    for name in ("data", "indices", "indptr"):
        group[name] = getattr(whole, name)


def place(training):
    """Train a model of the default kind, which places samples."""
    training.obs["split"] = "train"
    return fit_default(training, latent_dim=4).model


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("dense", ["--adapt", "study", "--reconstruct"]),
        ("csr", ["--adapt", "study"]),
        ("csc", ["--adapt", "none"]),
        ("dense", ["--corrected-layer", "corrected"]),
    ],
    ids=["dense", "csr", "csc", "corrected"],
)
def test_ten_times_the_samples_take_hardly_more_memory(form, words, make_model, run_python, tmp_path):
    symbols = load_gene_table().symbol[:GENES].tolist()
    generator = np.random.default_rng(0)
    training = AnnData(
        generator.gamma(4, 1, (60, GENES)).astype(np.float32),
        obs=pd.DataFrame(
            {"tissue": ["A", "B"] * 30, "study": "T", "scale": "log2_tpm1", "donor": "d"},
            index=[str(row) for row in range(60)],
        ),
        var=pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=symbols),
    )
    save_model(
        place(training) if "--corrected-layer" in words else make_model(training), tmp_path / "model.safetensors"
    )
    peaks = {}
    for n_samples in (FEW, MANY):
        write_study(tmp_path / "in.h5ad", n_samples, symbols, form)
        done = run_python(
            "-c", MEASURE, str(tmp_path / "in.h5ad"), "-m", str(tmp_path / "model.safetensors"), "--device", "cpu",
            "-o", str(tmp_path / "out.h5ad"), "--chunk-size", str(CHUNK), "--threads", "1", *words,
        )  # fmt: skip
        status, peak = done.stdout.split()
        assert status == "0", done.stderr
        peaks[n_samples] = float(peak)
        with h5py.File(tmp_path / "out.h5ad") as file:
            assert file["obsm/X_clrna"].shape[0] == n_samples
    growth = peaks[MANY] - peaks[FEW]
    assert growth < ALLOWED_MIB, f"{peaks} MiB"
