"""Small inputs for the figures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.results.samples import DrawnSamples, drawn_samples


@pytest.fixture(scope="session")
def color_vision(load_script):
    """The simulation of color vision deficiency beside this file."""
    return load_script(Path(__file__).with_name("color_vision.py"))


@pytest.fixture
def adata() -> AnnData:
    """24 samples of 2 studies and 3 tissues, one of them unlabelled, with two embeddings."""
    generator = np.random.default_rng(0)
    tissue = np.resize(["Lung", "Bowel", "Skin"], 24).astype(object)
    tissue[5] = ""
    obs = pd.DataFrame(
        {
            "study": np.repeat(["CCLE", "TCGA"], 12),
            "tissue": tissue,
            "age": np.arange(24.0),
            "cluster": np.resize([1, 2], 24),
            "clrna_label": "Lung",
            "clrna_seen": np.repeat(["study", "unseen"], 12),
        },
        index=[f"S{i}" for i in range(24)],
    )
    adata = AnnData(np.zeros((24, 2), dtype=np.float32), obs=obs)
    adata.obsm["X_pca"] = generator.normal(size=(24, 4)).astype(np.float32)
    adata.obsm["X_clrna"] = generator.normal(size=(24, 3)).astype(np.float32)
    adata.obsm["X_umap"] = np.zeros((24, 2), dtype=np.float32)
    return adata


@pytest.fixture
def samples(adata) -> DrawnSamples:
    """The same, checked and none left out."""
    return drawn_samples(
        adata, Path("a.h5ad"), label_key="tissue", label_by=None, study_key="study", max_points=100, seed=0
    )
