import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from clrna.cli.baseline import main
from clrna.io.provenance import read_records

KEYS = ("X_pca", "X_combat", "X_harmony", "X_standardized")


def test_adds_four_embeddings_and_keeps_everything_else(adata, write, tmp_path, capsys):
    out, report = tmp_path / "out.h5ad", tmp_path / "design.tsv"
    words = [write(adata), "-o", out, "--n-comps", "6", "--design-report", report, "--corrected-layer"]
    assert main([str(word) for word in words]) == 0
    result = anndata.read_h5ad(out)
    assert {key: result.obsm[key].shape for key in KEYS} == dict.fromkeys(KEYS, (72, 6))
    assert all(result.obsm[key].dtype == np.float32 for key in KEYS)
    assert result.layers["combat"].shape == (72, 40)
    np.testing.assert_array_equal(result.X, adata.X)
    assert result.obs["kept"].tolist() == [1] * 72
    assert result.uns["mine"]["kept"] == "yes"
    assert "X_mine" in result.obsm
    record = read_records(result)[-1]
    assert record["step"] == "baseline"
    assert set(record["facts"]["embeddings"]) == set(KEYS)
    assert pd.read_csv(report, sep="\t")["n_A"].tolist() == [8, 8, 8]
    assert capsys.readouterr().out == ""


def test_the_same_bytes_twice_and_from_sparse(adata, write, tmp_path):
    dense, again, thin = (tmp_path / name for name in ("a.h5ad", "b.h5ad", "c.h5ad"))
    source = write(adata)
    for out in (dense, again):
        assert main([str(source), "-o", str(out), "--n-comps", "5"]) == 0
    assert dense.read_bytes() == again.read_bytes()
    assert main([str(write(adata, "sparse.h5ad", as_sparse=True)), "-o", str(thin), "--n-comps", "5"]) == 0
    for key in KEYS:
        np.testing.assert_array_equal(anndata.read_h5ad(thin).obsm[key], anndata.read_h5ad(dense).obsm[key])


def test_the_design_report_is_written_even_where_the_design_is_refused(adata, write, tmp_path, capsys):
    adata.obs["machine"] = adata.obs["study"].astype(str)
    out, report = tmp_path / "out.h5ad", tmp_path / "design.tsv"
    words = [write(adata), "-o", out, "--covariates", "machine", "--design-report", report]
    assert main([str(word) for word in words]) == 3
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "'machine' is confounded with study" in error
    assert not out.exists()
    assert "only in A" in report.read_text()


def test_covariates_change_combat(adata, write, tmp_path):
    source = write(adata)
    out = [tmp_path / "plain.h5ad", tmp_path / "kept.h5ad"]
    assert main([str(source), "-o", str(out[0]), "--methods", "combat"]) == 0
    assert main([str(source), "-o", str(out[1]), "--methods", "combat", "--covariates", "tissue,age"]) == 0
    one, two = (anndata.read_h5ad(path).obsm["X_combat"] for path in out)
    assert not np.allclose(one, two)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--methods", "pca,scvi"], 2, "known are pca, combat, harmony, standardized"),
        (["--methods", "pca", "--covariates", "age"], 2, "--covariates is for ComBat and limma"),
        (["--study-key", "batch"], 3, "obs has no column 'batch'"),
        (["--covariates", "nothing"], 3, "obs has no column 'nothing'"),
        (["--covariates", "study"], 3, "which is what is removed"),
        (["--label-key", "histology"], 3, "obs has no column 'histology'"),
        (["--layer", "counts"], 3, "no such layer"),
    ],
)
def test_wrong_options(adata, write, tmp_path, capsys, words, status, message):
    assert main([str(write(adata)), "-o", str(tmp_path / "out.h5ad"), *words]) == status
    assert message in capsys.readouterr().err.strip().splitlines()[-1]


def counts(adata):
    adata.X = np.random.default_rng(0).poisson(300, adata.shape).astype(np.float32)


def missing_value(adata):
    adata.X[3, 7] = np.nan


def one_study(adata):
    adata.obs["study"] = "A"


def tiny_study(adata):
    adata.obs["study"] = ["tiny"] + ["A"] * 35 + ["B"] * 36


def test_one_sample(adata, write, tmp_path, capsys):
    assert main([str(write(adata[:1].copy())), "-o", str(tmp_path / "out.h5ad"), "--methods", "pca"]) == 3
    assert "at least 2 samples" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (counts, "study 'A' holds counts, not logarithms"),
        (missing_value, "1 value is not finite (1 gene: 'G7')"),
        (one_study, "there is only one study ('A')"),
        (tiny_study, "studies of one sample (tiny)"),
    ],
)
def test_bad_input(adata, write, tmp_path, capsys, spoil, message):
    spoil(adata)
    assert main([str(write(adata)), "-o", str(tmp_path / "out.h5ad")]) == 3
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
    assert not (tmp_path / "out.h5ad").exists()


def test_a_label_column_is_not_needed(adata, write, tmp_path):
    del adata.obs["tissue"]
    assert main([str(write(adata)), "-o", str(tmp_path / "out.h5ad"), "--methods", "pca"]) == 0


@pytest.mark.real
def test_the_three_real_studies(real_data, tmp_path):
    out = tmp_path / "out.h5ad"
    assert main([str(real_data / "cellline_tumour_3studies.h5ad"), "-o", str(out), "-q"]) == 0
    assert all(np.isfinite(anndata.read_h5ad(out).obsm[key]).all() for key in KEYS)


def test_compression_changes_the_file_and_not_what_it_holds(tmp_path, adata):
    adata.write_h5ad(tmp_path / "in.h5ad")
    for name in ("gzip", "none"):
        words = ["--methods", "pca", "--compression", name, "-o", str(tmp_path / f"{name}.h5ad")]
        assert main([str(tmp_path / "in.h5ad"), *words]) == 0
    one, two = (anndata.read_h5ad(tmp_path / f"{name}.h5ad") for name in ("gzip", "none"))
    np.testing.assert_array_equal(one.X, two.X)
    np.testing.assert_array_equal(one.obsm["X_pca"], two.obsm["X_pca"])
    assert one.uns["clrna"]["provenance"] is not None
    with h5py.File(tmp_path / "none.h5ad") as file:
        assert file["X"].compression is None


def test_genes_that_not_every_study_measured_are_left_out(adata, write, tmp_path, capsys):
    """What fills them is the study, and would be its largest difference to the others."""
    shared = np.arange(40) >= 15
    filled = adata.copy()
    filled.X[np.ix_((filled.obs["study"] == "C").to_numpy(), ~shared)] = 30.0
    filled.var["measured_in_C"] = shared
    filled.var["measured_in_elsewhere"] = False
    results = []
    for number, file in enumerate((filled, adata[:, shared].copy())):
        out = tmp_path / f"out{number}.h5ad"
        words = [write(file, f"in{number}.h5ad"), "-o", out, "--n-comps", "6", "--corrected-layer"]
        assert main([str(word) for word in words]) == 0
        results.append(anndata.read_h5ad(out))
    for key in KEYS:
        np.testing.assert_allclose(results[0].obsm[key], results[1].obsm[key], atol=1e-5)
    np.testing.assert_allclose(results[0].layers["combat"][:, shared], results[1].layers["combat"], atol=1e-5)
    np.testing.assert_array_equal(results[0].layers["combat"][:, ~shared], filled.X[:, ~shared])
    assert "15 of 40 genes are left out" in capsys.readouterr().err


def test_studies_that_share_no_measured_gene_are_refused(adata, write, tmp_path, capsys):
    adata.var["measured_in_A"] = np.arange(40) < 20
    adata.var["measured_in_B"] = np.arange(40) >= 20
    assert main([str(write(adata)), "-o", str(tmp_path / "out.h5ad")]) == 3
    assert "no gene was measured by all of its studies" in capsys.readouterr().err
    adata.var["measured_in_B"] = "yes"
    assert main([str(write(adata)), "-o", str(tmp_path / "out.h5ad")]) == 3
    assert "var['measured_in_B'] has to say true or false of each gene" in capsys.readouterr().err
