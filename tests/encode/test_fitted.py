"""The same with a model that was trained: its adapter takes several passes over each study."""

import logging
import os
import subprocess
import sys

import anndata
import numpy as np
import pandas as pd
import pytest

from clrna.constants import SCALE, STUDY, TISSUE
from clrna.encode.arrays import encode_array
from clrna.encode.files import encode_file
from clrna.encode.options import EncodeOptions
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.memberships import StudyAdapter
from clrna.model.model_file import load_model, save_model

TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(scope="module")
def fitted(studies, tmp_path_factory):
    """A model trained on two studies, and its file."""
    folder = tmp_path_factory.mktemp("fitted")
    write_h5ad(studies[studies.obs[STUDY].isin(["SIM1", "SIM2"])].copy(), folder / "training.h5ad")
    words = "training.h5ad -o model.safetensors --standardize study --hidden 16 --latent-dim 8 --epochs 2 --device cpu"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "clrna.cli.train", *words.split(), "--threads", "1"],
        cwd=folder,
        env=environment,
        check=True,
    )
    path = folder / "model.safetensors"
    return load_model(path), path


def test_the_adapter_takes_more_than_one_pass(fitted):
    assert StudyAdapter(fitted[0]).n_passes > 1


@pytest.mark.parametrize("size", [1, 7, 50])
def test_the_size_of_the_blocks_does_not_change_the_codes(fitted, query, size):
    values, names = np.asarray(query.X), query.obs[STUDY].astype(str).to_numpy()
    whole = encode_array(fitted[0], values, names, reconstruct=True)
    parts = encode_array(fitted[0], values, names, reconstruct=True, chunk_size=size)
    np.testing.assert_allclose(parts.codes, whole.codes, **TOLERANCE)
    np.testing.assert_allclose(parts.reconstruction, whole.reconstruction, rtol=1e-3, atol=1e-3)


def test_a_study_does_not_depend_on_the_others(fitted, query):
    values, names = np.asarray(query.X), query.obs[STUDY].astype(str).to_numpy()
    together, own = encode_array(fitted[0], values, names).codes, names == "SIM4"
    np.testing.assert_allclose(encode_array(fitted[0], values[own], names[own]).codes, together[own], **TOLERANCE)


@pytest.mark.parametrize("adapt", ["study", "none"])
def test_file_and_array_agree_and_most_tissues_are_found(fitted, query, query_path, tmp_path, adapt):
    model, path = fitted
    result = encode_array(model, np.asarray(query.X), query.obs[STUDY].astype(str).to_numpy(), adapt=adapt)
    encode_file(query_path, tmp_path / "out.h5ad", model, path, EncodeOptions(adapt=adapt, chunk_size=11))
    out = anndata.read_h5ad(tmp_path / "out.h5ad")
    np.testing.assert_allclose(out.obsm["X_clrna"], result.features, **TOLERANCE)
    right = out.obs["clrna_label"].astype(str) == out.obs[TISSUE].astype(str)
    assert right.mean() > (0.9 if adapt == "study" else 0.5)


def test_the_reconstruction_is_near_the_expression(fitted, query):
    values, names = np.asarray(query.X), query.obs[STUDY].astype(str).to_numpy()
    rebuilt = encode_array(fitted[0], values, names, reconstruct=True).reconstruction
    means = pd.DataFrame(values).groupby(names).transform("mean").to_numpy()
    assert np.median(np.abs(rebuilt - values)) < np.median(np.abs(means.mean(axis=0) - values))


@pytest.mark.real
def test_real_arrays_with_missing_values(make_model, real_data, tmp_path, caplog):
    """TCGA's Agilent arrays lack 2,128 values; old symbols find the genes of a model that has the same."""
    source = real_data / "native" / "tcga_agilent6.h5ad"
    training = anndata.read_h5ad(source)
    missing = int((~np.isfinite(training.X)).sum())
    training.X = np.nan_to_num(training.X, posinf=0, neginf=0)
    training.var = pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=training.var_names)
    training.obs[SCALE] = "log2_ratio"
    training.obs[TISSUE] = training.obs["tissue"].astype(str)
    model = make_model(training)
    save_model(model, tmp_path / "model.safetensors")
    with caplog.at_level(logging.INFO, logger="clrna"):
        encode_file(source, tmp_path / "out.h5ad", model, tmp_path / "model.safetensors", EncodeOptions())
    out = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert missing == 2128
    assert out.uns["clrna"]["models"]["X_clrna"]["values_filled"] == missing
    assert np.isfinite(out.obsm["X_clrna"]).all()
    assert "values look like log2_ratio" in caplog.text
