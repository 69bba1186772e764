"""What a model that went on from another one is worth beside one that was trained on all data at once.

usage: python benchmarks/start.py FOLDER [--splits NAME,...] [-o table.tsv]

FOLDER is searched for the studies that SPLITS and COHORTS name, one ``.h5ad`` each. Of each split, a model is trained
on the first studies and another goes on from it with the second ones (``clrna.tl.train(..., start=model)``); a third
is trained on all. Printed is, of studies that none of them has seen, how often the label of tumors and cell lines is
right, of donors and tissues that all data have in another study, the macro-F1 over these tissues, and the mean
confidence less the accuracy.
"""

import argparse
import functools
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

import clrna
from clrna.metrics.macro_f1 import macro_f1

COHORTS = (
    "golub1999_hu6800", "kegg_GSE781", "curated_GSE24549_GPL5175", "chowdary2006_u133a", "curated_GSE12470",
    "curated_GSE19829_GPL8300", "gordon2002_u95a", "moffitt2015_pdac_rnaseq", "curated_GSE89", "curated_GSE5287",
    "nakayama2007_u133a", "nci60_u95av2_p53", "chiaretti2004_all_u95av2", "ccle_rnaseq_391",
)  # fmt: skip
# Of each split: studies of the first model, and those that are added.
SPLITS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "tumors before lines": (("tcga_agilent6", "tcga_counts6_zscore", "nci60_agilent"), ("gdsc_zscore",)),
    "lines before tumors": (("nci60_agilent", "gdsc_zscore"), ("tcga_agilent6", "tcga_counts6_zscore")),
    "cohorts one by one": (
        ("nci60_agilent", "tcga_agilent6", "tcga_counts6_zscore"),
        ("chowdary2006_u133a", "gordon2002_u95a", "moffitt2015_pdac_rnaseq"),
    ),
}
# That come one after the other, each with its own training, and not all at once.
ONE_BY_ONE = ("cohorts one by one",)
GENES = "75%"
FEWEST = 5


def main() -> None:
    """Train, go on, train on all, and print a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the studies")
    parser.add_argument("--splits", default=",".join(SPLITS), help="names of splits, comma separated")
    parser.add_argument("-o", "--output", type=Path, default=None, help="also write the table, as TSV")
    args = parser.parse_args()
    logging.getLogger("clrna").setLevel(logging.ERROR)
    rows = [row for name in args.splits.split(",") for row in split(args.folder, name)]
    if args.output:
        pd.DataFrame(rows).to_csv(args.output, sep="\t", index=False)


def split(folder: Path, name: str) -> list[dict[str, object]]:
    """Return and print the rows of one split."""
    first, added = SPLITS[name]
    whole = merged(folder, (*first, *added))
    labels = whole.obs["tissue"].astype(str).value_counts()
    known, donors = set(labels.index[labels >= FEWEST]), set(whole.obs["donor"].astype(str)) - {""}
    before = saved(clrna.tl.train(merged(folder, first)))
    after = before
    for part in [(one,) for one in added] if name in ONE_BY_ONE else [added]:
        after = saved(clrna.tl.train(merged(folder, part), start=after))
    models = {"first studies": before, "--start": after, "all at once": clrna.tl.train(whole)}
    asked = [query(folder, one) for one in COHORTS if one not in {*first, *added}]
    rows = []
    for which, model in models.items():
        table = pd.concat([answers(adata, model, known, donors) for adata in asked])
        rows.append(row(name, which, table))
        new = set(whole.obs["tissue"].astype(str)) - set(before.classes)
        if new & set(table["tissue"]):
            rows.append(row(name, f"{which}, new tissues", table[table["tissue"].isin(new)]))
    return rows


def saved(model: clrna.Model) -> clrna.Model:
    """Return a model as it is read from a file in half precision, as the models are that one gets."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path, half_precision=True)
        return clrna.Model.load(path)


@functools.cache
def query(folder: Path, name: str) -> AnnData:
    """Return a study that is asked about."""
    return clrna.pp.normalize({name: read(folder, name)})


def merged(folder: Path, names: Sequence[str]) -> AnnData:
    """Return studies in one, their normal samples left out."""
    genes = GENES if len(names) > 1 else "union"
    return clrna.pp.normalize({name: read(folder, name) for name in names}, genes=genes)


def read(folder: Path, name: str) -> AnnData:
    """Return a study without its normal samples."""
    (path,) = folder.rglob(f"{name}.h5ad")
    adata = clrna.read(path)
    return adata[adata.obs["source"].astype(str) != "normal"].copy()


def answers(adata: AnnData, model: clrna.Model, known: set[str], donors: set[str]) -> pd.DataFrame:
    """Return tissue, label and confidence of a study's samples whose tissue, but not donor, all data have."""
    obs = clrna.tl.encode(adata, model, copy=True).obs
    counted = obs["tissue"].astype(str).isin(known) & ~obs["donor"].astype(str).isin(donors)
    columns = {"tissue": "tissue", "clrna_label": "label", "clrna_confidence": "confidence", "study": "study"}
    return obs.loc[counted, list(columns)].rename(columns=columns).astype({"tissue": str, "label": str})


def row(split: str, which: str, table: pd.DataFrame) -> dict[str, object]:
    """Return and print what is measured of a table of answers."""
    right = table["tissue"] == table["label"]
    result = {
        "split": split, "model": which, "studies": table["study"].nunique(), "samples": len(table),
        "accuracy": right.mean(), "macro_f1": macro_f1(table["tissue"].to_numpy(), table["label"].to_numpy()),
        "of_studies": right.groupby(table["study"], observed=True).mean().mean(),
        "overconfidence": table["confidence"].mean() - right.mean(),
    }  # fmt: skip
    print(" | ".join(f"{v:.3f}" if isinstance(v, float | np.floating) else str(v) for v in result.values()), flush=True)
    return result


if __name__ == "__main__":
    main()
