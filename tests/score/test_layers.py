"""Layers of expression are scored beside embeddings, by their principal components."""

import json

import anndata
import numpy as np
import pandas as pd
import pytest

import clrna
from clrna.baselines.principal_components import pca
from clrna.cli.score import main
from clrna.errors import InputError, UsageError
from clrna.score.layers import layer_components

FAST = ("--metrics", "transfer_f1,silhouette", "--bootstrap", "0")


@pytest.fixture
def layered(adata):
    """Samples with a layer that tells the tissue, and one gene without values in one of the studies."""
    tissues = adata.obs["tissue"].astype(str).to_numpy()
    shift = pd.get_dummies(tissues).to_numpy(dtype=float) @ np.random.default_rng(1).normal(
        0, 4, (len(set(tissues)), adata.n_vars)
    )
    layer = np.random.default_rng(0).normal(0, 1, adata.shape) + shift
    layer[(adata.obs["study"] == "B").to_numpy(), 0] = np.nan
    adata.layers["corrected"] = layer.astype(np.float32)
    return adata


def test_components_are_those_of_the_genes_that_all_samples_have(layered, tmp_path):
    found = layer_components(layered, ["corrected", "corrected"], tmp_path / "a.h5ad", 0)
    assert list(found) == ["X_corrected"]
    np.testing.assert_allclose(found["X_corrected"], pca(layered.layers["corrected"][:, 1:], 50, 0), atol=1e-5)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_one_absurd_value_is_refused_by_layer_gene_and_sample(layered, tmp_path):
    layered.layers["corrected"][3, 2] = 3.4e38
    gene, sample = layered.var_names[2], layered.obs_names[3]
    with pytest.raises(InputError, match=rf"a\.h5ad: layer 'corrected': gene {gene} of sample {sample} is 3\.4e\+38"):
        layer_components(layered, ["corrected"], tmp_path / "a.h5ad", 0)


def test_a_layer_is_a_row_beside_the_embeddings(layered, run):
    table = run(layered, words=(*FAST, "--layers", "corrected"))
    of_layer = table[
        (table["embedding"] == "X_corrected") & (table["metric"] == "transfer_f1") & (table["study"] == "")
    ]
    assert {"X_clrna", "X_pca", "X_corrected"} <= set(table["embedding"])
    assert of_layer["value"].astype(float).max() > 0.95
    table = run(layered, words=(*FAST, "--layers", "corrected", "--embeddings", "X_pca"))
    assert set(table["embedding"]) == {"X_pca", "X_corrected"}


def test_what_the_model_was_trained_on_holds_for_its_layer(layered, run):
    """A layer that a model wrote knows the studies that the model knows."""
    entry = dict(layered.uns["clrna"]["models"]["X_clrna"]) if "models" in layered.uns["clrna"] else {}
    entry |= {"training_studies": np.array(["A"], dtype=object), "corrected_layer": "corrected"}
    entry["columns"] = {"seen": "clrna_seen"}
    layered.uns["clrna"]["models"] = {"X_clrna": entry}
    layered.uns["clrna"]["provenance"] = np.array([json.dumps({"step": "encode"})], dtype=object)
    layered.obs["clrna_seen"] = np.where(layered.obs["study"] == "A", "study", "unseen")
    table = run(layered, words=(*FAST, "--layers", "corrected"))
    notes = table[table["metric"] == "transfer_f1"].groupby("embedding")["note"].first()
    assert notes["X_corrected"] == notes["X_clrna"] != notes["X_pca"]


def test_the_function_scores_it_too(layered, run):
    by_file = run(layered, words=("--metrics", "silhouette", "--bootstrap", "0", "--layers", "corrected"))
    scores = clrna.tl.score(layered, layers="corrected", metrics="silhouette", bootstrap=0)
    assert layered.obsm["X_corrected"].shape == (layered.n_obs, min(layered.n_obs, layered.n_vars - 1, 50))
    one, other = (t[t["embedding"] == "X_corrected"]["value"].astype(float).to_numpy() for t in (scores, by_file))
    np.testing.assert_allclose(one, other, rtol=1e-4)


def test_what_cannot_be_scored_is_said_in_one_line(layered, write, tmp_path, capsys):
    words = [str(write(layered)), "-o", str(tmp_path / "s.tsv"), *FAST, "--layers"]
    assert main([*words, "nothing"]) == 3
    assert "has no layer 'nothing'; there are corrected" in capsys.readouterr().err.splitlines()[-1]
    with pytest.raises(UsageError, match=r"^--layers pca: the embedding X_pca is there already"):
        layered.layers["pca"] = layered.layers["corrected"]
        layer_components(layered, ["pca"], tmp_path, 0)
    layered.layers["empty"] = np.full(layered.shape, np.nan, dtype=np.float32)
    with pytest.raises(InputError, match="in layer 'empty' 0 genes have a value in all samples"):
        layer_components(layered, ["empty"], tmp_path, 0)
    assert not (tmp_path / "s.tsv").exists()


def test_the_scored_file_has_the_components(layered, write, tmp_path):
    words = [str(write(layered)), "-o", str(tmp_path / "s.tsv"), *FAST, "--layers", "corrected", "--quiet"]
    assert main([*words, "--output-h5ad", str(tmp_path / "scored.h5ad")]) == 0
    assert "X_corrected" in anndata.read_h5ad(tmp_path / "scored.h5ad").obsm
