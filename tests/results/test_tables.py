"""Confusion matrices, training curves and scores as they are read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.errors import InputError
from clrna.results.confusion import confusions
from clrna.results.gene_table import read_gene_tables
from clrna.results.history import read_history
from clrna.results.match_table import read_match_tables
from clrna.results.score_table import COLUMNS, read_scores, scores_in
from clrna.results.score_views import comparison, headline

ROW = {
    "embedding": "X_clrna", "metric": "transfer_f1", "label_key": "tissue", "split": "unseen", "study": "",
    "value": 0.7, "ci_low": 0.6, "ci_high": 0.8, "n": 60, "in_sample": False, "headline": True,
    "direction": "higher", "reason": "",
}  # fmt: skip


def scores(*changes):
    return pd.DataFrame([{**ROW, **change} for change in changes], columns=list(COLUMNS))


def text(*values):
    return np.array(values, dtype=object)


def test_confusion_counts_each_group_and_leaves_out_what_has_no_label():
    truth = text("a", "a", "b", "", "b", "a")
    predicted = text("a", "b", "b", "a", "", "a")
    seen = text("unseen", "unseen", "unseen", "unseen", "unseen", "study")
    first, second = confusions(truth, predicted, seen)
    assert (first.group, first.labels, first.counts.tolist()) == ("unseen", ("a", "b"), [[1, 1], [0, 1]])
    assert first.accuracy == pytest.approx(2 / 3)
    assert first.recall.tolist() == [0.5, 1.0]
    assert (second.group, second.n) == ("study", 1)


def test_confusion_has_a_row_for_labels_that_are_only_predicted():
    (item,) = confusions(text("a"), text("z"), text(""))
    assert item.labels == ("a", "z")
    assert np.isnan(item.recall[1]) and item.recall[0] == 0.0
    assert item.shares.tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_nothing_to_compare_gives_no_matrix():
    assert confusions(text(""), text("a"), text("unseen")) == []


def test_history_reads_terms_empty_cells_and_the_epoch_kept(tmp_path):
    path = tmp_path / "h.tsv"
    path.write_text(
        "epoch\ttrain_cost\tvalid_cost\tvalid_macro_f1\tnote\tbest\n1\t3\t4\t\tx\tTrue\n2\t2\t\t\tx\tFalse\n3\t1\t3.5\tnan\tx\tTrue\n"
    )
    history = read_history(path)
    assert list(history.curves) == ["cost"]
    assert history.curves["cost"]["train"].tolist() == [3, 2, 1]
    assert np.isnan(history.curves["cost"]["valid"][1])
    assert history.best_epoch == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("step\ttrain_cost\n", "no column 'epoch'"),
        ("step\ttrain_cost\n1\t2\n", "no column 'epoch'"),
        ("epoch\tcost\n1\t2\n", "no column train_"),
        ("epoch\ttrain_cost\n1\tabc\n", "'train_cost' holds 'abc'"),
        ("epoch\ttrain_cost\n\t2\n", "'epoch' has empty cells"),
    ],
)
def test_history_errors_name_the_file_and_the_column(tmp_path, content, words):
    path = tmp_path / "h.tsv"
    path.write_text(content)
    with pytest.raises(InputError, match=words) as error:
        read_history(path)
    assert str(path) in str(error.value)


def test_history_without_epochs_is_that_of_a_closed_form(tmp_path):
    path = tmp_path / "h.tsv"
    path.write_text("epoch\ttrain_cost\tbest\n")
    history = read_history(path)
    assert history.closed_form and not history.curves and history.best_epoch is None
    path.write_text("epoch\ttrain_cost\tbest\n1\t2\t1\n")
    assert not read_history(path).closed_form


def test_history_that_is_no_text(tmp_path):
    path = tmp_path / "h.tsv"
    path.write_bytes(b"\x89HDF\r\n\x1a\n\x00\xff\xfe")
    with pytest.raises(InputError, match=r"h\.tsv"):
        read_history(path)


def test_scores_come_back_with_their_types(tmp_path):
    path = tmp_path / "s.tsv"
    scores({}, {"value": float("nan"), "reason": "one study", "in_sample": True, "n": 0}).to_csv(
        path, sep="\t", index=False
    )
    table = read_scores(path)
    assert table["value"].tolist()[0] == 0.7 and np.isnan(table["value"][1])
    assert table["in_sample"].tolist() == [False, True]
    assert table["study"].tolist() == ["", ""]
    assert table["note"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"value": "high"}, "'value' holds 'high'"), ({"headline": "maybe"}, "'headline' holds 'maybe'")],
)
def test_scores_with_wrong_values(tmp_path, change, words):
    path = tmp_path / "s.tsv"
    scores(change).to_csv(path, sep="\t", index=False)
    with pytest.raises(InputError, match=words):
        read_scores(path)


def test_scores_without_a_column(tmp_path):
    path = tmp_path / "s.tsv"
    scores({}).drop(columns=["ci_low", "n"]).to_csv(path, sep="\t", index=False)
    with pytest.raises(InputError, match=r"no column 'ci_low', 'n'.*clrna-score"):
        read_scores(path)


def test_scores_are_found_in_a_file_that_holds_them(tmp_path):
    adata = AnnData(np.zeros((1, 1)))
    assert scores_in(adata, tmp_path) is None
    adata.uns["clrna"] = {"scores": scores({}, {"embedding": "X_pca", "ci_low": float("nan")})}
    table = scores_in(adata, tmp_path)
    assert table["embedding"].tolist() == ["X_clrna", "X_pca"]
    assert table["headline"].dtype == bool and np.isnan(table["ci_low"][1])
    adata.uns["clrna"] = {"scores": pd.DataFrame({"value": [1.0]})}
    with pytest.raises(InputError, match="no column embedding"):
        scores_in(adata, tmp_path)


def test_the_headline_is_over_all_studies_in_reading_order():
    table = scores({"embedding": "X_pca"}, {"embedding": "X_combat"}, {}, {"study": "TCGA"}, {"headline": False})
    assert headline(table)["embedding"].tolist() == ["X_clrna", "X_combat", "X_pca"]


def test_comparison_takes_the_most_telling_split_that_has_a_value():
    nothing = {"metric": "ilisi", "headline": False, "split": "unseen", "value": float("nan")}
    table = scores(nothing, {**nothing, "split": "all", "value": 0.4}, {**nothing, "split": "train", "value": 0.9}, {})
    chosen = comparison(table)
    assert chosen["metric"].tolist() == ["transfer_f1", "ilisi"]
    assert chosen["split"].tolist() == ["unseen", "all"]


TEST_DATA = Path(__file__).resolve().parents[2] / "tools" / "clrna" / "test-data"


@pytest.mark.parametrize(
    ("name", "read", "column"),
    [
        *(("matches.tsv", read_match_tables, column) for column in ("sample", "rank", "match", "similarity")),
        *(("genes.tsv", read_gene_tables, column) for column in ("label", "against", "rank", "gene", "contribution")),
    ],
)
def test_cells_that_no_row_lacks(tmp_path, name, read, column):
    table = pd.read_csv(TEST_DATA / name, sep="\t", dtype=str, keep_default_na=False)
    table.loc[2, column] = ""
    table.to_csv(tmp_path / name, sep="\t", index=False)
    with pytest.raises(InputError, match=rf"{name}: column '{column}' is empty in row 3 of \d+; it should come from"):
        read([tmp_path / name])
    read([TEST_DATA / name])
