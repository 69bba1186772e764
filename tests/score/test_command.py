import json

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from clrna.cli.score import main
from clrna.io.provenance import read_records
from clrna.results.score_table import read_scores, scores_in

FAST = ["--metrics", "transfer_f1,replicate_recall,silhouette,pcr", "--bootstrap", "20"]


def score(*words):
    return main([str(word) for word in (*words, *FAST)])


def last_line(capsys):
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_every_output(adata, write, tmp_path, capsys):
    out = {name: tmp_path / name for name in ("s.tsv", "s.json", "run1_mqc.json", "s.h5ad")}
    words = [write(adata), "-o", out["s.tsv"], "--json", out["s.json"], "--mqc", out["run1_mqc.json"]]
    assert score(*words, "--output-h5ad", out["s.h5ad"]) == 0
    table = read_scores(out["s.tsv"])

    content = json.loads(out["s.json"].read_text(), parse_constant=lambda name: pytest.fail(name))
    assert len(content["scores"]) == len(table)
    assert content["provenance"][-1]["step"] == "score"
    assert content["embeddings"]["X_clrna"]["made_from"].startswith("trained on A")
    for row, value in zip(content["scores"], table["value"], strict=True):
        assert (row["value"] is None and np.isnan(value)) or row["value"] == pytest.approx(value)

    result = anndata.read_h5ad(out["s.h5ad"])
    pd.testing.assert_frame_equal(scores_in(result, out["s.h5ad"])[["value", "n"]], table[["value", "n"]], rtol=1e-5)
    assert read_records(result)[-1]["step"] == "score"
    assert "X_clrna" in result.uns["clrna"]["models"]
    assert result.obs["mine"].tolist() == [1] * 90
    np.testing.assert_array_equal(result.X, adata.X)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "X_clrna: transfer F1 " in captured.err


def test_what_no_embedding_has_is_said_once(adata, write, tmp_path, capsys):
    adata.obs["donor"] = [f"d{i}" for i in range(90)]
    assert score(write(adata), "-o", tmp_path / "s.tsv") == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("info: ")[1] for line in lines if "recall" in line] == [
        "no replicate recall@1: no donor of B and C is found in another study"
    ]


def test_multiqc_table(adata, write, tmp_path, make_codes):
    mqc = tmp_path / "cohort_mqc.json"
    adata.obsm["X_combat"] = make_codes(adata.obs, 4.0, seed=3)
    assert score(write(adata), "-o", tmp_path / "s.tsv", "--mqc", mqc) == 0
    content = json.loads(mqc.read_text())
    assert content["plot_type"] == "table"
    assert set(content["data"]) == {"cohort X_clrna", "cohort X_combat", "cohort X_pca"}
    table = read_scores(tmp_path / "s.tsv")
    headline = table[table["headline"] & (table["study"] == "") & (table["metric"] == "transfer_f1")]
    for _, row in headline.iterrows():
        cells = content["data"][f"cohort {row['embedding']}"]
        assert cells["transfer_f1"] == pytest.approx(row["value"], abs=1e-4)
        assert cells["transfer_f1_n"] == row["n"]
        spread = f"{row['ci_low']:.3f} to {row['ci_high']:.3f}"
        # Every half of the donors finds all labels by the model, which leaves it without an interval.
        assert cells.get("transfer_f1_interval") == (None if row["embedding"] == "X_clrna" else spread)
        assert ("transfer_f1_against_combat" in cells) == (row["embedding"] != "X_combat")
        if row["embedding"] == "X_clrna":
            assert cells["transfer_f1_against_combat"].startswith(f"better by {row['minus_combat']:.2f} (")
        assert set(cells) <= set(content["headers"])


def test_the_log_says_what_the_difference_to_combat_shows(adata, write, tmp_path, capsys, make_codes):
    adata.obsm["X_combat"] = adata.obsm["X_pca"]
    adata.obsm["X_clrna"] = make_codes(adata.obs, 0.5, seed=2) + make_codes(adata.obs, 2.0, seed=5)
    assert score(write(adata), "-o", tmp_path / "s.tsv") == 0
    lines = [line.split("info: ")[1] for line in capsys.readouterr().err.splitlines() if " against ComBat: " in line]
    assert [line.split(" against ")[0] for line in lines] == ["X_clrna", "X_pca"]
    assert lines[0].startswith("X_clrna against ComBat: transfer F1: better by 0.")
    assert lines[1].startswith(
        "X_pca against ComBat: transfer F1: which is better cannot be told with n = 50, difference 0.00 (no interval)"
    )


def test_multiqc_without_a_headline_says_why(make_studies, write, tmp_path):
    mqc = tmp_path / "x_mqc.json"
    adata = make_studies(training_studies=("A", "B", "C"))
    adata.uns["clrna"]["models"]["X_clrna"]["training_studies"][0] = "A"
    assert score(write(adata), "-o", tmp_path / "s.tsv", "--mqc", mqc) == 0
    content = json.loads(mqc.read_text())
    assert "No headline: X_clrna was trained on A, B, C" in content["description"]
    assert "transfer_f1" not in content["data"]["x X_clrna"]


def test_the_same_bytes_twice(adata, write, tmp_path):
    source = write(adata)
    for name in ("a", "b"):
        words = [source, "-o", tmp_path / f"{name}.tsv", "--json", tmp_path / f"{name}.json"]
        assert score(*words, "--output-h5ad", tmp_path / f"{name}.h5ad") == 0
    for suffix in ("tsv", "json", "h5ad"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_sparse_expression_gives_the_same_scores(adata, write, tmp_path):
    assert score(write(adata), "-o", tmp_path / "dense.tsv") == 0
    adata.X = sparse.csr_matrix(adata.X)
    assert score(write(adata, "sparse.h5ad"), "-o", tmp_path / "sparse.tsv") == 0
    assert (tmp_path / "dense.tsv").read_bytes() == (tmp_path / "sparse.tsv").read_bytes()


def test_expression_with_a_missing_value_costs_pcr_alone(adata, write, tmp_path):
    adata.X[2, 3] = np.nan
    assert score(write(adata), "-o", tmp_path / "s.tsv") == 0
    table = read_scores(tmp_path / "s.tsv")
    of_all = table[table["split"] == "all"].set_index("metric")["reason"]
    assert set(of_all["pcr"]) == {"X holds 1 value that is not finite; run clrna-normalize"}
    assert set(of_all["silhouette"]) == {""}


def test_genes_that_not_every_study_measured_do_not_enter_pcr(adata, write, tmp_path):
    shared = np.arange(adata.n_vars) >= 8
    filled = adata.copy()
    filled.X[np.ix_((filled.obs["study"] == "C").to_numpy(), ~shared)] = 40.0
    filled.var["measured_in_C"] = shared
    found = []
    for number, file in enumerate((filled, adata[:, shared].copy())):
        out = tmp_path / f"s{number}.tsv"
        assert score(write(file, f"in{number}.h5ad"), "-o", out) == 0
        table = read_scores(out)
        found.append(table.loc[table["metric"] == "pcr", "value"].to_numpy(dtype=float))
    assert np.isfinite(found[0]).any()
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


def test_several_files_are_joined_on_sample_names(adata, write, tmp_path, caplog):
    codes = adata[::-1].copy()
    del codes.obsm["X_pca"]
    baselines = adata[:80].copy()
    del baselines.obsm["X_clrna"], baselines.uns["clrna"], baselines.obs["clrna_seen"]
    one, two = write(codes, "codes.h5ad"), write(baselines, "baselines.h5ad")
    joined, alone = tmp_path / "joined.tsv", tmp_path / "alone.tsv"
    assert score(one, two, "-o", joined, "--output-h5ad", tmp_path / "s.h5ad") == 0
    assert score(write(adata[:80].copy(), "both.h5ad"), "-o", alone) == 0
    keys = ["embedding", "metric", "label_key", "split", "study"]
    left, right = (read_scores(path).sort_values(keys).reset_index(drop=True) for path in (joined, alone))
    pd.testing.assert_frame_equal(
        left[[*keys, "n", "headline", "in_sample"]], right[[*keys, "n", "headline", "in_sample"]]
    )
    np.testing.assert_allclose(left["value"], right["value"], rtol=1e-4)
    assert set(anndata.read_h5ad(tmp_path / "s.h5ad").obsm) == {"X_clrna", "X_pca"}


def test_files_that_contradict_each_other(adata, write, tmp_path, capsys):
    other = adata.copy()
    other.obsm = {"X_b": other.obsm["X_pca"]}
    other.obs["tissue"] = other.obs["tissue"].astype(str)
    other.obs.loc[other.obs_names[4], "tissue"] = "heart"
    assert score(write(adata, "a.h5ad"), write(other, "b.h5ad"), "-o", tmp_path / "s.tsv") == 3
    message = last_line(capsys)
    assert "b.h5ad: obs['tissue'] contradicts" in message
    assert "'heart' here, 'skin' there" in message
    assert not (tmp_path / "s.tsv").exists()


def test_a_label_that_one_file_lacks_is_taken_from_the_other(adata, write, tmp_path):
    bare = adata.copy()
    bare.obsm = {"X_b": bare.obsm["X_pca"]}
    bare.obs["tissue"] = np.where(np.arange(90) % 2, bare.obs["tissue"].astype(str), "")
    for names in (("bare.h5ad", "full.h5ad"), ("full.h5ad", "bare.h5ad")):
        files = {"bare.h5ad": write(bare, "bare.h5ad"), "full.h5ad": write(adata, "full.h5ad")}
        assert score(*(files[name] for name in names), "-o", tmp_path / "s.tsv") == 0
        table = read_scores(tmp_path / "s.tsv")
        assert set(table[(table["metric"] == "silhouette") & (table["split"] == "all")]["n"]) == {90.0}


def broken_embedding(adata):
    adata.obsm["X_pca"][7, 2] = np.inf


def no_embedding(adata):
    adata.obsm = {}


def no_study(adata):
    adata.obs["study"] = np.where(np.arange(90) < 4, "", adata.obs["study"].astype(str))


def flat_embedding(adata):
    adata.obsm["X_flat"] = np.zeros((90, 0), dtype=np.float32)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (broken_embedding, "obsm['X_pca'] holds 1 value that is not finite (first in sample 'A.7')"),
        (no_embedding, "there is no embedding in obsm, which has nothing"),
        (no_study, "obs['study'] is missing for 4 samples"),
        (flat_embedding, "obsm['X_flat'] has shape (90, 0)"),
    ],
)
def test_bad_input(adata, write, tmp_path, capsys, spoil, message):
    spoil(adata)
    assert score(write(adata), "-o", tmp_path / "s.tsv") == 3
    assert message in last_line(capsys)
    assert not (tmp_path / "s.tsv").exists()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--metrics", "transfer_f1,asw"], 2, "--metrics asw: known are transfer_f1"),
        (["--embeddings", "X_scvi"], 3, "--embeddings X_scvi: no such embedding in obsm, which has X_clrna, X_pca"),
        (["--label-key", "histology"], 3, "obs has no column 'histology'"),
        (["--donor-key", "patient"], 3, "obs has no column 'patient'"),
        (["--study-key", "batch"], 3, "obs has no column 'batch'"),
    ],
)
def test_wrong_options(adata, write, tmp_path, capsys, words, status, message):
    assert main([str(write(adata)), "-o", str(tmp_path / "s.tsv"), *words]) == status
    assert message in last_line(capsys)


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty"), (b"not HDF5 at all", "is not an h5ad")])
def test_damaged_files(tmp_path, capsys, content, message):
    path = tmp_path / "x.h5ad"
    path.write_bytes(content)
    assert score(path, "-o", tmp_path / "s.tsv") == 3
    assert message in last_line(capsys)


def test_a_truncated_file(adata, write, tmp_path, capsys):
    path = write(adata)
    path.write_bytes(path.read_bytes()[:4000])
    assert score(path, "-o", tmp_path / "s.tsv") == 3
    assert "in.h5ad" in last_line(capsys)


@pytest.mark.real
def test_baselines_of_the_three_real_studies(real_data, tmp_path):
    """The batch effect is there without correction, and ComBat brings transfer up."""
    from clrna.cli.baseline import main as baseline

    made = tmp_path / "b.h5ad"
    words = [str(real_data / "cellline_tumour_3studies.h5ad"), "-o", str(made), "--methods", "pca,combat", "-q"]
    assert baseline(words) == 0
    assert main([str(made), "-o", str(tmp_path / "s.tsv"), "--bootstrap", "0", "-q"]) == 0
    table = read_scores(tmp_path / "s.tsv")
    values = table[(table["split"] == "all") & (table["study"] == "")].set_index(["embedding", "metric", "label_key"])[
        "value"
    ]
    assert values["X_pca", "study_predictability", "study"] > 0.9
    assert values["X_combat", "study_predictability", "study"] < 0.8
    assert values["X_combat", "transfer_f1", "tissue"] > values["X_pca", "transfer_f1", "tissue"] + 0.05
    assert values["X_pca", "replicate_recall", ""] > 0.85
