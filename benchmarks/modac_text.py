"""Time and memory of combined_rnaseq_data becoming .h5ad: clrna-fetch beside pandas, the figures of docs/fetch.md.

    python benchmarks/modac_text.py [--samples 15196] [--genes 17743] [--threads 2] [--folder DIR]

Makes a matrix and metadata of MoDaC's form from random numbers, converts them in a process of its own each way, and
compares the values. The full size takes 3.5 GB of disk; the files are deleted afterwards.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

GENES, SAMPLES = 17_743, 15_196
MATRIX, METADATA = "combined_rnaseq_data", "combined_cl_metadata"
BY_PANDAS = """
import sys, anndata, numpy, pandas
table = pandas.read_csv(sys.argv[1], sep="\\t", index_col=0)
anndata.AnnData(table.astype(numpy.float32)).write_h5ad(sys.argv[2])
"""
BY_US = "import sys; from clrna.cli.fetch import main; sys.exit(main(sys.argv[1:]))"
# Rows of both results that are compared at once.
ROWS = 1_000


def make_data(folder: Path, n_samples: int, n_genes: int) -> None:
    """Write a matrix with two or three decimals a value, as the published one has, and metadata for it."""
    random = np.random.default_rng(0)
    drawn = np.clip(random.normal(3, 2.5, 400_000), 0, 16)
    words = [f"{value:.{3 if k % 3 == 0 else 2}f}" if value > 0.05 else "0.0" for k, value in enumerate(drawn)]
    pool = np.array(words, dtype=object)
    with (folder / MATRIX).open("w") as file:
        file.write("\t".join(["Sample", *(f"GENE{number}" for number in range(n_genes))]) + "\n")
        for number in range(n_samples):
            file.write("\t".join([f"CCLE.CELL-{number}", *pool[random.integers(0, len(pool), n_genes)]]) + "\n")
    with (folder / METADATA).open("w") as file:
        file.write("sample_name\tcore_str\tsample_category\ttumor_site_from_data_src\ttumor_type_from_data_src\n")
        for number in range(n_samples):
            file.write(f"CCLE.CELL-{number}\tCELL-{number}\tcell_line\tlung\tnon-small cell lung cancer\n")


def measure(title: str, words: list[str]) -> float:
    """Run a process, print what it took and return its seconds."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], env={**os.environ, "OMP_NUM_THREADS": "1"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{title}: exit status {process.returncode}")
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6 * 1.024
    print(f"{title:12} {seconds:7.1f} s  {cpu:7.1f} s CPU  {peak:6.2f} GB peak memory", flush=True)
    return seconds


def largest_difference(first: Path, second: Path) -> float:
    """Return the largest difference of the values in two ``.h5ad`` files."""
    with h5py.File(first) as one, h5py.File(second) as other:
        a, b = one["X"], other["X"]
        if a.shape != b.shape:
            raise SystemExit(f"shapes differ: {a.shape} and {b.shape}")
        return max(float(np.abs(a[i : i + ROWS] - b[i : i + ROWS]).max()) for i in range(0, len(a), ROWS))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--genes", type=int, default=GENES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", help="where to put the files; a temporary folder by default")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        make_data(folder, args.samples, args.genes)
        size = (folder / MATRIX).stat().st_size / 1e9
        print(f"{args.samples} samples x {args.genes} genes, {size:.2f} GB of text, {args.threads} threads", flush=True)
        ours, theirs = folder / "ours.h5ad", folder / "pandas.h5ad"
        options = ["modac-combined", "--from", name, "-o", str(ours), "--threads", str(args.threads), "-q"]
        seconds = measure("clrna-fetch", ["-c", BY_US, *options])
        others = measure("pandas", ["-c", BY_PANDAS, str(folder / MATRIX), str(theirs)])
        print(f"{others / seconds:.1f} times as fast; values differ by at most {largest_difference(ours, theirs):.1g}")


if __name__ == "__main__":
    main()
