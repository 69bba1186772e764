"""How often what clrna-match states is true, of studies that the model was not trained on.

usage: python benchmarks/matches.py FOLDER [-o table.tsv]

FOLDER is searched for the studies that PANELS and COHORTS name, one ``.h5ad`` each. Each panel is left out of the
training in turn and matched with the others; the cohorts are matched with all panels. Printed is, of nearest matches
and samples of tissues that the reference has: how many have the same tissue, and how often the level ``same_label``
was stated and true; the same with samples of tissues that it lacks; how often ``replicate`` was stated and true; and
how many of the donors that the reference has found themselves.
"""

import argparse
import logging
from pathlib import Path

import pandas as pd
from anndata import AnnData

import clrna

PANELS = (
    "nci60_agilent",
    "ccle_rnaseq_391",
    "ccle_rnaseq_zscore",
    "gdsc_zscore",
    "tcga_agilent6",
    "tcga_counts6_zscore",
)
COHORTS = (
    "moffitt2015_pdac_rnaseq", "curated_GSE24549_GPL5175", "chowdary2006_u133a", "curated_GSE12470", "gordon2002_u95a",
)  # fmt: skip
GENES = "50%"


def main() -> None:
    """Match each left-out study, print a row each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the studies")
    parser.add_argument("-o", "--output", type=Path, default=None, help="also write the table, as TSV")
    args = parser.parse_args()
    logging.getLogger("clrna").setLevel(logging.ERROR)
    panels = clrna.pp.normalize({name: read(args.folder, name) for name in PANELS}, genes=GENES)
    rows = []
    for study in panels.obs["study"].astype(str).unique():
        model = clrna.tl.train(panels, exclude_studies=[study])
        codes = clrna.tl.encode(panels, model, copy=True)
        own = (codes.obs["study"].astype(str) == study).to_numpy()
        rows.append(row(study, codes[own].copy(), codes[~own].copy()))
    model = clrna.tl.train(panels)
    reference = clrna.tl.encode(panels, model, copy=True)
    for name in COHORTS:
        cohort = clrna.pp.normalize({name: read(args.folder, name)})
        clrna.tl.encode(cohort, model)
        rows.append(row(name, cohort, reference))
    if args.output:
        pd.DataFrame(rows).to_csv(args.output, sep="\t", index=False)


def read(folder: Path, name: str) -> AnnData:
    """Return a study without its normal samples, whose tissue is not what is asked for."""
    (path,) = folder.rglob(f"{name}.h5ad")
    adata = clrna.read(path)
    return adata[adata.obs["source"].astype(str) != "normal"].copy()


def row(study: str, query: AnnData, reference: AnnData) -> dict[str, object]:
    """Match samples, and print and return what is found."""
    table = clrna.tl.match(query, reference, n_matches=1)
    same, replicate = (table["as_close_as"] == level for level in ("same_label", "replicate"))
    stated = table["label_from"] == "file"
    held = stated & table["label"].isin(set(reference.obs["tissue"].astype(str)))
    found, itself = table["match_label"] == table["label"], table["match_donor"] == table["donor"]
    there = table["donor"].isin(set(reference.obs["donor"].astype(str)) - {""})
    result = {
        "study": study, "samples": int(held.sum()), "same tissue": found[held].mean(),
        "same_label": int((same & held).sum()), "true of these": found[same & held].mean(),
        "same_label of any": int((same & stated).sum()), "true of any": found[same & stated].mean(),
        "replicate": int(replicate.sum()), "true of those": itself[replicate].mean(),
        "donors there": int(there.sum()), "recall@1": itself[there].mean(),
    }  # fmt: skip
    print(
        " | ".join(f"{value:.2f}" if isinstance(value, float) else str(value) for value in result.values()), flush=True
    )
    return result


if __name__ == "__main__":
    main()
