"""An encoded file goes through scanpy as it is."""

import matplotlib as mpl
import pytest

from clrna.encode.files import encode_file
from clrna.encode.options import EncodeOptions
from clrna.io.hdf5.h5ad import read_h5ad


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_neighbors_umap_and_plot(model, model_path, query_path, tmp_path):
    mpl.use("Agg")
    import scanpy as sc

    encode_file(query_path, tmp_path / "out.h5ad", model, model_path, EncodeOptions(reconstruct=True))
    adata = read_h5ad(tmp_path / "out.h5ad")
    sc.pp.neighbors(adata, use_rep="X_clrna")
    sc.tl.umap(adata)
    assert adata.obsm["X_umap"].shape == (72, 2)
    axes = sc.pl.umap(adata, color=["clrna_label", "clrna_unlike_training", "clrna_confidence"], show=False)
    assert len(axes) == 3
    adata.write_h5ad(tmp_path / "again.h5ad")
    assert "X_umap" in read_h5ad(tmp_path / "again.h5ad").obsm
