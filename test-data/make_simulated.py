"""Write the small simulated files in ``simulated/``; the same bytes on every run.

Usage: python test-data/make_simulated.py [FOLDER]

Three studies of four tissues as a researcher may hold them (counts with versioned Ensembl genes, log2(TPM + 1)
with symbols, a ratio array with Entrez numbers), their sample metadata, a pair of files in MoDaC's layout, and
the same studies as clrna-normalize would merge them.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.io.contract import text_column
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.simulate import simulate
from clrna.simulate_files import RawFile, write_metadata, write_raw_study

SEED = 20
LAYOUTS = {
    "SIM1": RawFile("counts", "ensembl_version", "tsv.gz", samples_in_rows=False),
    "SIM2": RawFile("log2_tpm1", "previous", "csv.gz", missing_genes=0.05, missing_values=20),
    "SIM3": RawFile("log2_ratio", "entrez", "h5ad", missing_genes=0.05),
}


def main() -> None:
    """Write all files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "simulated"
    folder.mkdir(exist_ok=True)
    adata = simulate(n_tissues=4, n_studies=3, n_genes=250, samples_per=12, seed=SEED)
    for number, (study, layout) in enumerate(LAYOUTS.items()):
        write_raw_study(adata, study, folder, layout, seed=SEED + number)
    write_metadata(adata, folder / "metadata.tsv", ("SIM1", "SIM2"))
    write_modac_pair(adata, folder)
    write_h5ad(adata, folder / "merged.h5ad")


def write_modac_pair(adata: AnnData, folder: Path) -> None:
    """Write the first two studies as ``combined_rnaseq_data`` and ``combined_cl_metadata`` would hold them."""
    some = adata[adata.obs[STUDY].isin(["SIM1", "SIM2"]).to_numpy(), :100]
    matrix = pd.DataFrame(np.round(some.X.astype(np.float64), 3), index=some.obs_names, columns=some.var_names)
    matrix.to_csv(folder / "combined_rnaseq_data", sep="\t", index_label="Sample")
    tissue, tumor_type = text_column(some.obs[TISSUE]), text_column(some.obs[TUMOR_TYPE])
    metadata = pd.DataFrame(
        {
            "sample_name": some.obs_names,
            "dataset": some.obs[STUDY].to_numpy(),
            "sample_category": text_column(some.obs[SAMPLE_CATEGORY]),
            "sample_descr": "simulated",
            "tumor_site_from_data_src": [name.upper() for name in tissue],
            "tumor_type_from_data_src": tumor_type,
            "simplified_tumor_site": [name.lower() for name in tissue],
            "simplified_tumor_type": tumor_type,
        }
    )
    metadata.to_csv(folder / "combined_cl_metadata", sep="\t", index=False)


if __name__ == "__main__":
    main()
