"""What is drawn: samples, columns, embeddings, and the errors where they are not there."""

import logging
from pathlib import Path

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.plot.columns import columns_to_color_by
from clrna.results.predictions import predictions_in
from clrna.results.samples import drawn_samples, embeddings_to_draw


@pytest.fixture
def clrna_log(caplog):
    logger = logging.getLogger("clrna")
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.mark.parametrize(("label", "study"), [("organ", "study"), ("tissue", "batch")])
def test_a_missing_label_or_study_column_lists_what_is_there(adata, label, study):
    with pytest.raises(InputError, match=r"a\.h5ad: obs has no column .*'tissue'") as error:
        drawn_samples(adata, Path("a.h5ad"), label_key=label, label_by=None, study_key=study, max_points=99, seed=0)
    assert "\n" not in str(error.value)


def test_labels_can_be_joined_of_two_columns(adata):
    found = drawn_samples(
        adata, Path("a.h5ad"), label_key="x", label_by=["tissue", "study"], study_key="study", max_points=99, seed=0
    )
    assert found.label_name == "tissue,study"
    assert found.labels[0] == "Lung CCLE"
    assert found.labels[5] == ""


def test_a_note_says_what_was_left_out(adata):
    found = drawn_samples(adata, Path("a"), label_key="tissue", label_by=None, study_key="study", max_points=10, seed=0)
    assert found.note == "10 of 24 samples drawn, stratified by study and tissue"


def test_default_columns_that_are_absent_are_skipped_and_logged(samples, clrna_log):
    assert [column.name for column in columns_to_color_by(samples, None)] == ["tissue", "study"]
    assert "no column 'sample_category'" in clrna_log.text


def test_a_default_column_with_one_value_is_not_drawn_but_one_that_is_asked_for_is(samples, clrna_log):
    samples.adata.obs["sample_category"] = "cell_line"
    assert [column.name for column in columns_to_color_by(samples, None)] == ["tissue", "study"]
    assert "all samples have the same sample_category" in clrna_log.text
    (asked,) = columns_to_color_by(samples, ["sample_category"])
    assert asked.counts == {"cell line": 24}


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
    with pytest.raises(InputError, match="--embeddings X_other: no such embedding in obsm, which has X_pca, X_c"):
        embeddings_to_draw(samples, ["X_other"])
    for key in list(samples.adata.obsm):
        del samples.adata.obsm[key]
    with pytest.raises(InputError, match="there is no embedding in obsm, which has nothing; clrna-encode and"):
        embeddings_to_draw(samples, None)


def test_an_embedding_that_is_not_finite_names_the_key_and_a_sample(samples):
    samples.adata.obsm["X_pca"][3, 1] = np.nan
    with pytest.raises(InputError, match=r"obsm\['X_pca'\] holds 1 value that is not finite \(first in sample 'S3'\)"):
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
