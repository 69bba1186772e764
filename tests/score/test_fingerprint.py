"""Scores are shown beside the data that they are of, and refused beside others."""

import numpy as np
import pytest

from clrna.cli.plot import main as plot
from clrna.cli.score import main as score
from clrna.results.fingerprint import embedding_fingerprint
from clrna.results.score_table import read_scores

FAST = ["--metrics", "transfer_f1,silhouette", "--bootstrap", "0"]


@pytest.fixture
def scored(adata, write, tmp_path):
    """The file, and the scores of it."""
    path = write(adata)
    assert score([str(path), "-o", str(tmp_path / "s.tsv"), *FAST]) == 0
    return path, tmp_path / "s.tsv"


def drawn(capsys, tmp_path, path, scores) -> tuple[int, str]:
    capsys.readouterr()
    words = [str(path), "--scores", str(scores), "-o", str(tmp_path / "r.html"), "--projections", "pca"]
    status = plot(words)
    return status, capsys.readouterr().err.strip().splitlines()[-1]


def test_its_own_scores_are_shown(scored, capsys, tmp_path):
    assert drawn(capsys, tmp_path, *scored)[0] == 0
    assert read_scores(scored[1])["fingerprint"].str.fullmatch("[0-9a-f]{16}").all()


def test_the_order_of_samples_and_other_embeddings_do_not_count(scored, adata, write, capsys, tmp_path):
    other = adata[np.random.default_rng(0).permutation(adata.n_obs)].copy()
    del other.obsm["X_pca"]
    assert drawn(capsys, tmp_path, write(other, "other.h5ad"), scored[1])[0] == 0


def test_scores_of_other_values_are_refused(scored, adata, write, capsys, tmp_path):
    adata.obsm["X_clrna"] = adata.obsm["X_clrna"] + np.float32(0.5)
    status, line = drawn(capsys, tmp_path, write(adata, "other.h5ad"), scored[1])
    assert status == 3 and "its scores of X_clrna were computed of other values" in line
    assert not (tmp_path / "r.html").exists()


def test_scores_of_other_studies_are_refused_by_name(scored, adata, write, capsys, tmp_path):
    table = read_scores(scored[1]).drop(columns="fingerprint")
    table.to_csv(scored[1], sep="\t", index=False)
    adata.obs["study"] = adata.obs["study"].astype(str).replace("C", "mine")
    status, line = drawn(capsys, tmp_path, write(adata, "other.h5ad"), scored[1])
    assert status == 3 and "is of studies C" in line


def test_scores_of_other_embeddings_are_refused_by_name(scored, adata, write, capsys, tmp_path):
    adata.obsm["X_else"] = adata.obsm["X_clrna"]
    for key in ("X_clrna", "X_pca"):
        del adata.obsm[key]
    status, line = drawn(capsys, tmp_path, write(adata, "other.h5ad"), scored[1])
    assert status == 3 and "is of embeddings X_clrna, X_pca" in line and "has X_else" in line


def test_the_study_of_a_sample_counts(adata, tmp_path):
    before = embedding_fingerprint(adata, "X_clrna", "study", tmp_path)
    adata.obs["study"] = adata.obs["study"].astype(str).to_numpy()[::-1]
    assert embedding_fingerprint(adata, "X_clrna", "study", tmp_path) != before
