"""A small file of three studies that share tissues and some donors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse


def three_studies(n_per_study: int = 24, n_genes: int = 40, seed: int = 0) -> AnnData:
    rng = np.random.default_rng(seed)
    tissues = np.tile(["lung", "skin", "brain"], n_per_study)
    studies = np.repeat(["A", "B", "C"], n_per_study)
    centers = pd.DataFrame(rng.normal(0, 2, (3, n_genes)), index=["lung", "skin", "brain"])
    shifts = pd.DataFrame(rng.normal(0, 3, (3, n_genes)), index=["A", "B", "C"])
    values = 8 + centers.loc[tissues].to_numpy() + shifts.loc[studies].to_numpy() + rng.normal(0, 1, (72, n_genes))
    obs = pd.DataFrame(
        {
            "study": studies,
            "tissue": tissues,
            "donor": [f"d{i}" for i in range(len(studies))],
            "age": rng.normal(50, 10, len(studies)),
            "kept": 1,
        },
        index=[f"{study}.{i}" for i, study in enumerate(studies)],
    )
    adata = AnnData(values.astype(np.float32), obs=obs)
    adata.var_names = [f"G{i}" for i in range(n_genes)]
    adata.uns["mine"] = {"kept": "yes"}
    adata.obsm["X_mine"] = np.ones((len(obs), 2), dtype=np.float32)
    return adata


@pytest.fixture
def adata() -> AnnData:
    return three_studies()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def to_file(adata: AnnData, name: str = "in.h5ad", as_sparse: bool = False) -> Path:
        path = tmp_path / name
        written = adata.copy()
        if as_sparse:
            written.X = sparse.csr_matrix(written.X)
        written.write_h5ad(path)
        return path

    return to_file
