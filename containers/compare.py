"""Compare the results of two demos: the same samples and genes, the same codes, labels and scores.

usage: compare.py FOLDER FOLDER

Codes of models trained on the same samples, in fp32 with the same number of threads, may differ by 1e-6 of the largest
code, which is what single precision can tell apart. Runs of one wheel on one machine are expected to differ by 0.
"""

import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

TOLERANCE = 1e-6
SCORE_TOLERANCE = 1e-4


def faults_of_codes(first: anndata.AnnData, second: anndata.AnnData) -> list[str]:
    """Return what differs between two encoded files."""
    if list(first.obs_names) != list(second.obs_names) or list(first.var_names) != list(second.var_names):
        return ["samples or genes differ"]
    codes = [np.asarray(adata.obsm["X_clrna"], dtype=float) for adata in (first, second)]
    if codes[0].shape != codes[1].shape or not all(np.isfinite(part).all() for part in codes):
        return [f"codes are of shapes {codes[0].shape} and {codes[1].shape}, or not finite"]
    difference, largest = float(np.abs(codes[0] - codes[1]).max()), float(np.abs(codes[0]).max())
    print(f"codes {codes[0].shape}: largest difference {difference:.2g}, largest code {largest:.3g}")
    faults = []
    if not difference <= TOLERANCE * max(1.0, largest):
        faults.append(f"codes differ by {difference:.2g}, more than {TOLERANCE:g} of the largest")
    if (first.obs["clrna_label"].astype(str) != second.obs["clrna_label"].astype(str)).any():
        faults.append("predicted labels differ")
    return faults


def faults_of_scores(first: pd.DataFrame, second: pd.DataFrame) -> list[str]:
    """Return what differs between two tables of scores."""
    if first.shape != second.shape:
        return [f"tables of scores are of shapes {first.shape} and {second.shape}"]
    rows = ~np.isclose(first["value"], second["value"], equal_nan=True, rtol=0, atol=SCORE_TOLERANCE)
    print(f"{len(first)} scores, {int(rows.sum())} differ by more than {SCORE_TOLERANCE:g}")
    names = first.loc[rows, ["embedding", "metric"]].astype(str).agg(" ".join, axis=1)
    return [f"scores differ: {', '.join(sorted(set(names)))}"] if rows.any() else []


def main(first: Path, second: Path) -> int:
    """Print what was compared and return 1 where the two differ."""
    faults = faults_of_codes(*(anndata.read_h5ad(folder / "encoded.h5ad") for folder in (first, second)))
    faults += faults_of_scores(*(pd.read_csv(folder / "scores.tsv", sep="\t") for folder in (first, second)))
    print("\n".join(faults) or "the same")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
