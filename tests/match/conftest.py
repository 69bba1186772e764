"""Samples of three studies whose codes tell tissue, donor and, little, the study."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

TISSUES = ("Bowel", "Lung", "Skin")
MODEL = "ab" * 32


def encoded(studies: str = "ABC", donors: int = 30, trained: str = "", seed: int = 0, noise: float = 0.12) -> AnnData:
    """Every study measures the same donors, as cell lines; in C they are tumors of donors of its own."""
    rng = np.random.default_rng(7)
    tissue, donor = rng.normal(size=(3, 24)), 0.45 * rng.normal(size=(2 * donors, 24))
    noisy = np.random.default_rng([seed, *studies.encode()])
    rows, codes = [], []
    for study in studies:
        for i in range(donors):
            own = i + donors * (study == "C")
            category = "tumor" if study == "C" else "cell_line"
            rows.append({"study": study, "tissue": TISSUES[i % 3], "donor": f"d{own}", "sample_category": category})
            codes.append(tissue[i % 3] + donor[own] + noise * noisy.normal(size=24))
    adata = AnnData(
        obs=pd.DataFrame(rows, index=[f"{row['study']}.{row['donor']}" for row in rows]), shape=(len(rows), 1)
    )
    adata.X = np.zeros((adata.n_obs, 1), dtype=np.float32)
    adata.obsm["X_clrna"] = np.array(codes, dtype=np.float32)
    adata.uns["clrna"] = {
        "models": {"X_clrna": {"sha256": MODEL, "training_studies": np.array(list(trained), dtype=object)}}
    }
    return adata


@pytest.fixture
def make():
    return encoded


@pytest.fixture
def run(tmp_path):
    """Match a query with a reference and return the table; the exit status must be 0."""

    def matched(query: AnnData, reference: AnnData, *words: object, status: int = 0) -> pd.DataFrame:
        from clrna.cli.match import main

        paths = []
        for name, adata in (("query", query), ("reference", reference)):
            paths.append(tmp_path / f"{name}.h5ad")
            adata.copy().write_h5ad(paths[-1])
        out = tmp_path / "matches.tsv"
        assert main([*map(str, paths), "-o", str(out), *map(str, words)]) == status
        return pd.read_csv(out, sep="\t", keep_default_na=False) if status == 0 else pd.DataFrame()

    return matched
