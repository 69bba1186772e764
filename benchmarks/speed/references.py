"""The plain way to do what an executable does, to hold its cost against.

usage: python benchmarks/speed/references.py NAME FILE

Each reads its file and does its work as a first search of the web would have it. ``--help`` lists the names.
"""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from steps import EPOCHS

if TYPE_CHECKING:
    from anndata import AnnData


def read_text(path: str) -> None:
    """Read a table of text with pandas."""
    import pandas as pd

    pd.read_csv(path, sep="\t", index_col=0)


def read_text_by_polars(path: str) -> None:
    """Read a table of text with polars, into one array of samples x genes as pandas has it."""
    import polars as pl

    with Path(path).open(encoding="utf-8") as text:
        names = text.readline().rstrip("\n").split("\t")
    numbers = dict.fromkeys(names[1:], pl.Float64)
    pl.read_csv(path, separator="\t", schema_overrides=numbers).drop(names[0]).to_numpy()


def combat(path: str) -> None:
    """Run scanpy's ComBat and its PCA."""
    import scanpy

    adata = _read(path)
    scanpy.pp.combat(adata, key="study")
    scanpy.pp.pca(adata, n_comps=50)


def pca(path: str) -> None:
    """Run scikit-learn's PCA."""
    from sklearn.decomposition import PCA

    PCA(50, random_state=0).fit_transform(_read(path).X)


def silhouette(path: str) -> None:
    """Run scikit-learn's silhouette, of labels and of studies, on at most as many samples as clrna-score takes."""
    from sklearn.metrics import silhouette_score

    adata = _read(path, backed="r")
    for column in ("tissue", "study"):
        most = min(adata.n_obs, 5000)
        silhouette_score(adata.obsm["X_pca"], adata.obs[column], sample_size=most, random_state=0)


def umap(path: str) -> None:
    """Run umap-learn with its defaults, on at most as many samples as clrna-plot draws."""
    import umap

    codes = _read(path, backed="r").obsm["X_pca"]
    umap.UMAP(random_state=0).fit_transform(codes[np.random.default_rng(0).permutation(len(codes))[:5000]])


def train(path: str) -> None:
    """Train the published autoencoder's shape for one epoch, with the loop that every tutorial of PyTorch has."""
    import torch
    from torch import nn

    values = torch.tensor(_read(path).X)
    widths = [values.shape[1], 512, 128, 512, values.shape[1]]
    layers = [part for pair in itertools.pairwise(widths) for part in (nn.Linear(*pair), nn.SELU())]
    network = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    for batch in values.split(128):
        optimizer.zero_grad()
        nn.functional.mse_loss(network(batch), batch).backward()
        optimizer.step()


def train_published(path: str) -> None:
    """Train original-943 for some epochs in float32, with the loop that every tutorial of PyTorch has."""
    import torch
    from plain_network import BATCH_SIZE, WIDTHS, PlainNetwork, train_plainly

    adata = _read(path)
    adata = adata[adata.obs["split"] == "train"]
    codes = torch.tensor(adata.obs["tissue"].cat.codes.to_numpy(dtype=np.int64))
    network = PlainNetwork([adata.n_vars, *WIDTHS], int(codes.max()) + 1)
    train_plainly(network, torch.tensor(adata.X), codes, batch_size=BATCH_SIZE, epochs=EPOCHS)


def _read(path: str, backed: str | None = None) -> "AnnData":
    import anndata  # takes a second, which a reference that reads text does not pay

    return anndata.read_h5ad(path, backed=backed)


REFERENCES: dict[str, Callable[[str], None]] = {
    function.__name__: function
    for function in (read_text, read_text_by_polars, combat, pca, silhouette, umap, train, train_published)
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
