"""Choose and cut the real studies of ``make demo``: a reference of many tissues, and cohorts that it has not seen.

Usage: python test-data/make_demo.py DATA_FOLDER

DATA_FOLDER holds the files that ``demo_candidates.tsv`` names, at any depth, each with the SHA-256 that stands there:
all openly licensed studies at hand. The results are written beside this script, to ``demo/``. See README.md there for
sources and licences.

The rule was fixed, and committed, before any model had been trained on the files made here or asked about them:

- Genes: those that CCLE and NCI-60 both have, as current symbols see them.
- Samples: tumors, cell lines and xenografts; no normal tissue.
- No study whose values or labels are not each sample's own, and none that lacks more than a quarter of the genes.
- Reference: every study of three tissues or more.
- Unseen: every other one with 20 samples or more of tissues that the reference holds in 20 samples or more. Its samples
  of other tissues are left out, since no method could name them.
- Of a tissue of a study, other than of CCLE and NCI-60, at most 40 samples at even distances: enough for intervals, and
  little enough for the size of the repository and the time of the demo.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.genes import map_genes
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "reference_model"))
from making import checked

TARGET = Path(__file__).with_name("demo")
CANDIDATES = Path(__file__).with_name("demo_candidates.tsv")
COUNTED = ("tumour", "cell_line", "cell line", "PDX")
COLUMNS = ("study", "source", "tissue", "tumor_type", "donor", "platform")
WHOLE = ("CCLE", "NCI60")  # carried whole, with all digits
REFERENCE_TISSUES, LEAST_SAMPLES, LEAST_GENES, MOST_SAMPLES = 3, 20, 0.75, 40
# Of the 24 of float32; moves a value by 0.05 % at most.
SIGNIFICANT_BITS = 11
MOST_BYTES = 3_000_000


@dataclass(frozen=True)
class Study:
    """A candidate, cut to genes and samples that count."""

    name: str
    file: str  # that it is carried as
    adata: AnnData
    never: str  # why it cannot be chosen, '' where it can

    @property
    def tissues(self) -> pd.Series:
        """Tissue of each sample."""
        return self.adata.obs["tissue"].astype(str)


def main() -> None:
    """Write ``demo/*.h5ad`` and ``demo/hold-out.list``, and print what became of each candidate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_folder", type=Path)
    studies = candidates(parser.parse_args().data_folder)
    reference, unseen = chosen(studies)
    TARGET.mkdir(exist_ok=True)
    for study in (*reference, *unseen):
        adata = study.adata if study.name in WHOLE else packed(thinned(study))
        write_h5ad(adata, TARGET / study.file)
        counts = adata.obs["tissue"].value_counts().to_dict()
        print(study.name, "unseen" if study in unseen else "reference", adata.shape, counts)
    (TARGET / "hold-out.list").write_text("".join(f"{name}\n" for name in sorted(study.name for study in unseen)))
    size = sum(path.stat().st_size for path in TARGET.iterdir())
    if size > MOST_BYTES:
        raise SystemExit(f"{size} bytes are more than the {MOST_BYTES} that the repository carries")
    print(f"wrote {size} bytes")


def candidates(folder: Path) -> list[Study]:
    """Return all candidates, each of the genes that CCLE and NCI-60 share and of the samples that count."""
    table = pd.read_csv(CANDIDATES, sep="\t", comment="#", dtype=str, keep_default_na=False)
    read = {
        row["study"]: read_h5ad(checked(folder, row["file"], row["sha256"], CANDIDATES)) for _, row in table.iterrows()
    }
    symbols = {name: map_genes(list(adata.var_names)).symbol for name, adata in read.items()}
    shared = set.intersection(*({symbol for symbol in symbols[name] if symbol} for name in WHOLE))
    studies = []
    for _, row in table.iterrows():
        adata = read[row["study"]]
        genes = np.isin(symbols[row["study"]].astype(str), sorted(shared))
        counted = adata.obs["source"].isin(COUNTED).to_numpy()
        found = len(set(symbols[row["study"]][genes])) / len(shared)
        never = row["never"] or (f"has {found:.0%} of the genes" if found < LEAST_GENES else "")
        studies.append(Study(row["study"], row["carried_as"], adata[counted][:, genes].copy(), never))
    return studies


def chosen(studies: list[Study]) -> tuple[list[Study], list[Study]]:
    """Return the studies of the reference, and the unseen ones with the samples of tissues that it holds."""
    fit = [study for study in studies if not study.never]
    for study in studies:
        if study.never:
            print(study.name, "left out:", study.never)
    reference = [study for study in fit if study.tissues.nunique() >= REFERENCE_TISSUES]
    held = pd.concat([study.tissues for study in reference]).value_counts()
    held = held[held >= LEAST_SAMPLES].index
    unseen = []
    for study in fit:
        if study in reference:
            continue
        known = study.tissues.isin(held).to_numpy()
        if known.sum() < LEAST_SAMPLES:
            print(study.name, f"left out: {known.sum()} samples of tissues that the reference holds")
            continue
        unseen.append(Study(study.name, study.file, study.adata[known].copy(), ""))
    return reference, unseen


def thinned(study: Study) -> AnnData:
    """Return at most ``MOST_SAMPLES`` samples a tissue, at even distances in the order of the file."""
    kept = np.zeros(study.adata.n_obs, dtype=bool)
    for rows in study.tissues.reset_index(drop=True).groupby(study.tissues.to_numpy()).groups.values():
        places = np.arange(min(len(rows), MOST_SAMPLES)) * len(rows) // min(len(rows), MOST_SAMPLES)
        kept[np.asarray(rows)[places]] = True
    return study.adata[kept].copy()


def packed(adata: AnnData) -> AnnData:
    """Round values to ``SIGNIFICANT_BITS``, which pack into half the bytes, and leave out what the demo does not read.

    Samples that were z-scored over all their genes are so again over those that are left.
    """
    values = np.asarray(adata.X, dtype=np.float64)
    if "z-score" in adata.uns["units"]:
        values = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)
        adata.uns["units"] = f"per-sample z-score over {adata.n_vars} genes"
    mantissa, exponent = np.frexp(values)
    adata.X = np.ldexp(np.round(mantissa * 2**SIGNIFICANT_BITS), exponent - SIGNIFICANT_BITS).astype(np.float32)
    adata.uns = {"units": adata.uns["units"]}
    adata.obs, adata.var = adata.obs[list(COLUMNS)], adata.var[[]]
    return adata


if __name__ == "__main__":
    main()
