"""How far codes differ between a training by one thread and the same by two.

usage: python benchmarks/threads.py MERGED.h5ad [WORDS OF clrna-train ...]

Prints the largest and the mean difference of the codes of all samples, in standard deviations of each feature, and how
many labels differ. Everything runs on the CPU in fp32.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import anndata
import numpy as np


def trained(given: str, words: list[str], threads: int, folder: Path) -> anndata.AnnData:
    """Train with a number of threads and return the encoded input."""
    output = folder / f"{threads}.h5ad"
    command = [sys.executable, "-m", "clrna.cli.train", given, *words, "--device", "cpu", "--precision", "fp32"]
    outputs = ["-o", str(folder / f"{threads}.safetensors"), "--output-h5ad", str(output)]
    subprocess.run([*command, *outputs, "--threads", str(threads), "--quiet"], check=True)
    return anndata.read_h5ad(output)


def main(given: str, *words: str) -> None:
    """Train twice and print what differs."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = (trained(given, list(words), threads, Path(folder)) for threads in (1, 2))
    codes, others = one.obsm["X_clrna"], two.obsm["X_clrna"]
    deviation = codes.std(axis=0)
    differs = np.abs(codes - others)[:, deviation > 0] / deviation[deviation > 0]
    labels = (one.obs["clrna_label"].astype(str) != two.obs["clrna_label"].astype(str)).sum()
    print(f"{one.n_obs} samples x {one.n_vars} genes, {' '.join(words) or 'defaults'}:", end=" ")
    print(f"at most {differs.max():.1e}, mean {differs.mean():.1e} standard deviations; {labels} labels differ")


if __name__ == "__main__":
    main(*sys.argv[1:])
