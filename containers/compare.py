"""Compare the results of two demos: the same samples and genes, the same codes, labels and scores.

usage: compare.py FOLDER FOLDER

Codes of models trained on the same samples, on the CPU in fp32 with the same number of threads, may differ by 1e-6.
Whether the two demos were run so is read from their provenance, since another device, precision or number of threads
adds in another order and the comparison would say nothing about the image.
"""

import json
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
    if not difference <= TOLERANCE:
        faults.append(f"codes differ by {difference:.2g}, more than {TOLERANCE:g}")
    if (first.obs["clrna_label"].astype(str) != second.obs["clrna_label"].astype(str)).any():
        faults.append("predicted labels differ")
    return faults


def settings(adata: anndata.AnnData) -> dict[str, tuple]:
    """Return device, precision and threads that training and encoding were told, by step."""
    records = [json.loads(text) for text in adata.uns["clrna"]["provenance"]]
    return {
        record["step"]: tuple(record["parameters"][name] for name in ("device", "precision", "threads"))
        for record in records
        if record["step"] in ("train", "encode")
    }


def faults_of_settings(first: anndata.AnnData, second: anndata.AnnData) -> list[str]:
    """Return why the two runs may not be compared to the last digit."""
    told = [settings(adata) for adata in (first, second)]
    fixed = all(step[:2] == ("cpu", "fp32") and step[2] > 0 for run in told for step in run.values())
    if fixed and told[0] == told[1] and set(told[0]) == {"train", "encode"}:
        return []
    advice = "run both with DEMO_ARGS='--device cpu --precision fp32 --threads 2'"
    return [f"device, precision and threads are not the same and fixed, {told[0]} and {told[1]}; {advice}"]


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
    encoded = [anndata.read_h5ad(folder / "encoded.h5ad") for folder in (first, second)]
    faults = faults_of_settings(*encoded) + faults_of_codes(*encoded)
    faults += faults_of_scores(*(pd.read_csv(folder / "scores.tsv", sep="\t") for folder in (first, second)))
    print("\n".join(faults) or "the same")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
