"""Function and executable give the same on the same input."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

import clrna
from clrna.cli import baseline, encode, normalize, score
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.normalize.settings import NormalizeSettings
from clrna.score.write import to_tsv


def assert_same_results(one: AnnData, other: AnnData) -> None:
    assert list(one.obs) == list(other.obs) and sorted(one.obsm) == sorted(other.obsm)
    pd.testing.assert_frame_equal(one.obs, other.obs, check_exact=True)
    for key in one.obsm:
        np.testing.assert_array_equal(one.obsm[key], other.obsm[key])
    for key in one.layers:
        np.testing.assert_array_equal(one.layers[key], other.layers[key])


def with_other_genes(merged: AnnData) -> AnnData:
    """Return the samples with Ensembl's identifiers in another order, some missing, in TPM."""
    chosen = np.random.default_rng(3).permutation(merged.n_vars)[:270]
    other = merged[:, chosen].copy()
    other.var_names = other.var["ensembl_id"].astype(str).to_numpy()
    other.X = np.exp2(other.X) - 1
    del other.obs["scale"]
    return other


@pytest.mark.parametrize("form", ["array", "csr", "csc", "backed"])
@pytest.mark.parametrize("adapt", ["auto", "none"])
def test_encode(folder: Path, merged: AnnData, tmp_path: Path, form: str, adapt: str):
    model, file, out = folder / "model.safetensors", tmp_path / "given.h5ad", tmp_path / "out.h5ad"
    given = with_other_genes(merged)
    if form in ("csr", "csc"):
        given.X = (sparse.csr_matrix if form == "csr" else sparse.csc_matrix)(given.X)
    write_h5ad(given, file)
    words = [str(file), "-m", str(model), "-o", str(out), "--adapt", adapt, "--input-scale", "tpm", "--reconstruct"]
    words += ["--corrected-layer", "corrected", "--corrected-to", "SIM2"]
    assert encode.main([*words, "--chunk-size", "50", "--quiet"]) == 0
    adata = anndata.read_h5ad(file, backed="r" if form == "backed" else None)
    parameters = {"adapt": adapt, "input_scale": "tpm", "chunk_size": 50, "reconstruct": True}
    parameters |= {"corrected_layer": "corrected", "corrected_to": "SIM2"}
    assert clrna.tl.encode(adata, clrna.Model.load(model), **parameters) is None
    expected = anndata.read_h5ad(out)
    assert_same_results(adata if form != "backed" else adata.to_memory(), expected)
    assert set(expected.layers) == {"clrna_reconstruction", "corrected"}
    mine, theirs = (dict(one.uns["clrna"]["models"]["X_clrna"]) for one in (adata, expected))
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(mine[name], value)
        else:
            assert mine[name] == value, name


def test_encode_leaves_what_it_may_not_change(folder: Path, merged: AnnData):
    given, model = merged.copy(), clrna.Model.load(folder / "model.safetensors")
    before = given.copy()
    made = clrna.tl.encode(given, model, key_added="X_mine", copy=True)
    assert list(given.obsm) == [] and list(made.obsm) == ["X_mine"] and "mine_label" in made.obs
    with pytest.raises(clrna.errors.InputError, match=r"^adata: .* min_coverage asks for"):
        clrna.tl.encode(given[:, :40].copy(), model, min_coverage=0.9)
    with pytest.raises(clrna.errors.UsageError, match=r"^corrected_to SIM9: the model holds the levels of SIM1, SIM2$"):
        clrna.tl.encode(given, model, corrected_layer="moved", corrected_to="SIM9")
    with pytest.raises(ValueError, match=r"^adapt='any': is none of"):
        clrna.tl.encode(given, model, adapt="any")
    pd.testing.assert_frame_equal(given.obs, before.obs)
    assert list(given.uns["clrna"]) == list(before.uns["clrna"])


def test_encode_refuses_names_that_others_wrote(folder: Path, merged: AnnData):
    given = merged.copy()
    given.obs["clrna_label"] = "mine"
    with pytest.raises(clrna.errors.UsageError, match=r"^key_added X_clrna: .*obs/clrna_label"):
        clrna.tl.encode(given, folder / "model.safetensors")


def test_normalize(tmp_path: Path, merged: AnnData):
    files = []
    for study, adata in clrna.datasets.demo().items():
        write_h5ad(adata, tmp_path / f"{study}.h5ad")
        files.append(str(tmp_path / f"{study}.h5ad"))
    assert normalize.main([*files, "-o", str(tmp_path / "out.h5ad"), "--quiet"]) == 0
    expected = anndata.read_h5ad(tmp_path / "out.h5ad")
    np.testing.assert_array_equal(merged.X, expected.X)
    pd.testing.assert_frame_equal(merged.obs, expected.obs)
    pd.testing.assert_frame_equal(merged.var, expected.var)


def test_normalize_takes_one_with_a_study_column_and_a_sequence(merged: AnnData):
    studies = clrna.datasets.demo()
    before = {study: adata.copy() for study, adata in studies.items()}
    for study, adata in studies.items():
        adata.obs["study"] = study
    np.testing.assert_array_equal(clrna.pp.normalize(list(studies.values())).X, merged.X)
    one = clrna.pp.normalize(merged)
    np.testing.assert_array_equal(one.X, merged.X)
    assert one.obs["study"].tolist() == merged.obs["study"].tolist()
    for study, adata in before.items():
        np.testing.assert_array_equal(studies[study].X, adata.X)
    with pytest.raises(clrna.errors.UsageError, match=r"^split_by_study NONE: there is no such study"):
        clrna.pp.normalize(studies, split_by_study="NONE")
    with pytest.raises(ValueError, match="adatas: is empty"):
        clrna.pp.normalize({})


def test_train(folder: Path, merged: AnnData):
    made = clrna.tl.train(merged, exclude_studies=["SIM3"], device="cpu")
    expected = clrna.Model.load(folder / "model.safetensors")
    assert made.classes == expected.classes and made.training_studies == ["SIM1", "SIM2"]
    for name, array in expected.network.to_arrays().items():
        np.testing.assert_array_equal(made.network.to_arrays()[name], array)
    one, other = merged.copy(), merged.copy()
    clrna.tl.encode(one, made)
    clrna.tl.encode(other, expected)
    assert_same_results(one, other)
    assert repr(made) == repr(expected)
    assert made.history is not None and made.history.empty


def test_model_is_saved_and_loaded(folder: Path, tmp_path: Path):
    model = clrna.Model.load(folder / "model.safetensors")
    model.save(tmp_path / "copy.safetensors")
    assert (tmp_path / "copy.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    assert repr(model).startswith("CLRNA 0.1.0 model 'default': 200 features of 300 genes, 3 classes of 'tissue'")
    with pytest.raises(clrna.errors.InputError, match="no such file"):
        clrna.Model.load(tmp_path / "none.safetensors")


def test_train_names_parameters_in_its_errors(merged: AnnData):
    with pytest.raises(clrna.errors.UsageError, match=r"^exclude_studies SIM9: no such study.*did you mean"):
        clrna.tl.train(merged, exclude_studies="SIM9")
    with pytest.raises(ValueError, match="latent: there is no such parameter or setting"):
        clrna.tl.train(merged, latent=3)
    with pytest.raises(clrna.errors.InputError, match="obs has no column 'batch'"):
        clrna.tl.train(merged, study_key="batch")


def test_read_takes_any_file(tmp_path: Path):
    study = clrna.datasets.demo()["SIM1"]
    study.to_df().T.to_csv(tmp_path / "counts.tsv", sep="\t")
    study.obs.to_csv(tmp_path / "samples.csv")
    adata = clrna.read(tmp_path / "counts.tsv", metadata=tmp_path / "samples.csv", study="MINE")
    np.testing.assert_array_equal(adata.X, study.X)
    assert adata.obs["primary_site"].tolist() == study.obs["primary_site"].tolist()
    assert set(adata.obs["study"]) == {"MINE"}


def test_defaults_are_those_of_the_executable():
    parsed = normalize.normalize_settings(normalize.get_parser().parse_args(["in.h5ad", "-o", "out.h5ad"]))
    assert parsed == NormalizeSettings()


def test_baselines_and_scores(folder: Path, merged: AnnData, tmp_path: Path):
    encoded, based, table = (tmp_path / name for name in ("encoded.h5ad", "based.h5ad", "scores.tsv"))
    file, model = folder / "merged.h5ad", folder / "model.safetensors"
    assert encode.main([str(file), "-m", str(model), "-o", str(encoded), "--quiet"]) == 0
    words = ["--methods", "pca,combat,standardized", "--corrected-layer", "--quiet"]
    assert baseline.main([str(encoded), "-o", str(based), *words]) == 0
    assert score.main([str(based), "-o", str(table), "--bootstrap", "5", "--quiet"]) == 0
    adata = merged.copy()
    clrna.tl.encode(adata, model)
    clrna.tl.baselines(adata, methods=["pca", "combat", "standardized"], corrected_layer=True)
    assert_same_results(adata, anndata.read_h5ad(based))
    assert to_tsv(clrna.tl.score(adata, bootstrap=5)) == table.read_text()
    assert len(adata.uns["clrna"]["scores"]) > 20
    write_h5ad(adata, tmp_path / "kept.h5ad")


def test_baselines_name_parameters_in_their_errors(merged: AnnData):
    with pytest.raises(ValueError, match=r"^methods='umap': is none of"):
        clrna.tl.baselines(merged, methods="umap")
    with pytest.raises(clrna.errors.UsageError, match=r"^covariates: is for ComBat and limma; add one of them"):
        clrna.tl.baselines(merged, methods="pca", covariates="tissue")
    with pytest.raises(clrna.errors.InputError, match=r"^adata: there is only one study"):
        clrna.tl.baselines(merged[merged.obs["study"] == "SIM1"].copy(), methods="combat")
    with pytest.raises(clrna.errors.InputError, match=r"^adata: .*basis X_none: no such"):
        clrna.tl.score(merged, basis="X_none")
