"""Compare the results of two demos: the same samples and genes, the same codes, the same scores.

usage: compare.py FOLDER FOLDER

Codes of one model on the same samples, in fp32 with the same number of threads, differ by at most 1e-6 of the
largest code between machines of one kind.
"""

import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

TOLERANCE = 1e-6


def main(first: Path, second: Path) -> int:
    """Print what was compared and return 1 where the two differ."""
    faults = []
    left, right = (anndata.read_h5ad(folder / "encoded.h5ad") for folder in (first, second))
    if list(left.obs_names) != list(right.obs_names) or list(left.var_names) != list(right.var_names):
        faults.append("samples or genes differ")
    codes = [np.asarray(adata.obsm["X_clrna"]) for adata in (left, right)]
    difference = float(np.abs(codes[0] - codes[1]).max() / np.abs(codes[0]).max())
    print(f"codes: {codes[0].shape}, largest relative difference {difference:.2g}")
    if not difference <= TOLERANCE:
        faults.append(f"codes differ by {difference:.2g}, more than {TOLERANCE:g}")
    if (left.obs["clrna_label"].astype(str) != right.obs["clrna_label"].astype(str)).any():
        faults.append("predicted labels differ")
    scores = [pd.read_csv(folder / "scores.tsv", sep="\t") for folder in (first, second)]
    if scores[0].shape != scores[1].shape or not np.allclose(scores[0]["value"], scores[1]["value"], equal_nan=True, atol=1e-4):
        faults.append("scores differ")
    print("\n".join(faults) or f"{len(scores[0])} scores alike")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
