"""Cut the real studies NCI-60 and CCLE to the genes they share, for ``make demo``.

Usage: python test-data/make_demo.py DATA_FOLDER

DATA_FOLDER holds ``native/nci60_agilent.h5ad`` and ``native/ccle_rnaseq_391.h5ad``; the results are written
beside this script, to ``demo/``. Values, sample names and metadata stay as they are. See README.md there for
sources and licences.
"""

import argparse
from pathlib import Path

import numpy as np
from anndata import AnnData

from clrna.genes import map_genes
from clrna.io.h5ad import read_h5ad, write_h5ad

STUDIES = {"ccle.h5ad": "ccle_rnaseq_391.h5ad", "nci60.h5ad": "nci60_agilent.h5ad"}
MOST_BYTES = 2_000_000


def main() -> None:
    """Write ``demo/*.h5ad``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder", type=Path)
    folder = parser.parse_args().data_folder / "native"
    studies = {name: read_h5ad(folder / source) for name, source in STUDIES.items()}
    target = Path(__file__).parent / "demo"
    target.mkdir(exist_ok=True)
    for name, adata in cut_to_shared(studies).items():
        write_h5ad(adata, target / name)
    size = sum((target / name).stat().st_size for name in STUDIES)
    if size > MOST_BYTES:
        raise SystemExit(f"{size} bytes are more than the {MOST_BYTES} that the repository carries")
    print(f"wrote {size} bytes")


def cut_to_shared(studies: dict[str, AnnData]) -> dict[str, AnnData]:
    """Keep the genes, as current symbols see them, that all studies have once."""
    symbols = {name: map_genes(list(adata.var_names)).symbol for name, adata in studies.items()}
    shared = set.intersection(*({symbol for symbol in found if symbol} for found in symbols.values()))
    return {
        name: adata[:, np.isin(symbols[name].astype(str), sorted(shared))].copy() for name, adata in studies.items()
    }


if __name__ == "__main__":
    main()
