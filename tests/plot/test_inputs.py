"""What is drawn: samples, columns, embeddings, and the errors where they are not there."""

import logging
from pathlib import Path

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.plot.inputs import columns_to_color_by, embeddings_to_draw, samples_of
from clrna.plot.predictions import predictions_in
from clrna.plot.subsample import stratified_subsample


@pytest.fixture
def clrna_log(caplog):
    logger = logging.getLogger("clrna")
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    yield caplog
    logger.removeHandler(caplog.handler)


def test_everything_is_drawn_while_there_is_room():
    assert stratified_subsample(np.array(["a", "b"]), 5).tolist() == [0, 1]


def test_a_subsample_keeps_small_groups_and_shares():
    strata = np.array(["big"] * 900 + ["small"] * 98 + ["tiny"] * 2)
    chosen = stratified_subsample(strata, 100, seed=1)
    counts = {name: int((strata[chosen] == name).sum()) for name in ("big", "small", "tiny")}
    assert len(chosen) == 100
    assert counts["tiny"] == 1
    assert counts["small"] == 10
    assert np.array_equal(chosen, np.unique(chosen))
    assert np.array_equal(chosen, stratified_subsample(strata, 100, seed=1))
    assert not np.array_equal(chosen, stratified_subsample(strata, 100, seed=2))


def test_more_groups_than_room():
    assert len(stratified_subsample(np.arange(50), 10)) == 10


@pytest.mark.parametrize(("label", "study"), [("organ", "study"), ("tissue", "batch")])
def test_a_missing_label_or_study_column_lists_what_is_there(adata, label, study):
    with pytest.raises(InputError, match=r"a\.h5ad: obs has no column .*'tissue'") as error:
        samples_of(adata, Path("a.h5ad"), label_key=label, label_by=None, study_key=study, max_points=99, seed=0)
    assert "\n" not in str(error.value)


def test_labels_can_be_joined_of_two_columns(adata):
    found = samples_of(
        adata, Path("a.h5ad"), label_key="x", label_by=["tissue", "study"], study_key="study", max_points=99, seed=0
    )
    assert found.label_name == "tissue,study"
    assert found.labels[0] == "Lung CCLE"
    assert found.labels[5] == ""


def test_a_note_says_what_was_left_out(adata):
    found = samples_of(adata, Path("a"), label_key="tissue", label_by=None, study_key="study", max_points=10, seed=0)
    assert found.note == "10 of 24 samples drawn, stratified by study and tissue"


def test_default_columns_that_are_absent_are_skipped_and_logged(samples, clrna_log):
    assert [column.name for column in columns_to_color_by(samples, None)] == ["tissue", "study"]
    assert "no column 'sample_category'" in clrna_log.text


def test_columns_that_were_asked_for_must_be_there(samples):
    with pytest.raises(InputError, match="no column 'grade'"):
        columns_to_color_by(samples, ["tissue", "grade"])
    with pytest.raises(InputError, match="names no column"):
        columns_to_color_by(samples, [])


def test_quantities_are_told_from_names(samples):
    age, cluster = columns_to_color_by(samples, ["age", "cluster"])
    assert age.is_numeric and not cluster.is_numeric
    assert cluster.counts == {"1": 12, "2": 12}


def test_drawings_of_other_tools_are_no_embeddings(samples):
    assert list(embeddings_to_draw(samples, None)) == ["X_clrna", "X_pca"]
    assert list(embeddings_to_draw(samples, ["X_umap"])) == ["X_umap"]


def test_unknown_embeddings_and_none_at_all(samples):
    with pytest.raises(InputError, match=r"--embeddings: obsm has no X_other \(it has X_clrna, X_pca, X_umap\)"):
        embeddings_to_draw(samples, ["X_other"])
    for key in list(samples.adata.obsm):
        del samples.adata.obsm[key]
    with pytest.raises(InputError, match=r"holds no embedding .* run clrna-encode"):
        embeddings_to_draw(samples, None)


def test_an_embedding_that_is_not_finite_names_the_key_and_a_sample(samples):
    samples.adata.obsm["X_pca"][3, 1] = np.nan
    with pytest.raises(InputError, match=r"obsm\['X_pca'\] is not finite in 1 samples \(first 'S3'\)"):
        embeddings_to_draw(samples, None)


def test_predictions_are_found_by_the_columns_that_a_model_names(adata):
    adata.obs["mine_label"] = "Skin"
    adata.obs["mine_seen"] = "unseen"
    adata.obs["clrna_unlike_training"] = np.arange(24) < 3
    adata.uns["clrna"] = {
        "models": {"X_mine": {"columns": {"label": "mine_label", "seen": "mine_seen"}, "label_key": "tumor_type"}}
    }
    first, second = predictions_in(adata)
    assert (first.key, first.unlike_training.sum()) == ("X_clrna", 3)
    assert (second.key, second.column, set(second.seen)) == ("X_mine", "mine_label", {"unseen"})
    assert first.is_of("tissue") and not second.is_of("tissue")


def test_no_predictions_where_nothing_was_predicted(adata):
    del adata.obs["clrna_label"]
    assert predictions_in(adata) == []
