"""The plain way to do what an executable does, to hold its cost against.

usage: python benchmarks/speed/references.py NAME FILE

Each reads its file and does its work as a first search of the web would have it. ``--help`` lists the names.
"""

import itertools
import sys
from collections.abc import Callable

import anndata
import numpy as np


def read_text(path: str) -> None:
    """Read a table of text with pandas."""
    import pandas as pd

    pd.read_csv(path, sep="\t", index_col=0)


def combat(path: str) -> None:
    """Run scanpy's ComBat and its PCA."""
    import scanpy

    adata = anndata.read_h5ad(path)
    scanpy.pp.combat(adata, key="study")
    scanpy.pp.pca(adata, n_comps=50)


def pca(path: str) -> None:
    """Run scikit-learn's PCA."""
    from sklearn.decomposition import PCA

    PCA(50, random_state=0).fit_transform(anndata.read_h5ad(path).X)


def silhouette(path: str) -> None:
    """Run scikit-learn's silhouette, of labels and of studies, on at most as many samples as clrna-score takes."""
    from sklearn.metrics import silhouette_score

    adata = anndata.read_h5ad(path, backed="r")
    for column in ("tissue", "study"):
        most = min(adata.n_obs, 5000)
        silhouette_score(adata.obsm["X_pca"], adata.obs[column], sample_size=most, random_state=0)


def umap(path: str) -> None:
    """Run umap-learn with its defaults, on at most as many samples as clrna-plot draws."""
    import umap

    codes = anndata.read_h5ad(path, backed="r").obsm["X_pca"]
    umap.UMAP(random_state=0).fit_transform(codes[np.random.default_rng(0).permutation(len(codes))[:5000]])


def train(path: str) -> None:
    """Train the published autoencoder's shape for one epoch, with the loop that every tutorial of PyTorch has."""
    import torch
    from torch import nn

    values = torch.tensor(anndata.read_h5ad(path).X)
    widths = [values.shape[1], 512, 128, 512, values.shape[1]]
    layers = [part for pair in itertools.pairwise(widths) for part in (nn.Linear(*pair), nn.SELU())]
    network = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    for batch in values.split(128):
        optimizer.zero_grad()
        nn.functional.mse_loss(network(batch), batch).backward()
        optimizer.step()


REFERENCES: dict[str, Callable[[str], None]] = {
    function.__name__: function for function in (read_text, combat, pca, silhouette, umap, train)
}


def main() -> int:
    """Run the reference that the first word names."""
    if len(sys.argv) != 3 or sys.argv[1] not in REFERENCES:
        print(__doc__, *(f"{name}: {function.__doc__}" for name, function in REFERENCES.items()), sep="\n")
        return 2
    REFERENCES[sys.argv[1]](sys.argv[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
