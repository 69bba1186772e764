"""Write the small files that the tests of the Galaxy tools use; the same bytes on every run.

Usage: python tools/testing/make_test_data.py [FOLDER]

All come from ``test-data/simulated``: the raw studies cut to fewer genes, and what each executable makes of the merged
ones, so that every tool can be tested by itself. FOLDER is ``tools/clrna/test-data`` by default; only then is the model
also written for the tests of the data manager.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from make_fetch_data import write_fetch_files

from clrna.cli import baseline, encode, explain, match, score, train
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad

REPOSITORY = Path(__file__).resolve().parents[2]
SIMULATED = REPOSITORY / "test-data" / "simulated"
TEST_DATA = REPOSITORY / "tools" / "clrna" / "test-data"
MANAGER = REPOSITORY / "tools" / "data_managers" / "data_manager_clrna_models"
N_GENES = 80
HELD_OUT = "SIM3"


def main() -> None:
    """Write all files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TEST_DATA
    folder.mkdir(exist_ok=True)
    copy_raw_files(folder)
    write_fetch_files(folder)
    write_merged(folder)
    run_steps(folder)
    if folder == TEST_DATA:
        shutil.copyfile(folder / "model.safetensors", MANAGER / "test-data" / "model.safetensors")


def write_merged(folder: Path) -> None:
    """Write the merged studies, and once more with columns and a study named as people name them."""
    merged = read_h5ad(SIMULATED / "merged.h5ad")[:, :N_GENES].copy()
    write_h5ad(merged, folder / "merged.h5ad")
    odd = merged[:, :20].copy()
    odd.obs["study"] = odd.obs["study"].astype(str).replace("SIM3", "-Köln")
    odd.obs["site [raw] %"] = odd.obs["tissue"].astype(str)
    odd.obs["lab"] = "lab of " + odd.obs["study"]  # confounded with the study
    odd.layers["as measured"] = odd.X.copy()
    write_h5ad(odd, folder / "odd_names.h5ad")


def copy_raw_files(folder: Path) -> None:
    """Copy the raw studies; matrices that Galaxy would unpack are written unpacked, cut to fewer genes."""
    for name in ("SIM1.tsv.gz", "metadata.tsv", "combined_cl_metadata"):
        shutil.copyfile(SIMULATED / name, folder / name)
    log2_tpm = pd.read_csv(SIMULATED / "SIM2.csv.gz", index_col=0)
    log2_tpm.iloc[:, :150].to_csv(folder / "SIM2.csv")
    modac = pd.read_csv(SIMULATED / "combined_rnaseq_data", sep="\t", index_col=0)
    modac.iloc[:, :60].to_csv(folder / "combined_rnaseq_data", sep="\t")
    ratios = read_h5ad(SIMULATED / "SIM3.h5ad")
    write_h5ad(ratios[:, :150].copy(), folder / "SIM3.h5ad")


def run_steps(folder: Path) -> None:
    """Run the executables on the merged studies, without one of them in the training."""
    small = ("--hidden", "16", "--latent-dim", "8", "--epochs", "4", "--threads", "1")
    with tempfile.TemporaryDirectory() as work:
        at = Path(work)
        shutil.copyfile(folder / "merged.h5ad", at / "merged.h5ad")
        call(train.main, at, "merged.h5ad", "-o", "model.safetensors", "--history", "history.tsv",
             "--exclude-study", HELD_OUT, *small)  # fmt: skip
        call(encode.main, at, "merged.h5ad", "-m", "model.safetensors", "-o", "encoded.h5ad", "--threads", "1")
        call(baseline.main, at, "merged.h5ad", "-o", "baselines.h5ad", "--n-comps", "10", "--methods", "pca,combat")
        call(score.main, at, "encoded.h5ad", "baselines.h5ad", "-o", "scores.tsv", "--bootstrap", "20")
        call(match.main, at, "encoded.h5ad", "model.safetensors", "-o", "matches.tsv", "-k", "2")
        call(explain.main, at, "model.safetensors", "encoded.h5ad", "-o", "genes.tsv", "-n", "2")
        computed = (
            "model.safetensors",
            "history.tsv",
            "encoded.h5ad",
            "baselines.h5ad",
            "scores.tsv",
            "matches.tsv",
            "genes.tsv",
        )
        for name in computed:
            shutil.copyfile(at / name, folder / name)


def call(program: Callable[[Sequence[str]], int], folder: Path, *words: str) -> None:
    """Run an executable on files of a folder; words that name one get the folder before them."""
    files = (".h5ad", ".safetensors", ".tsv")
    status = program([*(str(folder / word) if word.endswith(files) else word for word in words), "--quiet"])
    if status != 0:
        raise SystemExit(f"{program.__module__} {' '.join(words)}: exit status {status}")


if __name__ == "__main__":
    main()
